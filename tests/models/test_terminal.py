"""Text is safe in a terminal, and costs what it shows."""

from __future__ import annotations

import io
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from flyteidl.core import compiler_pb2
from IPython.lib.pretty import pretty
from rich.console import Console

from flytekit.models.core.compiler import CompiledWorkflowClosure
from flytekit.models.core.identifier import Identifier, NodeExecutionIdentifier, WorkflowExecutionIdentifier
from flytekit.models.documentation import Documentation
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar
from flytekit.models.security import Secret
from flytekit.models.types import LiteralType

EVIL = "\x1b]0;title\x07\x1b[2J\x1b]8;;http://evil\x07click\x1b]8;;\x07\x9b31m\u202e\u2066\u2028\r\x08\x7f"

MODELS: list[Any] = [
    Literal(hash=EVIL),
    Literal(hash=5, metadata={EVIL: EVIL}),  # type: ignore[arg-type]
    Literal(metadata={EVIL: EVIL}),
    LiteralMap({EVIL: Literal(hash=EVIL)}),
    LiteralType(metadata={EVIL: [EVIL]}),
    Identifier(1, EVIL, "d", "n", "v"),
    Identifier(EVIL, "p", "d", EVIL, "v"),  # type: ignore[arg-type]
    WorkflowExecutionIdentifier(EVIL, "d", "n"),
    NodeExecutionIdentifier(EVIL, WorkflowExecutionIdentifier(EVIL, "d", "n")),
    Secret(EVIL),
    Documentation(EVIL),
    type(EVIL, (Literal,), {})(hash=EVIL),
]


def short_string(model: Any) -> str:
    text: str = model.short_string()
    return text


SHOWN: list[Callable[[Any], str]] = [str, repr, short_string, lambda one: one.pretty(), lambda one: one._repr_html_()]


@pytest.mark.parametrize(
    "show", [str, repr, short_string, lambda model: model.pretty(), lambda model: model._repr_html_()]
)
@pytest.mark.parametrize("number", range(len(MODELS)))
def test_nothing_steers_a_terminal(show: Callable[[Any], str], number: int) -> None:
    model = MODELS[number]
    shown = [show(model)]
    if isinstance(getattr(model, "hash", ""), str) and type(model) is not Identifier:
        shown.append(show(type(model).from_flyte_idl(model.to_flyte_idl())))
    for text in shown:
        assert [one for one in text if not one.isprintable() and one != "\n"] == []


def test_errors_steer_no_terminal() -> None:
    for wrong in (Literal(hash=[EVIL]), Literal(metadata={EVIL: 5}), Scalar(primitive=EVIL), Primitive(integer=EVIL)):  # type: ignore[arg-type, dict-item]
        with pytest.raises(TypeError) as caught:
            wrong.to_flyte_idl()
        assert str(caught.value).isprintable()


class _Foreign:
    """A value whose text is as bad as what is in it."""

    def __repr__(self) -> str:
        return EVIL


def test_errors_of_data_operations_steer_no_terminal() -> None:
    wrong: list[Callable[[], Any]] = [
        lambda: Literal.from_dict({EVIL: 1}),
        lambda: Literal.from_dict({"scalar": {EVIL: {}}}),
        lambda: Literal.from_dict({"hash": type(EVIL.replace("\x00", ""), (), {})()}),
        lambda: Literal.from_json(json.dumps({"map": {"literals": {EVIL: {"hash": [EVIL]}}}})),
        lambda: Literal.from_json(json.dumps({EVIL: 1})[:-1]),
        lambda: Literal().replace(**{EVIL: 1}),
        lambda: Literal().replace({f"metadata[{EVIL!r}].x": 1}),
        lambda: Literal().has(EVIL),
        lambda: Literal().which(EVIL),
        lambda: list(Literal().walk(EVIL)),  # type: ignore[call-overload]
    ]
    for ask in wrong:
        with pytest.raises((TypeError, ValueError)) as caught:
            ask()
        assert str(caught.value).isprintable()
        shown = "".join(traceback.format_exception(caught.value))
        assert all(line.isprintable() for line in shown.split("\n"))


