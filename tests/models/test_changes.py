"""What was read and then changed inside is written; everything around it stays as it was read, unknown fields too."""

# Members are given what their annotations do not allow, as careless callers do.
# mypy: disable-error-code="dict-item"

from __future__ import annotations

import copy
import pickle
from collections import UserDict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from flyteidl.admin import agent_pb2
from flyteidl.core import (
    artifact_id_pb2,
    compiler_pb2,
    interface_pb2,
    literals_pb2,
    security_pb2,
    tasks_pb2,
    types_pb2,
    workflow_pb2,
)
from google.protobuf import json_format, struct_pb2, timestamp_pb2
from lossless import read_all, wire

from flytekit.models.admin.agent import Resource
from flytekit.models.core.compiler import CompiledWorkflowClosure
from flytekit.models.core.errors import ContainerError
from flytekit.models.core.workflow import ArrayNode, Node
from flytekit.models.interface import Parameter
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar
from flytekit.models.node_execution import NodeExecution
from flytekit.models.security import OAuth2Client
from flytekit.models.task import DataLoadingConfig, TaskMetadata, TaskTemplate
from flytekit.models.types import LiteralType
from flytekit_models.errors import OneofConflict
from flytekit_models.model import Model

_UNKNOWN = b"\x92\xe4\x08\x01x"  # A field of bytes with a number that no message has.


def _number(value: int, unknown: bytes = b"") -> literals_pb2.Literal:
    literal = literals_pb2.Literal(scalar=literals_pb2.Scalar(primitive=literals_pb2.Primitive(integer=value)))
    literal.scalar.primitive.MergeFromString(unknown)
    return literal


def _numbers() -> literals_pb2.LiteralMap:
    """A map in a list in a map, with unknown fields in each leaf."""
    inner = {key: _number(value, _UNKNOWN) for value, key in enumerate("abc")}
    items = [_number(7, _UNKNOWN), literals_pb2.Literal(map=literals_pb2.LiteralMap(literals=inner)), _number(9)]
    collection = literals_pb2.LiteralCollection(literals=items)
    return literals_pb2.LiteralMap(literals={"list": literals_pb2.Literal(collection=collection), "one": _number(1)})


def _node() -> workflow_pb2.Node:
    node = workflow_pb2.Node(id="n", upstream_node_ids=["a", "b"], metadata={"config": {"x": "1", "y": "2"}})
    node.MergeFromString(_UNKNOWN)
    node.metadata.MergeFromString(_UNKNOWN)
    node.inputs.add(var="i").MergeFromString(_UNKNOWN)
    node.inputs.add(var="j")
    return node


def _task() -> tasks_pb2.TaskTemplate:
    task = tasks_pb2.TaskTemplate(type="t", custom={"n": 1.0, "inside": {"list": ["a", True, None]}})
    task.container.image = "i"
    task.container.env.add(key="A", value="1")
    task.container.env.add(key="B", value="2").MergeFromString(_UNKNOWN)
    task.security_context.run_as.iam_role = "role"
    task.security_context.secrets.add(group="g").MergeFromString(_UNKNOWN)
    return task


_Change = Callable[[Any], Any]


def _literal(value: int) -> Literal:
    return Literal(scalar=Scalar(primitive=Primitive(integer=value)))


def _assign(target: Any, name: str, value: Any) -> None:
    setattr(target, name, value)


def _swap(items: Any) -> None:
    """The first and the last item, in a list of models and in a list of messages alike."""
    if isinstance(items, list):
        items[0], items[-1] = items[-1], items[0]
        return
    kept = [copy.deepcopy(item) for item in items]
    kept[0], kept[-1] = kept[-1], kept[0]
    del items[:]
    items.extend(kept)


