"""Errors cost what there is to look through once, at any size and nesting, and their text is short."""

# mypy: disable-error-code="arg-type, dict-item, list-item"

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from flyteidl.core import literals_pb2

from flytekit.models.common import Labels
from flytekit.models.core.workflow import Node, WorkflowTemplate
from flytekit.models.interface import TypedInterface, Variable
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar
from flytekit.models.task import Container, TaskTemplate
from flytekit.models.types import LiteralType


class Mine(Literal):
    """A literal that is written by its own method."""

    def to_flyte_idl(self) -> Any:
        """As the literal is."""
        return super().to_flyte_idl()


def literal(value: Any) -> Literal:
    return Literal(scalar=Scalar(primitive=Primitive(integer=value)))


def mine(depth: int) -> Literal:
    model: Literal = Mine(hash=5)
    for _ in range(depth):
        model = Mine(collection=LiteralCollection([model]))
    return model


def nested(depth: int) -> Literal:
    model = Literal(hash=5)
    for _ in range(depth):
        model = Literal(collection=LiteralCollection([Literal(hash="h"), model]))
    return model


def read(size: int) -> LiteralMap:
    message = literals_pb2.LiteralMap(literals={f"k{i}": literals_pb2.Literal(hash="h") for i in range(size)})
    model = LiteralMap.from_flyte_idl(message)
    for one in model.literals.values():
        assert one.hash
    list(model.literals.values())[-1]._hash = 5
    return model


def json_list(depth: int) -> LiteralType:
    value: Any = {1}
    for _ in range(depth):
        value = [value]
    return LiteralType(metadata={"a": value})


WIDE: dict[str, Callable[[int], Any]] = {
    "labels": lambda n: Labels({**{f"k{i}": f"v{i}" for i in range(n)}, "last": 5}),
    "a key of labels": lambda n: Labels({**{f"k{i}": f"v{i}" for i in range(n)}, 5: "v"}),
    "surrogate": lambda n: Labels({**{f"k{i}": f"v{i}" for i in range(n)}, "last": "\udce9"}),
    "pairs": lambda n: Container("i", [], [], None, {**{f"k{i}": "v" for i in range(n)}, "last": 5}, {}),
    "texts": lambda n: Container("i", [], ["a"] * n + [5], None, {}, {}),
    "json": lambda n: LiteralType(metadata={**{f"k{i}": i for i in range(n)}, "last": {1}}),
    "list in json": lambda n: LiteralType(metadata={"a": [1] * n + [{1}]}),
    "map of models": lambda n: LiteralMap({**{f"k{i}": literal(i) for i in range(n)}, "last": literal("x")}),
    "a key of models": lambda n: LiteralMap({**{f"k{i}": literal(i) for i in range(n)}, 5: literal(1)}),
    "list of models": lambda n: LiteralCollection([literal(i) for i in range(n)] + [literal("x")]),
    "no model": lambda n: LiteralCollection([literal(i) for i in range(n)] + [5]),
    "flattened": lambda n: TypedInterface(
        {**{f"k{i}": Variable(LiteralType(simple=1), "d") for i in range(n)}, "z": 5}, {}
    ),
    "own writers": lambda n: LiteralCollection([Mine(hash="h") for _ in range(n)] + [Mine(hash=5)]),
    "own writers in a map": lambda n: LiteralMap({**{f"k{i}": Mine(hash="h") for i in range(n)}, "last": Mine(hash=5)}),
    "nodes": lambda n: WorkflowTemplate(
        None, None, TypedInterface({}, {}), [Node(f"n{i}", None, [], [], []) for i in range(n)] + [5], [], []
    ),
    "read": read,
}
DEEP: dict[str, Callable[[int], Any]] = {"own writers": mine, "models": nested, "json": json_list}


def calls(model: Any) -> int:
    """How many functions are called, of Python and of C, until writing *model* has failed."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        model.to_flyte_idl()
    except (TypeError, ValueError):
        return counted
    finally:
        sys.setprofile(None)
    raise AssertionError("it was written")


@pytest.mark.parametrize("shape", WIDE)
def test_width_costs_once(shape: str) -> None:
    calls(WIDE[shape](3))
    small, large = calls(WIDE[shape](100)), calls(WIDE[shape](1000))
    assert large <= 10.5 * small + 100


@pytest.mark.parametrize("shape", DEEP)
def test_depth_costs_once(shape: str) -> None:
    calls(DEEP[shape](3))
    small, large = calls(DEEP[shape](5)), calls(DEEP[shape](40))
    assert large <= 9 * small + 100


LONG = "x" * 10_000_000


@pytest.mark.parametrize(
    "model",
    [
        Scalar(primitive=literals_pb2.Literal(hash=LONG)),
        LiteralCollection([literals_pb2.Scalar(primitive={"string_value": LONG})]),
        Scalar(primitive=LONG),
        Literal(hash=[LONG]),
        Labels({LONG: 5}),
        Labels([LONG]),
        LiteralType(metadata={LONG: {1}}),
        LiteralType(metadata={"a": {LONG}}),
        LiteralType(metadata={"a": LONG + "\ud800"}),
        Primitive(integer=10**100_000),
        TaskTemplate(None, "t", None, None, None, extended_resources={LONG: 1}),
        TaskTemplate(None, "t", None, None, None, extended_resources={"gpu_accelerator": LONG}),
        type("M", (Literal,), {"to_flyte_idl": lambda self: literals_pb2.Scalar(primitive={"string_value": LONG})})(),
        nested(400),
    ],
)
def test_the_text_of_an_error_is_short(model: Any) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        (LiteralCollection([model]) if type(model).__name__ == "M" else model).to_flyte_idl()
    assert 20 < len(str(caught.value)) < 2500


def test_the_text_of_what_is_no_message_is_short() -> None:
    for wrong in (literals_pb2.Literal(hash=LONG), LONG, LONG.encode(), {"a": LONG}, [LONG]):
        with pytest.raises(TypeError) as caught:
            Scalar.from_flyte_idl(wrong)
        assert len(str(caught.value)) < 300


def test_equal_values_are_not_taken_for_the_wrong_one() -> None:
    # Small ints are one object wherever they are.
    with pytest.raises(TypeError, match=r"LiteralMap\.literals\['z'\]: expected a model or message of .*got int 5"):
        LiteralMap({**{f"k{i}": literal(i) for i in range(9)}, "z": 5}).to_flyte_idl()


def test_what_is_wrong_in_a_circle_is_looked_for_once() -> None:
    alone, beside = Literal(), Literal()
    alone._map = LiteralMap({"a": alone})
    alone._hash = 5
    beside._collection = LiteralCollection([beside, literal("x")])
    for model in (alone, beside):
        for write in (model.to_bytes, model.to_flyte_idl):
            # Either the circle or the wrong value is met first.
            with pytest.raises((TypeError, RecursionError)):
                write()


def test_json_that_holds_itself_is_looked_at_once() -> None:
    items: list[Any] = []
    items.append(items)
    entries: dict[str, Any] = {}
    entries["a"] = entries
    for model in (Scalar(generic=items), LiteralType(metadata=entries), LiteralType(metadata=entries, annotation=5)):
        for write in (model.to_bytes, model.to_flyte_idl):
            with pytest.raises((TypeError, RecursionError)):
                write()
