"""The cases: what is done with a subject, as functions of no arguments that are called over and over.

Each is made when its turn comes, with all it needs, so that what other cases need is not in memory meanwhile: the
garbage collector, and protobuf's table of its objects in Python, take longer the more there is.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.reading import message_reader, reader
from benchmarks.subjects import Page, Subject

Case = Callable[[], Any]


def find(root: str, reference: str) -> Any:
    """The class that *reference* (``module:Class``) names below *root*."""
    module, _, name = reference.partition(":")
    return getattr(import_module(f"{root}.{module}"), name)


def find_model(subject: Subject) -> Any:
    """The model class of *subject* in this environment."""
    try:
        return find("flytekit.models", subject.model)
    except AttributeError:
        return Page


def protobuf_cases(subject: Subject, n: int) -> dict[str, Callable[[], Case]]:
    """What protobuf itself takes: the physical limit that the others are compared with."""
    kind = find("flyteidl", subject.message)
    message = subject.build_by_hand(n)
    wire = message.SerializeToString()

    def copy() -> Any:
        copied = kind()
        copied.CopyFrom(message)
        return copied

    def copy_twice() -> Any:
        again = kind()
        again.CopyFrom(copy())
        return again

    def compare() -> Case:
        other = subject.build_by_hand(n)
        return lambda: message == other

    def read_everything() -> Case:
        walk = message_reader(message.DESCRIPTOR)
        return lambda: walk(copy())

    def everything_from_bytes() -> Case:
        walk = message_reader(message.DESCRIPTOR)
        return lambda: walk(kind.FromString(wire))

    def unpickle() -> Case:
        dumped = pickle.dumps(message, 5)
        return lambda: pickle.loads(dumped)

    leaf = way(subject.leaf)
    straight: dict[str, Case] = {
        "build": lambda: subject.build_by_hand(n),
        "build and write": lambda: subject.build_by_hand(n),
        "write": lambda: subject.build_by_hand(n),
        "from message": copy,
        "round trip": copy_twice,
        "read a leaf": lambda: leaf(copy()),
        "from bytes": lambda: kind.FromString(wire),
        "to bytes": message.SerializeToString,
        "to bytes, built": lambda: subject.build_by_hand(n).SerializeToString(),
        "leaf from bytes": lambda: leaf(kind.FromString(wire)),
        "hash": lambda: hash(message.SerializeToString(deterministic=True)),
        "== built": lambda: subject.build_by_hand(n) == subject.build_by_hand(n),
        "hash built": lambda: hash(subject.build_by_hand(n).SerializeToString(deterministic=True)),
        "pickle": lambda: pickle.dumps(message, 5),
        "short_string": lambda: str(message),
    }
    reading = {"read everything": read_everything, "everything from bytes": everything_from_bytes}
    return ready(straight) | reading | {"==": compare, "unpickle": unpickle}


def model_cases(subject: Subject, n: int, members: dict[str, list[str]]) -> dict[str, Callable[[], Case]]:
    """What models take, ours and the hand-written alike."""
    kind = find_model(subject)
    message_kind = find("flyteidl", subject.message)
    message = subject.build_by_hand(n)
    if subject.build(n).to_flyte_idl() != message:
        raise SystemExit(f"{subject.model}: the two builders make different messages")
    wire = message.SerializeToString()
    leaf = way(subject.leaf)
    holder, last = way(subject.leaf[:-1]), str(subject.leaf[-1]).replace(".", "_")

    has_bytes = hasattr(kind, "from_bytes")

    def unread() -> Any:
        return kind.from_flyte_idl(message)

    def from_bytes() -> Any:
        # The hand-written ones have no other way.
        return kind.from_bytes(wire) if has_bytes else kind.from_flyte_idl(message_kind.FromString(wire))

    walk = reader(unread(), members)

    def read() -> Any:
        model = unread()
        walk(model)
        return model

    def built() -> Any:
        return subject.build(n)

    def compare(make: Callable[[], Any]) -> Case:
        one, other = make(), make()
        return lambda: one == other

    def take_hash(make: Callable[[], Any]) -> Case:
        model = make()
        return lambda: hash(model)

    def read_again() -> Case:
        model = read()
        return lambda: walk(model)

    def to_bytes(model: Any) -> Case:
        return model.to_bytes if has_bytes else lambda: model.to_flyte_idl().SerializeToString()

    def dump() -> Case:
        model = unread()
        return lambda: pickle.dumps(model, 5)

    def unpickle() -> Case:
        dumped = pickle.dumps(unread(), 5)
        return lambda: pickle.loads(dumped)

    def change() -> Any:
        model = unread()
        changed = holder(model)
        old = getattr(changed, last)
        setattr(changed, last, old + type(old)(1))
        return model.to_flyte_idl()

    straight: dict[str, Case] = {
        "build": built,
        "build and write": lambda: built().to_flyte_idl(),
        "from message": unread,
        "round trip": lambda: unread().to_flyte_idl(),
        "read a leaf": lambda: leaf(unread()),
        "read everything": lambda: walk(unread()),
        "change a leaf and write": change,
        "from bytes": from_bytes,
        "leaf from bytes": lambda: leaf(from_bytes()),
        "everything from bytes": lambda: walk(from_bytes()),
    }
    return ready(straight) | {
        "write": lambda: built().to_flyte_idl,
        "write untouched": lambda: unread().to_flyte_idl,
        "write read": lambda: read().to_flyte_idl,
        "read again": read_again,
        "to bytes": lambda: to_bytes(unread()),
        "to bytes, built": lambda: to_bytes(built()),
        "==": lambda: compare(unread),
        "== built": lambda: compare(built),
        "== read": lambda: compare(read),
        "hash": lambda: take_hash(unread),
        "hash built": lambda: take_hash(built),
        "hash read": lambda: take_hash(read),
        "pickle": dump,
        "unpickle": unpickle,
        "short_string": lambda: unread().short_string,
    }


def ready(cases: dict[str, Case]) -> dict[str, Callable[[], Case]]:
    """Cases that need nothing."""
    return {name: _giving(case) for name, case in cases.items()}


def _giving(case: Case) -> Callable[[], Case]:
    return lambda: case


def way(steps: tuple[str | int, ...]) -> Callable[[Any], Any]:
    """A function that goes the *steps* from a model: attributes (with a dot) and keys of containers.

    It is compiled, as what reads everything is: what it takes is the models' cost and hardly its own.
    """
    line = "".join(step if isinstance(step, str) and step.startswith(".") else f"[{step!r}]" for step in steps)
    go: Callable[[Any], Any] = eval(f"lambda model: model{line}")
    return go
