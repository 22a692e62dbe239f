"""The functions that the pure path makes for each class (``flytekit_models.model.straight``)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf import duration_pb2, timestamp_pb2

from flytekit.models.core.identifier import Identifier
from flytekit.models.core.workflow import TaskNode
from flytekit.models.literals import Binding, BindingData, Primitive, Scalar
from flytekit_models.model.state import message_class
from flytekit_models.model.straight import make_reader, make_writer
from flytekit_models.model.writing import settle_oneof, write_with_care


def writer(model: Any) -> Callable[[Any, Any], None]:
    return make_writer(model, write_with_care, settle_oneof)


def written(value: Any) -> Any:
    message = message_class(type(value))()
    writer(type(value))(value, message)
    return message


def test_python_finds_the_globals_of_a_plain_dict_at_once() -> None:
    assert type(make_reader(Identifier).__globals__) is type(writer(Identifier).__globals__) is dict


@pytest.mark.parametrize(
    "identifier",
    [Identifier(0, "", "", "", ""), Identifier(None, None, None, None, None), Identifier(0, "p", "", "", "")],
)
def test_a_model_is_present_whatever_it_says(identifier: Identifier) -> None:
    assert written(TaskNode(identifier)).HasField("reference_id")


def test_a_model_without_an_arm_is_present() -> None:
    assert written(Binding("", BindingData(scalar=Scalar()))).binding.HasField("scalar")


@pytest.mark.parametrize(
    ("member", "value"),
    [("duration", timedelta(0)), ("duration", duration_pb2.Duration()), ("datetime", timestamp_pb2.Timestamp())],
)
def test_a_time_is_present_whatever_it_says(member: str, value: Any) -> None:
    primitive = Primitive(**{member: None})
    setattr(primitive, f"_{member}", value)
    assert written(primitive).HasField(member)


@pytest.mark.parametrize(
    ("value", "seconds", "nanos"),
    [
        (timedelta(microseconds=-1), 0, -1000),
        (timedelta(seconds=-1), -1, 0),
        (timedelta(seconds=-2, microseconds=1), -1, -999_999_000),
        (timedelta(days=1, microseconds=1), 86400, 1000),
    ],
)
def test_both_parts_of_a_duration_have_one_sign(value: timedelta, seconds: int, nanos: int) -> None:
    assert written(Primitive(duration=value)).duration == duration_pb2.Duration(seconds=seconds, nanos=nanos)
