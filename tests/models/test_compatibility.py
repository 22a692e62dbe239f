"""What docs/compatibility.md says of all models alike, and of single ones."""

# Values and attributes that the annotations do not allow are what these tests are about.
# mypy: disable-error-code="arg-type,assignment,attr-defined,comparison-overlap,union-attr"

from __future__ import annotations

import abc
import importlib
import inspect
import io
import json
import pickle
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_type_hints
from unittest import mock

import pytest
from flyteidl.admin import common_pb2, launch_plan_pb2
from flyteidl.core import identifier_pb2, literals_pb2, tasks_pb2, workflow_pb2
from IPython.lib.pretty import pretty as ipython_pretty
from rich.console import Console

from flytekit.models import (
    array_job,
    common,
    documentation,
    execution,
    interface,
    launch_plan,
    literals,
    schedule,
    security,
    task,
)
from flytekit.models import types as flyte_types
from flytekit.models.annotation import TypeAnnotation
from flytekit.models.core import identifier, workflow
from flytekit_models.model import Model, describe, message_class
from flytekit_models.model.state import blank

FACTS = json.loads((Path(__file__).parent / "data" / "flytekit-1.16.31.json").read_text())
TESTS: dict[str, Callable[[], None]] = {}


def line(where: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register the test of a line of docs/compatibility.md."""

    def register(test: Callable[[], None]) -> Callable[[], None]:
        assert where not in TESTS
        TESTS[where] = test
        return test

    return register


def classes() -> list[tuple[type[Model], dict[str, Any]]]:
    """The classes of flytekit that model a message, with their facts."""
    found = []
    for path, facts in FACTS["classes"].items():
        if "message" in facts:
            module = max((name for name in FACTS["modules"] if path.startswith(f"{name}.")), key=len)
            one: Any = importlib.import_module(f"flytekit.models.{module}")
            for name in path.removeprefix(f"{module}.").split("."):
                one = getattr(one, name)
            found.append((one, facts))
    return found


@line("rule:keyword-only")
def new_fields_are_keyword_only() -> None:
    asked = 0
    for cls, facts in classes():
        parameters = inspect.signature(cls).parameters
        by_field = {
            path.partition(".")[0]: member
            for member, path in {field.member: field.name for field in describe(cls).fields if field.number}.items()
        }
        for field in facts.get("unmapped", ()):
            parameter = parameters[by_field[field]]
            assert parameter.kind is parameter.KEYWORD_ONLY
            assert not parameter.default or repr(parameter.default) == "<factory>"
            assert cls._fm_eager or isinstance(getattr(cls, by_field[field]), property)
            asked += 1
    assert asked == 71
    assert identifier.Identifier(1, "p", "d", "n", "v", org="o").to_flyte_idl().org == "o"


@line("rule:more-properties")
def oneofs_and_private_members_have_properties() -> None:
    assert task.TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate(sql={})).target == task.Sql()
    for cls, _ in classes():
        for member in cls._fm_slots:
            assert cls._fm_eager or member == "auto_activate" or isinstance(getattr(cls, member), property)
        for oneof in describe(cls).oneofs:
            assert isinstance(getattr(cls, re.sub(r"(?<=.)([A-Z])", r"_\1", oneof).lower()), property)
    assert workflow.ArrayNode(None, parallelism=3).parallelism == 3


@line("rule:real-containers")
def containers_are_real() -> None:
    message = common_pb2.EmailNotification(recipients_email=["a"])
    read = common.EmailNotification.from_flyte_idl(message)
    assert type(read.recipients_email) is list
    assert pickle.loads(pickle.dumps(read)).recipients_email == ["a"]
    assert type(common.Labels.from_flyte_idl(common_pb2.Labels(values={"a": "b"})).values) is dict


@line("rule:open-enums")
def enum_values_are_ints_that_say_their_name() -> None:
    task_type = identifier.ResourceType.TASK
    assert (f"{task_type}", str(task_type), f"{task_type:d}") == ("1", "1", "1")
    assert repr(task_type) == "<ResourceType.TASK: 1>"
    assert task_type == 1 and isinstance(task_type, int) and hash(task_type) == hash(1) and {1: "x"}[task_type] == "x"
    assert json.dumps([task_type]) == "[1]"
    unknown = identifier.ResourceType(77)
    assert (unknown, str(unknown), pickle.loads(pickle.dumps(unknown))) == (77, "77", 77)
    message = identifier_pb2.Identifier(resource_type=77)
    read = identifier.Identifier.from_flyte_idl(message)
    assert read.resource_type == 77
    read._name = "n"
    assert read.to_flyte_idl().resource_type == 77


@line("rule:absent-stays-absent")
def absent_stays_absent() -> None:
    for cls, facts in classes():
        if "carrier" in facts:
            continue
        model = cls.from_flyte_idl(message_class(cls)())
        for member in cls._fm_slots:
            getattr(model, member, None)
        assert model.to_flyte_idl().ByteSize() == 0
    template = task.TaskTemplate.from_flyte_idl(tasks_pb2.TaskTemplate())
    template.id._project = "p"
    assert template.to_flyte_idl() == tasks_pb2.TaskTemplate(id={"project": "p"})


@line("rule:lossless")
def what_is_not_shown_is_kept() -> None:
    wire = literals_pb2.Literal(hash="h").SerializeToString() + bytes([0xFA, 0xFF, 0x7F, 3]) + b"abc"
    literal = literals.Literal.from_flyte_idl(literals_pb2.Literal.FromString(wire))
    literal.hash = "g"
    assert literals_pb2.Literal(hash="g").SerializeToString() in literal.to_flyte_idl().SerializeToString()
    assert b"abc" in literal.to_flyte_idl().SerializeToString()


@line("rule:none-is-unset")
def none_is_unset() -> None:
    for cls, facts in classes():
        if "carrier" not in facts:
            written = message_class(cls)()
            blank(cls)._fm_write(written)
            assert written.ByteSize() == 0
    assert interface.TypedInterface(None, None).to_flyte_idl().ByteSize() == 0
    assert common.Labels(None).to_flyte_idl().ByteSize() == 0


@line("rule:one-arm")
def two_arms_are_an_error() -> None:
    both = literals.Primitive(integer=1, boolean=True)
    with pytest.raises(ValueError, match=r"Primitive.*value.*integer and boolean"):
        both.to_flyte_idl()


@line("rule:explained-errors")
def wrong_values_are_named() -> None:
    with pytest.raises(TypeError, match=r"Identifier\.project: expected str, got int 5"):
        identifier.Identifier(1, 5, "d", "n", "v").to_flyte_idl()


@line("rule:arm-that-is-set")
def a_false_arm_is_set() -> None:
    assert schedule.Schedule("k", cron_expression="").schedule_expression == ""
    assert literals.Primitive(integer=0).value == 0


@line("rule:own-message-only")
def messages_of_other_types_are_refused() -> None:
    for cls, _ in classes():
        for wrong in (literals_pb2.KeyValuePair(), None, "text", b""):
            with pytest.raises((TypeError, AttributeError)):
                cls.from_flyte_idl(wrong)
    with pytest.raises(TypeError, match=r"Void\.from_flyte_idl takes a flyteidl\.core\.Void message"):
        literals.Void.from_flyte_idl(literals_pb2.Scalar())


@line("rule:int-retries")
def an_int_stands_for_retries() -> None:
    metadata = task.TaskMetadata(None, None, None, 3, None, None, None, None, None, ())
    assert metadata.retries == literals.RetryStrategy(3)
    assert metadata.to_flyte_idl().retries.retries == 3
    assert workflow.NodeMetadata("n", retries=2).to_flyte_idl().retries.retries == 2


@line("rule:escaped-html")
def html_is_escaped() -> None:
    shown = identifier.WorkflowExecutionIdentifier("<script>", "&", '"')._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown and "&amp;" in shown and "&quot;" in shown


@line("rule:shown-as-a-tree")
def ipython_and_rich_show_a_tree() -> None:
    literal = literals.Literal(hash="h", metadata={"a": "b"})
    assert ipython_pretty(literal) == literal.pretty() == "Literal\n  hash: h\n  metadata (1 entry):\n    a: b"
    console = Console(width=80, file=io.StringIO())
    console.print(literal, flyte_types.LiteralType(simple=1))
    assert console.file.getvalue() == (
        "Literal\n├── hash: h\n└── metadata (1 entry)\n    └── a: b\nLiteralType('Simple')\n"
    )
    name = identifier.Identifier(1, "p", "d", "n", "v")
    assert ipython_pretty(name) == repr(name) == "TASK:p:d:n:v"


@line("rule:no-shared-layout")
def what_has_a_layout_of_its_own_does_not_combine() -> None:
    slotted = type("Slotted", (), {"__slots__": ("a",)})
    for other in (literals.Scalar, Exception, dict, list, int, slotted):
        for bases in ((literals.Literal, other), (other, literals.Literal)):
            with pytest.raises(TypeError, match=r"lay-?out conflict"):
                type("Both", bases, {})
    for mixin in (type("Mixin", (), {"a": 1}), type("Empty", (), {"__slots__": ()}), abc.ABC):
        made: Any = type("Both", (mixin, literals.Literal), {})
        assert made(hash="h").to_flyte_idl().hash == "h"
    assert type("Both", (security.Secret, security.Identity), {})


@line("rule:late-methods")
def late_methods_are_used_where_parents_ask() -> None:
    def late(self: Any) -> Any:
        return literals_pb2.Literal(hash="late")

    def in_parent(child: Any) -> str:
        return str(literals.LiteralCollection([child]).to_flyte_idl().literals[0].hash)

    sub: Any = type("Sub", (literals.Literal,), {})
    with mock.patch.object(sub, "to_flyte_idl", late):
        assert in_parent(sub(hash="h")) == "late"
    with mock.patch.object(literals.Literal, "to_flyte_idl", late):
        assert (in_parent(literals.Literal(hash="h")), literals.Literal().to_flyte_idl().hash) == ("h", "late")
    mixin: Any = type("Mixin", (), {})
    mixed: Any = type("Mixed", (mixin, literals.Literal), {})
    mixin.to_flyte_idl = late
    assert (in_parent(mixed(hash="h")), mixed().to_flyte_idl().hash) == ("h", "late")
    one = sub(hash="h")
    one.to_flyte_idl = lambda: literals_pb2.Literal(hash="late")
    assert in_parent(one) == "h"


@line("only:blob-uri")
def the_uri_of_a_blob_wins() -> None:
    written = execution.LiteralMapBlob(values=literals.LiteralMap({}), uri="u").to_flyte_idl()
    assert written.uri == "u" and not written.HasField("values")


@line("only:client-secret-hint")
def the_secret_of_a_client_is_annotated_as_both() -> None:
    hints = get_type_hints(security.OAuth2Client)
    assert hints == {"client_id": str, "client_secret": security.Secret | str}


@line("only:array-job-unknown-entries")
def unknown_entries_of_an_array_job_are_ignored() -> None:
    assert array_job.ArrayJob.from_dict({"size": "2", "new": 1}).size == 2


@line("only:array-node-setting")
def unset_success_criteria_are_not_written() -> None:
    node = workflow.ArrayNode.from_flyte_idl(workflow_pb2.ArrayNode())
    node._parallelism = 2
    assert node.to_flyte_idl() == workflow_pb2.ArrayNode(parallelism=2)


@line("only:dataclass-repr")
def the_repr_of_a_dataclass_shows_all_fields() -> None:
    shown = repr(documentation.Documentation("s"))
    assert shown == "Documentation(short_description='s', long_description=None, source_code=None, id=None, tags=[])"


@line("only:empty-auth-role")
def a_role_that_says_nothing_has_empty_texts() -> None:
    role = launch_plan.LaunchPlanSpec.from_flyte_idl(launch_plan_pb2.LaunchPlanSpec()).auth_role
    assert (role.assumable_iam_role, role.kubernetes_service_account) == ("", "")


@line("only:primary-container")
def pods_make_templates() -> None:
    assert task.K8sPod(primary_container_name="main").to_pod_template().primary_container_name == "main"
    assert task.K8sPod().to_pod_template().labels is None


@line("only:secret-newline")
def a_variable_ends_without_a_newline() -> None:
    with pytest.raises(ValueError, match="Invalid environment variable name"):
        security.Secret("g", env_var="A\n")


@line("only:no-reader")
def a_class_without_a_reader_says_so() -> None:
    class WriteOnly(common.FlyteIdlEntity):
        def to_flyte_idl(self) -> Any:
            return literals_pb2.Void()

    with pytest.raises(NotImplementedError, match="WriteOnly has no from_flyte_idl"):
        WriteOnly.from_flyte_idl(literals_pb2.Void())


@line("only:type-annotation")
def annotations_are_models() -> None:
    annotation = TypeAnnotation({"a": "b"})
    assert annotation == TypeAnnotation({"a": "b"})
    assert hash(annotation) == hash(TypeAnnotation({"a": "b"}))
    assert annotation.short_string().startswith("Flyte Serialized object (TypeAnnotation):")
    assert TypeAnnotation.merge_annotations(annotation, TypeAnnotation({"a": "c"})).annotations == {"a": "c"}
    assert flyte_types.TypeAnnotationModel is TypeAnnotation


@pytest.mark.parametrize("where", list(TESTS))
def test_line(where: str) -> None:
    TESTS[where]()


def test_every_line_has_a_test(listed: Mapping[str, str]) -> None:
    assert {where for where in listed if re.match(r"(rule|only):", where)} == set(TESTS)