CASES: dict[str, tuple[Any, Callable[[], Any], _Change, _Change]] = {
    "a leaf far down": (
        LiteralMap,
        _numbers,
        lambda m: _assign(m.literals["list"].collection.literals[1].map.literals["b"].scalar.primitive, "_integer", 5),
        lambda m: _assign(m.literals["list"].collection.literals[1].map.literals["b"].scalar.primitive, "integer", 5),
    ),
    "an item of a list of models is moved": (
        LiteralMap,
        _numbers,
        lambda m: _swap(m.literals["list"].collection.literals),
        lambda m: _swap(m.literals["list"].collection.literals),
    ),
    "an item is appended": (
        LiteralMap,
        _numbers,
        lambda m: m.literals["list"].collection.literals.append(_literal(3)),
        lambda m: m.literals["list"].collection.literals.append(_number(3)),
    ),
    "an item is removed": (
        LiteralMap,
        _numbers,
        lambda m: m.literals["list"].collection.literals.pop(0),
        lambda m: m.literals["list"].collection.literals.pop(0),
    ),
    "an item is replaced": (
        LiteralMap,
        _numbers,
        lambda m: m.literals["list"].collection.literals.__setitem__(0, _literal(3)),
        lambda m: m.literals["list"].collection.literals[0].CopyFrom(_number(3)),
    ),
    "an item is replaced by a copy": (
        LiteralMap,
        _numbers,
        lambda m: m.literals.__setitem__("list", copy.deepcopy(m.literals["list"])),
        lambda m: None,
    ),
    "an entry is added": (
        LiteralMap,
        _numbers,
        lambda m: m.literals.__setitem__("new", _literal(3)),
        lambda m: m.literals["new"].CopyFrom(_number(3)),
    ),
    "an entry is renamed": (
        LiteralMap,
        _numbers,
        lambda m: m.literals.__setitem__("two", m.literals.pop("one")),
        lambda m: (m.literals["two"].CopyFrom(m.literals["one"]), m.literals.pop("one")),
    ),
    "a plain list": (
        Node,
        _node,
        lambda m: m.upstream_node_ids.reverse(),
        lambda m: m.upstream_node_ids.reverse(),
    ),
    "a plain map": (
        Node,
        _node,
        lambda m: m.metadata.config.update(x="3"),
        lambda m: m.metadata.config.update(x="3"),
    ),
    "a model in a list": (
        Node,
        _node,
        lambda m: _assign(m.inputs[1], "_var", "k"),
        lambda m: _assign(m.inputs[1], "var", "k"),
    ),
    "a value in a Struct": (
        TaskTemplate,
        _task,
        lambda m: m.custom["inside"]["list"].__setitem__(1, 1),
        lambda m: m.custom["inside"].update({"list": ["a", 1, None]}),
    ),
    "a variable of the environment": (
        TaskTemplate,
        _task,
        lambda m: m.container.env.update(A="3"),
        # All the pairs are written anew.
        lambda m: (_assign(m.container.env[0], "value", "3"), m.container.env[1].DiscardUnknownFields()),
    ),
    "an attribute of a dataclass": (
        TaskTemplate,
        _task,
        lambda m: _assign(m.security_context.run_as, "iam_role", "other"),
        lambda m: _assign(m.security_context.run_as, "iam_role", "other"),
    ),
}  # fmt: skip


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[Any, Any, Any]:
    """A model that was changed after all of it was read, what it was read from, and what it is to be written as."""
    kind, build, change, change_message = request.param
    original, expected = build(), build()
    model = kind.from_flyte_idl(original)
    read_all(model)
    change(model)
    change_message(expected)
    return model, original, expected


def test_what_changed_is_written(case: tuple[Any, Any, Any]) -> None:
    model, _, expected = case
    assert wire(model.to_flyte_idl()) == wire(expected)


def test_it_is_equal_to_what_it_is_written_as(case: tuple[Any, Any, Any]) -> None:
    model, original, expected = case
    assert model == type(model).from_flyte_idl(expected)
    assert hash(model) == hash(type(model).from_flyte_idl(expected))
    assert (model == type(model).from_flyte_idl(original)) is (original == expected)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_are_changed_too(case: tuple[Any, Any, Any], duplicate: Callable[[Any], Any]) -> None:
    model, _, expected = case
    assert wire(duplicate(model).to_flyte_idl()) == wire(expected)


