"""What users give: dicts for messages, times of other libraries, generators, and JSON nulls."""

# mypy: disable-error-code="arg-type, dict-item"

from __future__ import annotations

import copy
import datetime
import json
import pickle
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pendulum
import pytest
from flyteidl.core import literals_pb2
from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2

from flytekit.models import common
from flytekit.models.admin.workflow import WorkflowSpec
from flytekit.models.common import EmailNotification
from flytekit.models.core.errors import ContainerError
from flytekit.models.core.identifier import Identifier
from flytekit.models.core.workflow import WorkflowTemplate
from flytekit.models.interface import Parameter, Variable
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar
from flytekit.models.task import Container, TaskTemplate
from flytekit.models.types import LiteralType
from flytekit_models.convert import NULL, read_present_value, write_value

# Dicts.


def test_dicts_stand_for_raw_messages() -> None:
    assert Scalar(generic={"a": {"b": [1, None]}}).to_flyte_idl().generic.fields["a"].struct_value.fields["b"]
    assert Scalar(generic={}).to_flyte_idl().HasField("generic")
    template = TaskTemplate(None, "t", None, None, None, extended_resources={"gpu_accelerator": {"device": "a100"}})
    assert template.to_flyte_idl().extended_resources.gpu_accelerator.device == "a100"
    assert Parameter(None, artifact_id={"version": "1"}).to_flyte_idl().artifact_id.version == "1"
    assert Variable(None, "d", artifact_partial_id={"version": "1"}).to_flyte_idl().artifact_partial_id.version == "1"
    assert ContainerError("c", "m", 0, 0, timestamp={"seconds": 5}).to_flyte_idl().timestamp.seconds == 5


def test_a_generator_is_stored_as_a_list() -> None:
    made = EmailNotification(one for one in "ab")
    assert type(made.recipients_email) is list
    assert list(made.to_flyte_idl().recipients_email) == ["a", "b"] == list(made.to_flyte_idl().recipients_email)
    assert LiteralCollection(Literal(hash=one) for one in "ab") == LiteralCollection(
        [Literal(hash="a"), Literal(hash="b")]
    )
    assert LiteralCollection(map(Literal, [None])).literals == [Literal()]


def test_what_is_sorted_may_lack_what_it_is_sorted_by() -> None:
    # As None is unset anywhere: it comes first.
    given = [WorkflowTemplate(Identifier(2, "p", "d", name, "v"), *[None] * 5) for name in "ba"]
    written = WorkflowSpec(None, [*given, WorkflowTemplate(*[None] * 6)]).to_flyte_idl()
    assert [each.id.name for each in written.sub_workflows] == ["", "a", "b"]


# Times.


def written(**members: Any) -> Any:
    message = Primitive(**members).to_flyte_idl()
    return getattr(message, message.WhichOneof("value"))


_UTC = datetime.timezone.utc
TIMES: list[Any] = [
    datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
    datetime.datetime.min,
    datetime.datetime.max,
    datetime.datetime.max.replace(tzinfo=_UTC),
    pendulum.datetime(2020, 3, 4, 5, 6, 7, 89, tz="Europe/Paris"),
    pendulum.datetime(1950, 3, 4, 5, 6, 7, 89),
    pendulum.naive(1950, 3, 4, 5, 6, 7, 890000),
    pendulum.datetime(2021, 11, 7, 1, 30, tz="America/New_York", fold=0),
    pendulum.datetime(2021, 11, 7, 1, 30, tz="America/New_York", fold=1),
    pd.Timestamp("1950-03-04T05:06:07.9", tz="UTC"),
    pd.Timestamp("2020-03-04T05:06:07.000089", tz="Asia/Tokyo"),
    pd.Timestamp("1950-03-04T05:06:07.000089"),
]
SPANS: list[Any] = [
    datetime.timedelta(microseconds=-1),
    datetime.timedelta(days=-1, seconds=1, microseconds=5),
    pendulum.duration(days=-1, hours=-2, microseconds=-5),
    pendulum.duration(months=1, years=1),
    pendulum.datetime(2020, 1, 1) - pendulum.datetime(2020, 5, 5, 1, 1, 1, 7),
    pd.Timedelta("-1 days 2 hours 5us"),
]


@pytest.mark.parametrize("value", TIMES, ids=repr)
def test_times_are_written_as_protobuf_writes_them(value: datetime.datetime) -> None:
    expected = timestamp_pb2.Timestamp()
    plain = datetime.datetime(*value.timetuple()[:6], value.microsecond, tzinfo=value.tzinfo, fold=value.fold)
    expected.FromDatetime(plain)
    assert written(datetime=value) == expected
    assert expected.ToJsonString()


@pytest.mark.parametrize("value", SPANS, ids=repr)
def test_spans_are_written_as_protobuf_writes_them(value: datetime.timedelta) -> None:
    expected = duration_pb2.Duration()
    micros = round(datetime.timedelta.total_seconds(value) * 1_000_000)
    expected.FromMicroseconds(micros)
    assert written(duration=value) == expected
    assert written(duration=value).ToJsonString()


