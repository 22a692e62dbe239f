"""Wrong values: reported when a model is written, with the path to the member; and an IDL that is too old."""

# Values and attributes that the annotations do not allow are what these tests are about.
# mypy: disable-error-code="arg-type,assignment,attr-defined,comparison-overlap,dict-item,list-item,union-attr"

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flyteidl.core import literals_pb2, tasks_pb2

from flytekit.models import common, execution, interface, literals, matchable_resource, security, task, types
from flytekit.models.core import identifier, workflow
from flytekit_models.model import Model

# A wrong value.


def wrong_identifier(**changes: Any) -> identifier.Identifier:
    members: dict[str, Any] = {"resource_type": 1, "project": "p", "domain": "d", "name": "n", "version": "v"}
    return identifier.Identifier(**{**members, **changes})


def test_a_constructor_takes_anything() -> None:
    assert wrong_identifier(project=5).project == 5
    assert literals.Primitive(integer="x").integer == "x"


@pytest.mark.parametrize(
    ("model", "kind", "text"),
    [
        (wrong_identifier(project=5), TypeError, "Identifier.project: expected str, got int 5"),
        (wrong_identifier(resource_type="TASKS"), Exception, "Identifier.resource_type: expected int "),
        (
            literals.Primitive(integer="x"),
            TypeError,
            "Primitive.integer: expected int in the range of the field, -9223372036854775808 to 9223372036854775807, ",
        ),
        (literals.Primitive(integer=2**63), ValueError, "Primitive.integer: expected int in the range"),
        (literals.RetryStrategy(-1), ValueError, "RetryStrategy.retries: expected int in the range"),
        (literals.Binary("text", "t"), TypeError, "Binary.value: expected bytes, got str 'text'"),
        (
            literals.Primitive(duration=5),
            TypeError,
            "Primitive.duration: expected a timedelta or",
        ),
        (
            literals.Primitive(datetime="now"),
            TypeError,
            "Primitive.datetime: expected a datetime or",
        ),
        (
            literals.Scalar(primitive=3),
            TypeError,
            "Scalar.primitive: expected a model or message of",
        ),
        (literals.Scalar(primitive=literals.Void()), TypeError, "Scalar.primitive: expected a model or message of"),
        (
            common.Notification([], email=common.SlackNotification(["a"])),
            TypeError,
            "Notification.email: expected a model or message of flyteidl.admin.EmailNotification, got Slack",
        ),
        (
            literals.LiteralMap([1]),
            TypeError,
            "LiteralMap.literals: expected a dict of a model or",
        ),
        (common.Labels({"a": 1}), TypeError, "Labels.values['a']: expected str, got int 1"),
        (common.EmailNotification([1]), TypeError, "EmailNotification.recipients_email[0]: expected str, got int 1"),
        (
            common.EmailNotification(5),
            TypeError,
            "EmailNotification.recipients_email: expected a list of str",
        ),
        (
            types.LiteralType(metadata={"a": object}),
            TypeError,
            "LiteralType.metadata['a']: expected a JSON value",
        ),
        (types.LiteralType(metadata={"a": 10**400}), ValueError, "LiteralType.metadata"),
        (task.Container("i", [], [], None, {"A": 1}, {}), TypeError, "Container.env"),
        (
            task.TaskTemplate(None, "t", None, None, 5),
            TypeError,
            "TaskTemplate.custom: expected a dict or a google",
        ),
        (security.Secret("g", key=5), TypeError, "Secret.key: expected str, got int 5"),
        (interface.TypedInterface({"a": 1}, {}), TypeError, "TypedInterface.inputs['a']: expected"),
        (
            workflow.WorkflowMetadataDefaults(interruptible="yes"),
            TypeError,
            "WorkflowMetadataDefaults.interruptible",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_value_is_named(model: Model, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind) as caught:
        model.to_flyte_idl()
    assert isinstance(caught.value, (TypeError, ValueError))
    assert str(caught.value).startswith(text)
    assert caught.value.__cause__ is not None


def test_long_values_are_shortened() -> None:
    with pytest.raises(TypeError) as caught:
        literals.Primitive(integer="x" * 1000).to_flyte_idl()
    assert len(str(caught.value)) < 200


# Paths.


def test_the_path_leads_through_maps_and_lists() -> None:
    inner = literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(string_value=5)))
    outer = literals.LiteralMap(
        {"good": literals.Literal(hash="h"), "a": literals.Literal(collection=literals.LiteralCollection([inner]))}
    )
    path = r"^LiteralMap\.literals\['a'\]\.collection\.literals\[0\]\.scalar\.primitive\.string_value: expected str"
    with pytest.raises(TypeError, match=path):
        outer.to_flyte_idl()
    with pytest.raises(TypeError, match=r"^LiteralMap\.literals\['a'\]\.collection"):
        hash(outer)


def test_the_path_leads_through_what_was_read() -> None:
    message = literals_pb2.LiteralMap(literals={"a": literals_pb2.Literal(scalar={"primitive": {"integer": 1}})})
    read = literals.LiteralMap.from_flyte_idl(message)
    primitive: Any = read.literals["a"].scalar.primitive
    primitive._integer = "x"
    with pytest.raises(TypeError, match=r"^LiteralMap\.literals\['a'\]\.scalar\.primitive\.integer: expected int"):
        read.to_flyte_idl()
    primitive._integer = 2
    assert read.to_flyte_idl().literals["a"].scalar.primitive.integer == 2


def test_the_path_leads_through_nested_models() -> None:
    node = workflow.Node("n", workflow.NodeMetadata("m", timedelta(1), cache_version=7), [], [], [])
    template = workflow.WorkflowTemplate(wrong_identifier(), None, None, None, [node], [])
    with pytest.raises(TypeError, match=r"^WorkflowTemplate\.nodes\[0\]\.metadata\.cache_version: expected str"):
        template.to_flyte_idl()


def test_an_error_of_an_own_writer_is_left_alone() -> None:
    class Broken(literals.Primitive):
        def to_flyte_idl(self) -> Any:
            raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="the disk is full"):
        Broken().to_flyte_idl()
    with pytest.raises(ValueError, match="the disk is full"):
        literals.Scalar(primitive=Broken()).to_flyte_idl()