def test_a_key_of_another_type_is_an_error_when_written() -> None:
    model = LiteralMap.from_flyte_idl(_numbers())
    model.literals[1] = model.literals.pop("one")
    with pytest.raises(TypeError, match=r"LiteralMap\.literals"):
        model.to_flyte_idl()


def test_two_models_may_swap_their_parts() -> None:
    one, other = (
        LiteralCollection.from_flyte_idl(literals_pb2.LiteralCollection(literals=[_number(n)])) for n in (1, 2)
    )
    one.literals[0], other.literals[0] = other.literals[0], one.literals[0]
    assert (one.literals[0].scalar.primitive.integer, other.literals[0].scalar.primitive.integer) == (2, 1)
    assert [each.to_flyte_idl().literals[0].scalar.primitive.integer for each in (one, other)] == [2, 1]


_UNSET: list[tuple[Any, Any, Callable[[Any], Any], Any]] = [
    # What is unset already is said again: what holds it stays absent.
    (
        CompiledWorkflowClosure,
        compiler_pb2.CompiledWorkflowClosure(),
        lambda model: setattr(model.primary, "_template", None),
        compiler_pb2.CompiledWorkflowClosure(),
    ),
    (
        TaskTemplate,
        tasks_pb2.TaskTemplate(),
        lambda model: setattr(model.id, "_name", b""),
        tasks_pb2.TaskTemplate(),
    ),
    (TaskTemplate, tasks_pb2.TaskTemplate(), lambda model: setattr(model, "_custom", None), tasks_pb2.TaskTemplate()),
    # An empty Struct is written as none here, and None says no less.
    (
        TaskTemplate,
        tasks_pb2.TaskTemplate(custom={}),
        lambda model: setattr(model, "_custom", None),
        tasks_pb2.TaskTemplate(custom={}),
    ),
    # Here it is written, and None unsets it.
    (Resource, agent_pb2.Resource(custom_info={}), lambda model: setattr(model, "_custom_info", None), Resource()),
    (Primitive, literals_pb2.Primitive(integer=0), lambda model: setattr(model, "_integer", None), Primitive()),
    (
        TaskMetadata,
        tasks_pb2.TaskMetadata(generates_deck={"value": False}),
        lambda model: setattr(model, "_generates_deck", None),
        tasks_pb2.TaskMetadata(),
    ),
]


@pytest.mark.parametrize(("model_class", "message", "change", "expected"), _UNSET)
def test_what_says_that_a_member_is_unset(
    model_class: Any, message: Any, change: Callable[[Any], Any], expected: Any
) -> None:
    expected = expected.to_flyte_idl() if isinstance(expected, Model) else expected
    model = model_class.from_flyte_idl(message)
    change(model)
    assert model.to_flyte_idl() == expected == type(message).FromString(model.to_bytes())


@pytest.mark.parametrize(
    ("model_class", "message", "member", "value", "expected"),
    [
        (ArrayNode, workflow_pb2.ArrayNode(min_success_ratio=0.5), "min_successes", 5, {"min_success_ratio": 0.5}),
        (ArrayNode, workflow_pb2.ArrayNode(min_successes=5), "min_success_ratio", 0.5, {"min_success_ratio": 0.5}),
        (Parameter, interface_pb2.Parameter(artifact_id={}), "required", True, {"artifact_id": {}}),
        (Parameter, interface_pb2.Parameter(required=True), "artifact_id", artifact_id_pb2.ArtifactID(), None),
    ],
)
def test_an_arm_gives_way_whichever_was_read(
    model_class: Any, message: Any, member: str, value: Any, expected: Any
) -> None:
    model = model_class.from_flyte_idl(message)
    setattr(model, f"_{member}", value)
    wanted = type(message)(**(expected or {member: value}))
    assert model.to_flyte_idl() == wanted == type(message).FromString(model.to_bytes())


def test_arms_that_do_not_give_way_conflict() -> None:
    model = Primitive.from_flyte_idl(literals_pb2.Primitive(integer=1))
    model._boolean = False
    for write in (model.to_flyte_idl, model.to_bytes):
        with pytest.raises(OneofConflict, match="got integer and boolean"):
            write()


