"""Copies: equal models of equal bytes and the same classes, with what users put on them, in every state."""

# mypy: disable-error-code="attr-defined, no-untyped-call, no-untyped-def, arg-type, assignment"

from __future__ import annotations

import copy
import copyreg
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import cloudpickle  # type: ignore[import-untyped]
import pytest
from flyteidl.admin import node_execution_pb2
from flyteidl.core import interface_pb2, literals_pb2, tasks_pb2

from flytekit.models.core.identifier import Identifier, ResourceType
from flytekit.models.interface import TypedInterface, Variable
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap
from flytekit.models.node_execution import NodeExecutionClosure
from flytekit.models.security import Secret
from flytekit.models.task import TaskTemplate
from flytekit.models.types import LiteralType
from flytekit_models.entity import hash_of_message
from flytekit_models.model import message_class
from tests.support.every_model import each_model

_UNKNOWN = b"\x92\xe4\x08\x01x"  # A field of bytes with a number that no message has.


def pickled(protocol: int) -> Callable[[Any], Any]:
    return lambda model: pickle.loads(pickle.dumps(model, protocol))


DEEP: dict[str, Callable[[Any], Any]] = {
    "deepcopy": copy.deepcopy,
    "cloudpickle": lambda model: pickle.loads(cloudpickle.dumps(model)),
    **{f"pickle {protocol}": pickled(protocol) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)},
}
WAYS: dict[str, Callable[[Any], Any]] = {"copy": copy.copy, **DEEP}
each_way = pytest.mark.parametrize("way", list(WAYS.values()), ids=list(WAYS))
each_deep_way = pytest.mark.parametrize("way", list(DEEP.values()), ids=list(DEEP))

STATES = ["built", "unread", "read", "changed"]


def in_state(model: Any, state: str) -> Any:
    if state == "built":
        return model
    again = type(model).from_flyte_idl(model.to_flyte_idl())
    if state != "unread":
        for member in type(model)._fm_slots:
            getattr(again, f"_{member}", None)
    return again


def wire(model: Any) -> bytes:
    written: bytes = model.to_flyte_idl().SerializeToString(deterministic=True)
    return written


@each_model(with_carriers=False)
@each_way
def test_every_model_in_every_state(model_class: Any, way: Callable[[Any], Any]) -> None:
    message = message_class(model_class)()
    message.MergeFromString(_UNKNOWN)
    for touched in (False, True):
        model = model_class.from_flyte_idl(message)
        if touched:
            for member in model_class._fm_slots:
                getattr(model, member, None)
        model.note = ["of a user"]
        again = way(model)
        assert type(again) is model_class and again == model and hash(again) == hash(model)
        assert wire(again) == wire(model) == message.SerializeToString()
        assert again.note == ["of a user"] and (again.note is model.note) is (way is copy.copy)


class MyId(Identifier):
    """A class of a user's."""

    def url(self) -> str:
        """Something of its own."""
        return "u"


def template(state: str) -> Any:
    made: Any = in_state(TaskTemplate(MyId(1, "p", "d", "n", "v"), "t", None, None, {"a": [1]}), state)
    if state != "unread":
        made._id = MyId(1, "p", "d", "n", "v")
        made.id.note, made.id._resource_type = "x", ResourceType.TASK
    return made


@pytest.mark.parametrize("state", ["built", "read", "changed"])
@each_deep_way
def test_parts_keep_their_class_and_what_is_on_them(state: str, way: Callable[[Any], Any]) -> None:
    again = way(template(state))
    assert (type(again.id), again.id.note, repr(again.id.resource_type)) == (MyId, "x", "<ResourceType.TASK: 1>")
    assert again == template(state) and wire(again) == wire(template(state))


@pytest.mark.parametrize("state", STATES)
@each_deep_way
def test_what_is_put_on_an_item(state: str, way: Callable[[Any], Any]) -> None:
    model = in_state(LiteralMap({"a": Literal(hash="h")}), state)
    model.literals["a"].python_type = int
    again, item = way([model, model.literals["a"]])
    assert again.literals["a"].python_type is int and item is again.literals["a"]


@pytest.mark.parametrize("state", STATES)
def test_a_shallow_copy_shares_the_parts(state: str) -> None:
    model = in_state(LiteralMap({"a": Literal(hash="h")}), state)
    again = copy.copy(model)
    assert again.literals is model.literals
    model.literals["a"]._hash = "new"
    assert again.literals["a"].hash == "new" == again.to_flyte_idl().literals["a"].hash


class Locked(Identifier):
    """It leaves a lock out."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.lock, self.kept = threading.Lock(), "k"

    def __getstate__(self):
        return {name: value for name, value in self.__dict__.items() if name != "lock"}


class Reduced(Identifier):
    """It says how it is made."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.lock, self.kept = threading.Lock(), "k"

    def __reduce__(self):
        return Reduced, (1, "p", "d", "n", "v")


class Slotted(Identifier):
    """It has slots."""

    __slots__ = ("__mine", "kept")

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.kept = self.__mine = "k"