@pytest.mark.parametrize("hours", [-14, 14])
def test_times_that_utc_cannot_hold_are_refused(hours: int) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    edge = datetime.datetime.max if hours < 0 else datetime.datetime.min
    for value in (edge.replace(tzinfo=zone), pd.NaT):
        with pytest.raises((TypeError, ValueError), match=r"Primitive\.datetime: expected a datetime"):
            Primitive(datetime=value).to_flyte_idl()


# JSON.


def test_keys_that_become_one_are_an_error() -> None:
    for keys in ({1: [1], "1": [2]}, {True: 1, "true": 2}, {None: 1, "null": 2}, {1.5: 1, "1.5": 2}):
        for value in (keys, {"a": [keys]}):
            with pytest.raises(ValueError, match=r"LiteralType\.metadata.*: two keys become '"):
                LiteralType(metadata=value).to_flyte_idl()


def test_numbers_of_numpy_are_refused_where_they_are_no_numbers_of_python() -> None:
    with pytest.raises(TypeError, match=r"LiteralType\.metadata\['a'\]: expected a JSON value, got int64"):
        LiteralType(metadata={"a": np.int64(3)}).to_flyte_idl()
    assert LiteralType(metadata={"a": np.float64(3)}).to_flyte_idl().metadata.fields["a"].number_value == 3


def test_a_null_that_is_present_stays() -> None:
    # No message of flyteidl has a Value of its own; those of other schemas read it so.
    null = struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    value = read_present_value(null)
    assert value is NULL and not value and repr(value) == "NULL"
    assert copy.deepcopy(value) is NULL and pickle.loads(pickle.dumps(value)) is NULL
    rebuilt = struct_pb2.Value()
    write_value(value, rebuilt)
    assert rebuilt == null and read_present_value(struct_pb2.Value(bool_value=False)) is False


def test_json_round_trips_without_the_models() -> None:
    value = {"a": [1.0, None, {"b": "c"}], "d": None, "e": False}
    read = LiteralType.from_flyte_idl(LiteralType(metadata=value).to_flyte_idl())
    assert read.metadata == value and json.loads(json.dumps(read.metadata)) == value


# Looking at maps.


def test_looking_up_makes_no_entry() -> None:
    message = literals_pb2.LiteralMap(literals={"a": {"hash": "h"}})
    read = LiteralMap.from_flyte_idl(message)
    with pytest.raises(KeyError):
        read.literals["b"]
    assert read.literals.get("b") is None and read.to_flyte_idl() == message


# Numbers and arrays of numpy.


class FalseDict(dict[str, str]):
    """It says that it is empty, whatever it holds."""

    def __bool__(self) -> bool:
        return False


def container(command: Any, env: Any = None) -> Container:
    return Container("i", command, [], None, env, None)


@pytest.mark.parametrize("items", [[], [""], ["a", "b"]])
@pytest.mark.parametrize("made", [np.array, pd.Series, pd.Index, tuple, iter])
def test_an_array_is_a_list_like_any_other(made: Any, items: list[str]) -> None:
    expected = container(items).to_bytes()
    given = container(made(np.array(items, dtype=object) if made in (pd.Series, pd.Index) else items))
    read = Container.from_bytes(container(["x"]).to_bytes())
    read._command = given.command
    for one in (given, read):
        assert one.to_bytes() == expected == one.to_flyte_idl().SerializeToString()


def test_what_a_container_holds_is_written_even_if_it_is_false() -> None:
    assert common.Labels(FalseDict(a="b")).to_bytes() == common.Labels({"a": "b"}).to_bytes()
    with pytest.raises(TypeError, match=r"Container\.command"):
        container(np.array([0.0])).to_bytes()


def test_bools_of_numpy_are_bools() -> None:
    for value in (True, False):
        expected = Primitive(boolean=value)
        given = Primitive(boolean=np.bool_(value))
        assert given.to_bytes() == expected.to_bytes() and given == expected
    with pytest.raises(TypeError, match=r"Primitive\.integer"):
        Primitive(integer=np.bool_(True)).to_bytes()


@pytest.mark.parametrize("zero", [0, 0.0, np.float32(0), False])
def test_a_zero_without_a_sign_is_another_one(zero: Any) -> None:
    model = Primitive.from_flyte_idl(literals_pb2.Primitive(float_value=-0.0))
    if zero is not False:
        assert model.replace(float_value=zero).to_bytes() == Primitive(float_value=0.0).to_bytes()
    model._float_value = zero
    assert model.to_flyte_idl() == literals_pb2.Primitive.FromString(model.to_bytes())
    assert str(model.to_flyte_idl().float_value) == "0.0"
    kept = Scalar.from_flyte_idl(literals_pb2.Scalar(generic=struct_pb2.Struct(fields={"a": {"number_value": -0.0}})))
    assert kept.generic is not None
    kept.generic["a"] = 0
    assert str(kept.to_flyte_idl().generic["a"]) == "0.0"


def test_lists_of_json_say_themselves_what_is_in_them() -> None:
    class Doubled(list[Any]):
        def __iter__(self) -> Any:
            return iter([*super().__iter__()] * 2)

    model = Scalar(generic={"a": Doubled([1])})
    assert model.to_bytes() == Scalar(generic={"a": [1, 1]}).to_bytes()
    assert model.to_flyte_idl() == Scalar(generic={"a": [1, 1]}).to_flyte_idl()