def test_a_wrong_value_in_a_copied_part_is_still_wrong() -> None:
    model = DataLoadingConfig.from_flyte_idl(tasks_pb2.DataLoadingConfig(enabled=True, io_strategy={}))
    model.io_strategy._upload_mode = "x"  # type: ignore[assignment]
    model.io_strategy._download_mode = False
    for one in (model, copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        with pytest.raises(TypeError, match=r"io_strategy\.download_mode: expected int of the enum"):
            one.to_bytes()
        one.io_strategy._upload_mode = 0
        with pytest.raises(TypeError, match=r"io_strategy\.download_mode: expected int of the enum"):
            one.to_bytes()


@pytest.mark.parametrize(
    ("cls", "member", "value", "expected"),
    [
        (OAuth2Client, "client_secret", "", b""),
        (OAuth2Client, "client_secret", security_pb2.Secret(), b""),
        (OAuth2Client, "client_secret", "k", b"\x12\x03\x1a\x01k"),
        (NodeExecution, "metadata", {}, b""),
        (NodeExecution, "metadata", {"retry_group": "r"}, b'"\x03\n\x01r'),
        (ContainerError, "timestamp", {}, b""),
    ],
)
def test_what_is_written_as_what_was_absent_stays_absent(cls: Any, member: str, value: Any, expected: bytes) -> None:
    model = cls.from_bytes(b"")
    setattr(model, model._fm_slots[member] if model._fm_eager else f"_{member}", value)
    assert model.to_bytes() == expected == model.to_flyte_idl().SerializeToString()


def test_a_time_that_says_what_was_read_keeps_its_nanoseconds() -> None:
    message = literals_pb2.Primitive(datetime=timestamp_pb2.Timestamp(seconds=5, nanos=1001))
    for again, nanos in ((timestamp_pb2.Timestamp(seconds=5, nanos=1000), 1001), (timestamp_pb2.Timestamp(), 0)):
        model: Any = Primitive.from_flyte_idl(message)
        model._datetime = again
        assert model.to_flyte_idl().datetime.nanos == nanos
        assert literals_pb2.Primitive.FromString(model.to_bytes()) == model.to_flyte_idl()


@pytest.mark.parametrize(
    ("read", "given", "shown"),
    [
        ({"a": 1}, {"a": True}, True),
        ({"a": True}, {"a": 1}, 1.0),
        ({"a": -0.0}, {"a": 0}, 0.0),
        ({"a": [1, 2]}, UserDict(a=[True, 2]), [True, 2.0]),
        ({"a": {"b": False}}, {"a": MappingProxyType({"b": 0})}, {"b": 0.0}),
        ({"a": 1}, {"a": 1}, 1.0),
    ],
)
def test_json_that_is_equal_may_say_another_thing(read: Any, given: Any, shown: Any) -> None:
    struct = struct_pb2.Struct()
    struct.update(read)
    scalar = Scalar.from_flyte_idl(literals_pb2.Scalar(generic=struct))
    literal_type = LiteralType.from_flyte_idl(types_pb2.LiteralType(metadata=struct))
    for model, member in ((scalar, "generic"), (literal_type, "metadata")):
        changed = model.replace(**{member: given})
        written = getattr(changed.to_flyte_idl(), member)
        assert repr(json_format.MessageToDict(written)["a"]) == repr(shown)
        assert changed.to_bytes() == changed.to_flyte_idl().SerializeToString(deterministic=True)


@pytest.mark.parametrize("value", [Decimal(1), Fraction(1), 1 + 0j])
def test_what_no_json_holds_is_refused_even_if_it_is_equal(value: Any) -> None:
    model = LiteralType.from_flyte_idl(types_pb2.LiteralType(metadata={"a": 1}))
    assert model.metadata == {"a": 1}
    model.metadata["a"] = value
    with pytest.raises(TypeError, match=r"LiteralType\.metadata\['a'\]: expected a JSON value"):
        model.to_bytes()