def test_foreign_values_steer_no_terminal() -> None:
    held = [_Foreign(), [_Foreign()], {EVIL: _Foreign()}, type(EVIL.replace("\x00", ""), (), {})()]
    for value in held:
        for model in (Documentation(value), Secret("g", value), Literal(value), LiteralType(simple=value)):  # type: ignore[arg-type]
            for show in SHOWN:
                assert all(line.isprintable() for line in show(model).split("\n"))


def test_rich_shows_what_a_member_cannot_hold() -> None:
    for wrong in (LiteralType(blob=EVIL), LiteralType(structured_dataset_type=5), LiteralType(collection_type=5)):  # type: ignore[arg-type]
        console = Console(width=200, file=io.StringIO(), color_system=None)
        console.print(wrong)
        shown = console.file.getvalue()  # type: ignore[attr-defined]
        assert "can't be written: LiteralType." in shown
        assert all(line.isprintable() for line in shown.split("\n"))


def calls(function: Callable[[], Any]) -> int:
    """How many functions are called, of Python and of C, while *function* runs."""
    counted = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return counted


def literal(number: int) -> Literal:
    return Literal(scalar=Scalar(primitive=Primitive(integer=number)))


LARGE: list[Callable[[int], Any]] = [
    lambda n: LiteralCollection([literal(1)] * n),
    lambda n: LiteralMap({f"k{i}": literal(i) for i in range(n)}),
    lambda n: LiteralCollection([Literal(collection=LiteralCollection([literal(1)] * n))] * 3),
    lambda n: Literal(map=LiteralMap({"a": Literal(collection=LiteralCollection([literal(1)] * n))})),
    lambda n: LiteralType(metadata={"a": {f"k{i}": [i] for i in range(n)}}),
    lambda n: Literal(metadata={f"k{i}": "v" for i in range(n)}),
]


@pytest.mark.parametrize("make", LARGE)
@pytest.mark.parametrize("state", ["built", "unread"])
def test_the_text_of_a_large_model_costs_what_it_shows(make: Callable[[int], Any], state: str) -> None:
    def prepared(size: int) -> Any:
        model = make(size)
        str(model)
        return model if state == "built" else type(model).from_flyte_idl(model.to_flyte_idl())

    small, large = prepared(1000), prepared(10_000)
    assert calls(lambda: str(large)) <= 1.2 * calls(lambda: str(small)) + 50


def _read_workflow(nodes: int) -> CompiledWorkflowClosure:
    """A workflow of so many *nodes*, of which every part was read, and one part changed."""
    message = compiler_pb2.CompiledWorkflowClosure()
    for index in range(nodes):
        node = message.primary.template.nodes.add(id=f"n{index}", metadata={"retries": {"retries": 1}})
        node.task_node.reference_id.name = "task"
        for name in "abc":
            node.inputs.add(var=name).binding.promise.node_id = f"n{index - 1}"
    closure = CompiledWorkflowClosure.from_flyte_idl(message)
    for _, inside in closure.walk():
        inside.to_flyte_idl()
    closure.primary.template.nodes[1].inputs[2].binding.promise._var = "changed"
    closure.to_bytes()
    return closure


@pytest.mark.parametrize("view", [str, pretty, lambda one: one._repr_html_(), lambda one: one.__rich__()])
def test_a_view_of_a_large_model_that_was_read_costs_what_it_shows(view: Callable[[Any], Any]) -> None:
    few, many = 500, 3_000
    small, large = _read_workflow(few), _read_workflow(many)
    view(small), view(large)
    # Each node is looked at, the dozen parts of it are not.
    assert calls(lambda: view(large)) <= 1.1 * calls(lambda: view(small)) + 15 * (many - few)
    assert "changed" in large._repr_html_()


@pytest.mark.parametrize("size", [0, 1, 3, 60, 399, 400, 401, 2000])
def test_the_text_is_that_of_the_whole(size: int) -> None:
    for make in LARGE:
        model = make(size)
        read = type(model).from_flyte_idl(model.to_flyte_idl())
        # The order of a map's entries is protobuf's.
        if isinstance(model, LiteralCollection):
            assert str(model) == str(read)
        assert len(str(model)) < 400 and str(model).count("\n") == str(read).count("\n")
