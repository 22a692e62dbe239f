"""Python values for messages, and what they do not say."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import flytekit_models_core as core
import pytest
from flyteidl.core import literals_pb2, tasks_pb2, types_pb2
from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2
from wire_classes import NULL, Classes, DecodeError, rebuild

from flytekit_models import convert

CLASSES = Classes(converted=True)
UTC = timezone.utc


def primitive(**arm: Any) -> Any:
    """The class and the bytes of a Primitive."""
    return CLASSES.of(literals_pb2.Primitive.DESCRIPTOR), literals_pb2.Primitive(**arm).SerializeToString()


SECONDS = (0, 1, -1, 59, 86399, 86400, -86401, 951782400, 1709164800, 253402300799, -62135596800)


@pytest.mark.parametrize("nanos", [0, 1000, 999_999_000, 123_456_789, -1, 2_000_000_000])
@pytest.mark.parametrize("seconds", [*SECONDS, 253402300800, -62135596801, 2**62, -(2**62)])
def test_timestamps_are_what_the_pure_path_makes_of_them(seconds: int, nanos: int) -> None:
    message = timestamp_pb2.Timestamp(seconds=seconds, nanos=nanos)
    cls, data = primitive(datetime=message)
    model = core.from_bytes(cls, data)
    assert model.m_datetime == convert.read_datetime(message)
    assert core.to_bytes(model, True) == data
    built = cls()
    built.f_datetime = model.m_datetime
    written = timestamp_pb2.Timestamp()
    convert.write_datetime(model.m_datetime, written)
    assert core.to_bytes(built, True) == literals_pb2.Primitive(datetime=written).SerializeToString()


@pytest.mark.parametrize("nanos", [0, 1000, -999_999_000, 123_456_789, -1999, 2_000_000_000])
@pytest.mark.parametrize("seconds", [0, 1, -1, 86400, -86401, 2**62, 999_999_999 * 86400, -999_999_999 * 86400 - 1])
def test_durations_are_what_the_pure_path_makes_of_them(seconds: int, nanos: int) -> None:
    message = duration_pb2.Duration(seconds=seconds, nanos=nanos)
    cls, data = primitive(duration=message)
    model = core.from_bytes(cls, data)
    assert model.m_duration == convert.read_timedelta(message)
    assert core.to_bytes(model, True) == data
    built = cls()
    built.f_duration = model.m_duration
    written = duration_pb2.Duration()
    convert.write_timedelta(model.m_duration, written)
    assert core.to_bytes(built, True) == literals_pb2.Primitive(duration=written).SerializeToString()


def test_every_day_is_a_datetime() -> None:
    random = Random(2)
    cls = CLASSES.of(literals_pb2.Primitive.DESCRIPTOR)
    for _ in range(3000):
        value = datetime.fromtimestamp(0, UTC) + timedelta(seconds=random.randrange(-62135596800, 253402300800))
        built = cls()
        built.f_datetime = value
        assert core.from_bytes(cls, core.to_bytes(built, True)).m_datetime == value


@pytest.mark.parametrize(
    "value",
    [
        datetime(2020, 2, 29, 12, tzinfo=timezone(timedelta(hours=5, microseconds=7))),
        datetime(1969, 12, 31, 23, 59, 59, 5),
        datetime.min,
        datetime.max,
    ],
)
def test_datetimes_of_any_zone_are_written(value: datetime) -> None:
    cls = CLASSES.of(literals_pb2.Primitive.DESCRIPTOR)
    built, message = cls(), timestamp_pb2.Timestamp()
    built.f_datetime = value
    convert.write_datetime(value, message)
    assert core.to_bytes(built, True) == literals_pb2.Primitive(datetime=message).SerializeToString()


def test_a_datetime_that_utc_cannot_hold_is_refused() -> None:
    built = CLASSES.of(literals_pb2.Primitive.DESCRIPTOR)()
    built.f_datetime = datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))
    with pytest.raises(ValueError, match="from the year 1 to the year 9999"):
        core.to_bytes(built, True)


JSON = {
    "null": None,
    "true": True,
    "number": 1.5,
    "nan": math.inf,
    "text": "日本",
    "list": [1.0, [], {}, None, [False, "x"]],
    "struct": {"": {"a": -0.0}},
}


def test_json_is_a_struct() -> None:
    cls = CLASSES.of(tasks_pb2.TaskTemplate.DESCRIPTOR)
    message = tasks_pb2.TaskTemplate()
    convert.write_struct(JSON, message.custom)
    data = message.SerializeToString(deterministic=True)
    model = core.from_bytes(cls, data)
    assert model.m_custom == JSON
    assert core.to_bytes(model, True) == data
    assert core.to_bytes(rebuild(model), True) == data
    model.m_custom["list"].append((2, 3))
    message.custom["list"].append([2, 3])
    assert core.to_bytes(model, True) == message.SerializeToString(deterministic=True)


@pytest.mark.parametrize(
    "value",
    [
        {1: "a", "1": "b"},
        {"a": object()},
        {(): 1},
        {"a": 10**400},
        ["a"],
        "text",
        {"\ud800": 1},
        {"a": "\ud800"},
        {"a": {1j}},
    ],
)
def test_what_is_no_json_is_refused(value: Any) -> None:
    built = CLASSES.of(tasks_pb2.TaskTemplate.DESCRIPTOR)()
    built.f_custom = value
    with pytest.raises((TypeError, ValueError, OverflowError)):
        core.to_bytes(built, True)


def test_json_that_holds_itself_is_refused() -> None:
    held: list[Any] = []
    held.append(held)
    built = CLASSES.of(tasks_pb2.TaskTemplate.DESCRIPTOR)()
    built.f_custom = {"a": held}
    with pytest.raises(RecursionError):
        core.to_bytes(built, True)


def test_a_null_that_is_present_is_not_absent() -> None:
    cls = CLASSES.of(types_pb2.TypeAnnotation.DESCRIPTOR)
    assert cls is not None
    classes = Classes(converted=True)
    holder = classes.of(struct_pb2.Struct.DESCRIPTOR)
    message = struct_pb2.Struct()
    message.fields["a"].null_value = 0
    data = message.SerializeToString()
    model = core.from_bytes(holder, data)
    assert model.m_fields == {"a": None}
    assert core.to_bytes(model, True) == data
    assert NULL is not None


LOSSY = [
    literals_pb2.Primitive(datetime=timestamp_pb2.Timestamp(seconds=5, nanos=1)).SerializeToString(),
    literals_pb2.Primitive(datetime=timestamp_pb2.Timestamp(seconds=5)).SerializeToString() + b"\x2a\x03\xf8\x7f\x01",
    literals_pb2.Primitive(integer=5).SerializeToString() + b"\xf8\x7f\x01\x72\x01a",
    literals_pb2.Primitive(duration=duration_pb2.Duration(seconds=5, nanos=-5000)).SerializeToString(),
]


@pytest.mark.parametrize("data", LOSSY)
def test_what_values_do_not_say_is_kept_until_they_change(data: bytes) -> None:
    cls = CLASSES.of(literals_pb2.Primitive.DESCRIPTOR)
    model = core.from_bytes(cls, data)
    assert model._fm_baseline is not None
    arm = next(name for name in ("integer", "datetime", "duration") if getattr(model, f"m_{name}") is not None)
    assert isinstance(model._fm_baseline, core.Residue)
    before = core.to_bytes(model, True)
    assert literals_pb2.Primitive.FromString(before) == literals_pb2.Primitive.FromString(data)
    value = getattr(model, f"m_{arm}")
    setattr(model, f"m_{arm}", value + type(value)(0) if isinstance(value, int) else value + timedelta(0))
    assert core.to_bytes(model, True) == before
    setattr(model, f"m_{arm}", value + (1 if isinstance(value, int) else timedelta(1)))
    changed = literals_pb2.Primitive.FromString(core.to_bytes(model, True))
    plain = cls()
    setattr(plain, f"f_{arm}", getattr(model, f"m_{arm}"))
    expected = literals_pb2.Primitive.FromString(core.to_bytes(plain, True))
    changed.DiscardUnknownFields()
    assert changed == expected


def test_a_residue_is_copied_and_pickled() -> None:
    import copy
    import pickle

    residue = core.from_bytes(CLASSES.of(literals_pb2.Primitive.DESCRIPTOR), LOSSY[0])
    assert residue.m_datetime is not None
    kept = residue._fm_baseline
    assert copy.copy(kept) is kept and copy.deepcopy(kept) is kept
    again = pickle.loads(pickle.dumps(kept))
    assert (again.unknown, again.notes) == (kept.unknown, kept.notes)
    with pytest.raises(TypeError):
        core.Residue(1, ())
    with pytest.raises(TypeError):
        core.Residue(None, ((1, 2, 3),))


RIGHT: list[tuple[str, Any]] = [
    ("integer", 5), ("integer", -(2**63)), ("integer", 2**63 - 1),
    ("float_value", 1), ("float_value", True), ("float_value", 2**70),
    ("string_value", b"x"), ("string_value", type("S", (str,), {})("s")),
    ("boolean", 5), ("boolean", 0),
]  # fmt: skip
WRONG: list[tuple[str, Any]] = [
    ("integer", True), ("integer", 1.0), ("integer", "x"), ("integer", b"x"), ("integer", 2**63), ("integer", 10**400),
    ("float_value", "x"), ("float_value", 10**400), ("float_value", [1]),
    ("string_value", 1), ("string_value", b"\xff"), ("string_value", "\ud800"), ("string_value", bytearray(b"x")),
    ("boolean", 1.0), ("boolean", "x"), ("boolean", 2**70),
    ("datetime", 1), ("duration", 1), ("duration", timestamp_pb2.Timestamp()),
]  # fmt: skip


@pytest.mark.parametrize(("arm", "value"), RIGHT)
def test_what_protobuf_takes_is_written(arm: str, value: Any) -> None:
    message = literals_pb2.Primitive()
    setattr(message, arm, value)
    built = CLASSES.of(message.DESCRIPTOR)()
    setattr(built, f"f_{arm}", value)
    assert core.to_bytes(built, True) == message.SerializeToString()


@pytest.mark.parametrize(("arm", "value"), WRONG)
def test_what_protobuf_refuses_is_refused(arm: str, value: Any) -> None:
    built = CLASSES.of(literals_pb2.Primitive.DESCRIPTOR)()
    setattr(built, f"f_{arm}", value)
    with pytest.raises((TypeError, ValueError, OverflowError)):
        core.to_bytes(built, True)


def test_two_arms_of_a_oneof_are_refused() -> None:
    built = CLASSES.of(literals_pb2.Primitive.DESCRIPTOR)()
    built.f_integer = built.f_boolean = 1
    with pytest.raises(ValueError, match="two arms"):
        core.to_bytes(built, True)


def test_errors_of_the_classes_of_these_tests() -> None:
    assert issubclass(DecodeError, ValueError)
