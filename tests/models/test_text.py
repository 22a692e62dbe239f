"""What models print: `short_string()`, `str`, `repr` and the form for notebooks, against what flytekit prints."""

from __future__ import annotations

import base64
import html
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from flyteidl.core import literals_pb2
from google.protobuf import struct_pb2

from flytekit.models import array_job, common, documentation, literals, security, types
from flytekit.models.core import execution, identifier
from flytekit_models.model import message_class
from flytekit_models.text import VALUE_WIDTH, WholeMessage, _beginning, message_tree

TEXTS = json.loads((Path(__file__).parent / "data" / "texts.json").read_text())["texts"]


def read(facts: dict[str, str]) -> Any:
    module, _, name = facts["class"].rpartition(".")
    cls = getattr(importlib.import_module(f"flytekit.models.{module}"), name)
    message = struct_pb2.Struct() if cls is array_job.ArrayJob else message_class(cls)()
    message.ParseFromString(base64.b64decode(facts["message"]))
    return cls.from_flyte_idl(message)


@pytest.mark.parametrize("facts", TEXTS, ids=lambda facts: facts["class"])
@pytest.mark.parametrize("touched", [False, True])
def test_texts_are_those_of_flytekit(facts: dict[str, str], touched: bool) -> None:
    model = read(facts)
    if touched:
        for member in model._fm_slots:
            getattr(model, member)
    assert model.short_string() == facts["short_string"]
    assert str(model) == facts["str"]
    # How protobuf prints a message is its own affair, and not the same in every version.
    assert repr(model) == (facts["repr"] or str(model.to_flyte_idl()))
    heading, pre, rest = model._repr_html_().partition("<pre>")
    tree, end, view = rest.partition("</pre>")
    assert html.unescape(heading + pre + tree + end) == facts["tree"]
    # More only follows what flytekit shows, and only where it is the tree.
    assert not view or view.startswith("<style")


@pytest.mark.parametrize("cls", [literals.Void, literals.LiteralMap, common.Labels, security.Secret])
def test_the_form_of_an_empty_model(cls: Any) -> None:
    model = cls.from_flyte_idl(message_class(cls)())
    assert model.short_string() == f"Flyte Serialized object ({cls.__name__}):\n"
    assert model._repr_html_().startswith(f"<h4>{cls.__name__}</h4><pre></pre>")


def test_the_tree() -> None:
    model = types.LiteralType(
        union_type=types.UnionType([types.LiteralType(simple=1)]), structure=types.TypeStructure("tag")
    )
    assert model.short_string() == (
        "Flyte Serialized object (LiteralType):\n"
        "  union_type:\n"
        "    variants: [simple: INTEGER ]\n"
        "  structure:\n"
        "    tag: tag"
    )


def test_values_are_folded_and_shortened() -> None:
    shown = literals.Primitive(string_value="several words\n" * 30).short_string().splitlines()
    assert len(shown) == 2
    value = shown[1].removeprefix("  string_value: ")
    assert value.startswith("several words several words") and value.endswith("[...]")
    assert len(value) <= VALUE_WIDTH == 80


def test_sub_messages_of_which_nothing_is_set_are_left_out() -> None:
    empty = literals.Scalar(none_type=literals.Void())
    assert "none_type" not in empty.short_string()
    assert empty.to_flyte_idl().HasField("none_type")


def test_every_value_is_escaped() -> None:
    hostile = "<img src=x onerror='alert(\"1\")'>&"
    models = [
        identifier.WorkflowExecutionIdentifier(hostile, hostile, hostile),
        common.Labels({hostile: hostile}),
        common.EmailNotification([hostile]),
        literals.Literal(hash=hostile, metadata={hostile: hostile}),
        documentation.Description(hostile),
        execution.ExecutionError(hostile, hostile, "u", 1),
        array_job.ArrayJob.from_dict({"size": 1}),
    ]
    for model in models:
        shown = model._repr_html_()
        inner = shown.partition("<pre>")[2].partition("</pre>")[0]
        assert "<img" not in shown
        assert "<" not in inner and ">" not in inner
        assert '"' not in inner and "'" not in inner
    named = type("<b>", (literals.Void,), {})
    assert named()._repr_html_().startswith("<h4>&lt;b&gt;</h4><pre></pre>")


def test_identifiers_and_errors_print_in_their_own_way() -> None:
    name = identifier.Identifier(identifier.ResourceType.TASK, "p", "d", "n", "v")
    assert str(name) == repr(name) == "TASK:p:d:n:v"
    assert name.short_string() == (
        "Flyte Serialized object (Identifier):\n"
        "  resource_type: 1\n  project: p\n  domain: d\n  name: n\n  version: v"
    )
    assert execution.ExecutionError("c", "m", "u", 1)._repr_html_() == "<b>c</b> <pre>m</pre>"


def test_dataclass_models_print_their_fields() -> None:
    assert repr(security.OAuth2Client("i", "s")) == "OAuth2Client(client_id='i', client_secret='s')"
    assert str(security.Secret("g")) == "Flyte Serialized object (Secret):\n  group: g"


def test_classes_print_as_classes() -> None:
    assert repr(literals.Void) == str(literals.Void) == "<class 'flytekit.models.literals.Void'>"
    assert literals.Void.short_class_string() == literals.Void.verbose_class_string() == repr(literals.Void)


def test_what_is_no_message_is_shown_as_it_is() -> None:
    assert message_tree(WholeMessage("eq(a,b)")) == "eq(a,b)"


def test_no_more_is_written_than_is_shown() -> None:
    message = literals_pb2.LiteralCollection()
    for _ in range(10_000):
        message.literals.add().scalar.primitive.string_value = "x" * 100
    mapped = literals_pb2.LiteralMap(literals={f"{k}": message.literals[k] for k in range(5_000)})
    for value in (message.literals, mapped.literals):
        assert len(_beginning(value, lambda part: part)) < 50 * VALUE_WIDTH