# Oneofs.


@pytest.mark.parametrize(
    ("model", "text"),
    [
        (
            literals.Primitive(integer=0, string_value=""),
            "Primitive: expected one arm of the oneof value at most",
        ),
        (literals.Scalar(none_type=literals.Void(), blob=literals.Blob(None, "u")), "Scalar: expected one arm"),
        (types.LiteralType(simple=1, collection_type=types.LiteralType(simple=2)), "LiteralType: expected one arm"),
        (workflow.GateNode(workflow.SignalCondition("s", None, "o"), workflow.SleepCondition(None)), "GateNode"),
    ],
)
def test_two_arms_are_named(model: Any, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        model.to_flyte_idl()
    assert str(caught.value).startswith(text)
    assert " and " in str(caught.value)


def test_two_arms_deep_inside_are_named() -> None:
    both = literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(integer=1, boolean=True)))
    path = r"^LiteralCollection\.literals\[1\]\.scalar\.primitive: expected one arm .* integer and boolean"
    with pytest.raises(ValueError, match=path):
        literals.LiteralCollection([literals.Literal(hash="h"), both]).to_flyte_idl()


def test_a_second_arm_set_after_reading_is_an_error() -> None:
    primitive: Any = literals.Primitive.from_flyte_idl(literals_pb2.Primitive(integer=1))
    primitive._boolean = True
    with pytest.raises(ValueError, match="integer and boolean"):
        primitive.to_flyte_idl()
    primitive._integer = None
    assert primitive.to_flyte_idl() == literals_pb2.Primitive(boolean=True)


# What constructors check, as flytekit's do.


@pytest.mark.parametrize(
    "build",
    [
        lambda: task.TaskTemplate(None, "t", None, None, None, container=1, sql=1),
        lambda: task.DataLoadingConfig("i", "o", format=77),
        lambda: matchable_resource.MatchingAttributes(
            matchable_resource.ClusterResourceAttributes({}), matchable_resource.ExecutionQueueAttributes([])
        ),
        lambda: security.Secret("g", env_var="lower"),
        lambda: security.Secret(),
    ],
)
def test_constructors_that_check(build: Any) -> None:
    with pytest.raises(ValueError):
        build()


def test_nothing_wrong_is_nothing_raised() -> None:
    assert execution.LiteralMapBlob(uri="u").to_flyte_idl().uri == "u"
    assert tasks_pb2.Sql() == task.Sql().to_flyte_idl()