class Args(Identifier):
    """Its `__new__` takes something."""

    def __new__(cls, project):
        return super().__new__(cls)

    def __init__(self, project) -> None:
        super().__init__(1, project, "d", "n", "v")
        self.kept = "k"

    def __getnewargs__(self):
        return (self.project,)


class Keywords(Identifier):
    """Its `__new__` takes a keyword."""

    def __new__(cls, *, project):
        return super().__new__(cls)

    def __init__(self, *, project) -> None:
        super().__init__(1, project, "d", "n", "v")
        self.kept = "k"

    def __getnewargs_ex__(self):
        return (), {"project": self.project}


class Restored(Identifier):
    """It takes its state itself."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.lock = threading.Lock()

    def __getstate__(self):
        return {"word": "k"}

    def __setstate__(self, state) -> None:
        self.kept = state["word"]


class Registered(Identifier):
    """`copyreg` knows how it is reduced."""

    def __init__(self, *args) -> None:
        super().__init__(*args)
        self.lock, self.kept = threading.Lock(), "k"


copyreg.pickle(Registered, lambda model: (Registered, (1, "p", "d", "n", "v")))

HOOKED: list[Any] = [Locked, Reduced, Slotted, Restored, Registered]


@pytest.mark.parametrize("cls", [*HOOKED, Args, Keywords])
@each_way
def test_the_hooks_of_a_subclass_are_honoured(cls: Any, way: Callable[[Any], Any]) -> None:
    made = cls(1, "p", "d", "n", "v") if cls in HOOKED else cls(project="p")
    again = way(made)
    assert type(again) is cls and again == made and again.kept == "k"
    assert cls is not Locked or not hasattr(again, "lock")


def test_what_is_unknown_beside_a_flattened_map_is_kept() -> None:
    message = interface_pb2.TypedInterface()
    message.inputs.variables["a"].description = "d"
    message.inputs.MergeFromString(_UNKNOWN)
    model = TypedInterface.from_flyte_idl(message)
    model.inputs["a"]._description = "e"
    for way in WAYS.values():
        assert way(model) == model and wire(way(model)) == wire(model)
    assert _UNKNOWN in wire(model)


FLATTENED: dict[str, tuple[Callable[[Any], Any], list[str]]] = {
    "nothing": (lambda model: None, ["a:d", "b:"]),
    "an item": (lambda model: setattr(model.inputs["a"], "_description", "e"), ["a:e", "b:"]),
    "one more": (lambda model: model.inputs.update(c=Variable(LiteralType(simple=1), "f")), ["a:d", "b:", "c:f"]),
    "one less": (lambda model: model.inputs.pop("b"), ["a:d"]),
    "another dict": (lambda model: setattr(model, "_inputs", {"n": model.inputs["a"]}), ["n:d"]),
    "the same in another dict": (lambda model: setattr(model, "_inputs", dict(model.inputs)), ["a:d", "b:"]),
    "emptied": (lambda model: model.inputs.clear(), []),
    "another member": (lambda model: setattr(model, "_outputs", {}), ["a:d", "b:"]),
}


@pytest.mark.parametrize("change", list(FLATTENED))
@each_way
def test_what_is_unknown_beside_a_flattened_map_survives(change: str, way: Callable[[Any], Any]) -> None:
    message = interface_pb2.TypedInterface()
    message.inputs.variables["a"].description = "d"
    message.inputs.variables["b"].type.simple = 1
    # Beside it an entry that has an unknown field, which makes it one as a whole; and a key that comes twice.
    odd = b"\x0a\x07\x0a\x01o\x12\x00\x18\x01"
    data = b"\x0a" + bytes([len(odd) + len(_UNKNOWN)]) + odd + _UNKNOWN + message.SerializeToString()
    model, (do, left) = TypedInterface.from_bytes(data + message.SerializeToString()), FLATTENED[change]
    do(model)
    for one in (model, way(model), way(way(model))):
        written = interface_pb2.TypedInterface.FromString(one.to_bytes())
        assert one == model and hash(one) == hash(model) and written == one.to_flyte_idl()
        assert sorted(f"{key}:{each.description}" for key, each in written.inputs.variables.items()) == left
        assert odd in one.to_bytes() and _UNKNOWN in one.to_bytes()
    model._inputs = None
    assert not model.to_flyte_idl().HasField("inputs") and _UNKNOWN not in model.to_bytes()


def nested(depth: int) -> LiteralType:
    model = LiteralType(simple=1)
    for _ in range(depth):
        model = LiteralType(collection_type=model)
    return model


@pytest.mark.parametrize("state", ["built", "unread", "read"])
@each_way
def test_what_is_nested_deeper_than_protobuf_reads(state: str, way: Callable[[Any], Any]) -> None:
    model = in_state(nested(120), state)
    again = way(model)
    assert again == model and again.to_flyte_idl() == model.to_flyte_idl()


def test_deep_maps_lists_and_unknown_fields_stay() -> None:
    message = literals_pb2.Literal(hash="in")
    message.MergeFromString(_UNKNOWN)
    for _ in range(40):
        outer = literals_pb2.Literal(hash="out", metadata={"a": "b"})
        outer.map.literals["k"].CopyFrom(message)
        outer.map.literals["other"].collection.literals.add(hash="x")
        outer.MergeFromString(_UNKNOWN)
        message = outer
    read = Literal.from_flyte_idl(message)
    assert read.to_flyte_idl() == message and read == copy.deepcopy(read)
    assert read.map.literals["k"].map.literals["k"].to_flyte_idl().hash == "out"
    assert read.to_flyte_idl() == message and wire(read) == message.SerializeToString(deterministic=True)


def test_what_was_read_at_any_depth_is_written() -> None:
    message = nested(240).to_flyte_idl()
    model = LiteralType.from_flyte_idl(message)
    at = model
    while at.collection_type is not None:
        at = at.collection_type
    assert model.to_flyte_idl() == message
    at._simple = 2
    assert model.to_flyte_idl() != message


def test_dataclass_models() -> None:
    for way in WAYS.values():
        read = Secret.from_flyte_idl(Secret("g", "k").to_flyte_idl())
        read.note = "x"
        assert (way(read), way(read).note) == (read, "x")


def test_none_for_what_is_unset_changes_nothing() -> None:
    model = TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate(type="t"))
    model.id._project = None
    assert not model.to_flyte_idl().HasField("id")
    assert model == TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate(type="t"))


class Overriding(Literal):
    """It goes the pure way."""

    @property
    def hash(self) -> Any:
        """As ever."""
        return super().hash


UNKNOWN = {
    "two numbers": (b"\x82\xe5\x08\x01a", b"\x8a\xe5\x08\x01b"),
    "two wire types of one number": (b"\x80\xe5\x08\x05", b"\x82\xe5\x08\x01a"),
    "a group": (b"\x83\xe5\x08\x08\x01\x10\x01\x84\xe5\x08", b"\x80\xe5\x08\x05"),
    "a long varint": (b"\x80\xe5\x08\x85\x00", b"\x8a\xe5\x08\x01b"),
}


@pytest.mark.parametrize("fields", list(UNKNOWN.values()), ids=list(UNKNOWN))
@pytest.mark.parametrize("inside", [False, True])
def test_unknown_fields_in_any_order(fields: tuple[bytes, bytes], inside: bool) -> None:
    models = []
    for data in (fields[0] + fields[1], fields[1] + fields[0]):
        whole = b"\x0a" + bytes([len(data)]) + data + b"\x22\x01h" if inside else data
        message = literals_pb2.Literal.FromString(whole)
        read = Literal.from_bytes(whole)
        assert (read.hash, read.scalar is not None) == ("h" if inside else None, inside)
        models += [Literal.from_bytes(whole), Literal.from_flyte_idl(message), read, copy.deepcopy(read)]
        models += [Overriding.from_bytes(whole), Overriding.from_flyte_idl(message)]
        assert hash(read) == hash_of_message(message)
    assert all(one == models[0] and hash(one) == hash(models[0]) for one in models)
    assert models[0] != Literal.from_bytes(fields[0] + fields[1] + fields[1])


def test_unknown_fields_of_one_number_are_written_as_they_came() -> None:
    one, other = UNKNOWN["two wire types of one number"]
    for data in (one + other, other + one, other + one + other):
        read = Literal.from_bytes(data)
        assert read.to_bytes() == data and read.hash is None and read.to_bytes() == data


def test_a_copy_asks_nobody_how_it_is_written() -> None:
    class Refusing(Literal):
        def to_flyte_idl(self) -> Any:
            raise KeyError("not now")

    model = Refusing.from_bytes(b"")
    assert model.hash is None
    holder = LiteralCollection.from_bytes(LiteralCollection([Literal(hash="h")]).to_bytes())
    holder.literals[0] = model
    for one in (copy.copy(model), copy.deepcopy(model)):
        assert type(one) is Refusing and one.hash is None
    for other in (copy.copy(holder), copy.deepcopy(holder)):
        assert type(other.literals[0]) is Refusing
        with pytest.raises(KeyError, match="not now"):
            other.to_bytes()


_OTHER_PATH = """
import pickle, sys
model = pickle.loads(bytes.fromhex(sys.argv[1]))
model._deck_uri = "d"
print(model.to_flyte_idl().created_at.nanos, model.to_bytes().hex())
"""


@pytest.mark.parametrize("switch", ["0", "1"])
def test_a_copy_of_what_cannot_be_written_keeps_what_it_does_not_show(switch: str) -> None:
    message = node_execution_pb2.NodeExecutionClosure(deck_uri="d", created_at={"seconds": 1, "nanos": 123456789})
    message.created_at.MergeFromString(_UNKNOWN)
    model = NodeExecutionClosure.from_flyte_idl(message)
    assert model.deck_uri == "d"
    model._deck_uri = 5
    command = [sys.executable, "-c", _OTHER_PATH, pickle.dumps(model).hex()]
    environment = {**os.environ, "FLYTEKIT_MODELS_CORE": switch}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.split() == ["123456789", message.SerializeToString(deterministic=True).hex()]
