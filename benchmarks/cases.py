"""The cases: what is done with a subject, as functions of no arguments that are called over and over."""

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


def protobuf_cases(subject: Subject, n: int) -> dict[str, Case]:
    """What protobuf itself takes: the physical limit that the others are compared with."""
    kind = find("flyteidl", subject.message)
    message, other = subject.build_by_hand(n), subject.build_by_hand(n)
    wire = message.SerializeToString()

    def copy() -> Any:
        copied = kind()
        copied.CopyFrom(message)
        return copied

    def copy_twice() -> Any:
        again = kind()
        again.CopyFrom(copy())
        return again

    dumped = pickle.dumps(message, 5)
    leaf = way(subject.leaf)
    walk = message_reader(message.DESCRIPTOR)
    return {
        "build": lambda: subject.build_by_hand(n),
        "build and write": lambda: subject.build_by_hand(n),
        "write": lambda: subject.build_by_hand(n),
        "from message": copy,
        "round trip": copy_twice,
        "read a leaf": lambda: leaf(copy()),
        "read everything": lambda: walk(copy()),
        "from bytes": lambda: kind.FromString(wire),
        "to bytes": message.SerializeToString,
        "leaf from bytes": lambda: leaf(kind.FromString(wire)),
        "==": lambda: message == other,
        "hash": lambda: hash(message.SerializeToString(deterministic=True)),
        "== built": lambda: subject.build_by_hand(n) == subject.build_by_hand(n),
        "hash built": lambda: hash(subject.build_by_hand(n).SerializeToString(deterministic=True)),
        "pickle": lambda: pickle.dumps(message, 5),
        "unpickle": lambda: pickle.loads(dumped),
        "short_string": lambda: str(message),
    }


def model_cases(subject: Subject, n: int, members: dict[str, list[str]]) -> dict[str, Case]:
    """What models take, ours and the hand-written alike."""
    kind = find_model(subject)
    message_kind = find("flyteidl", subject.message)
    message = subject.build_by_hand(n)
    if subject.build(n).to_flyte_idl() != message:
        raise SystemExit(f"{subject.model}: the two builders make different messages")
    wire = message.SerializeToString()
    built, same = subject.build(n), subject.build(n)
    unread, unread_too = kind.from_flyte_idl(message), kind.from_flyte_idl(message)
    read, read_too = kind.from_flyte_idl(message), kind.from_flyte_idl(message)
    walk = reader(read, members)
    walk(read)
    walk(read_too)
    leaf = way(subject.leaf)
    holder, last = way(subject.leaf[:-1]), str(subject.leaf[-1]).replace(".", "_")
    dumped: list[bytes] = []

    def unpickle() -> Any:
        if not dumped:
            dumped.append(pickle.dumps(unread, 5))
        return pickle.loads(dumped[0])

    def change() -> Any:
        model = kind.from_flyte_idl(message)
        changed = holder(model)
        old = getattr(changed, last)
        setattr(changed, last, old + type(old)(1))
        return model.to_flyte_idl()

    return {
        "build": lambda: subject.build(n),
        "build and write": lambda: subject.build(n).to_flyte_idl(),
        "write": built.to_flyte_idl,
        "from message": lambda: kind.from_flyte_idl(message),
        "round trip": lambda: kind.from_flyte_idl(message).to_flyte_idl(),
        "read a leaf": lambda: leaf(kind.from_flyte_idl(message)),
        "read everything": lambda: walk(kind.from_flyte_idl(message)),
        "read again": lambda: walk(read),
        "change a leaf and write": change,
        "write untouched": unread.to_flyte_idl,
        "write read": read.to_flyte_idl,
        "from bytes": lambda: kind.from_flyte_idl(message_kind.FromString(wire)),
        "to bytes": lambda: unread.to_flyte_idl().SerializeToString(),
        "leaf from bytes": lambda: leaf(kind.from_flyte_idl(message_kind.FromString(wire))),
        "==": lambda: unread == unread_too,
        "hash": lambda: hash(unread),
        "== built": lambda: built == same,
        "hash built": lambda: hash(built),
        "== read": lambda: read == read_too,
        "hash read": lambda: hash(read),
        "pickle": lambda: pickle.dumps(unread, 5),
        "unpickle": unpickle,
        "short_string": unread.short_string,
    }


def way(steps: tuple[str | int, ...]) -> Callable[[Any], Any]:
    """A function that goes the *steps* from a model: attributes (with a dot) and keys of containers."""

    def go(value: Any) -> Any:
        for step in steps:
            value = getattr(value, step[1:]) if isinstance(step, str) and step.startswith(".") else value[step]
        return value

    return go
