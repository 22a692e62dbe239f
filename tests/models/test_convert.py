"""Well-known messages and the Python values that stand for them: every value there and back, and what is refused."""

from __future__ import annotations

import datetime
import math
import types
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import any_pb2, duration_pb2, json_format, struct_pb2, timestamp_pb2, wrappers_pb2
from hypothesis import given, settings
from hypothesis import strategies as st

from flytekit.models.core.identifier import Identifier, ResourceType
from flytekit_models import convert

_SETTINGS = settings(derandomize=True, max_examples=200, deadline=None)
_UTC = datetime.timezone.utc
_EAST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))

_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def _written(write: Callable[[Any, Any], None], value: Any, message: Any) -> Any:
    write(value, message)
    return message


@_SETTINGS
@given(st.datetimes(timezones=st.sampled_from([_UTC, _EAST])))
def test_datetimes(value: datetime.datetime) -> None:
    message = _written(convert.write_datetime, value, timestamp_pb2.Timestamp())
    assert convert.read_datetime(message) == value
    assert convert.read_datetime(message).tzinfo is _UTC
    assert convert.read_naive_datetime(message) == value.astimezone(_UTC).replace(tzinfo=None)
    naive = value.astimezone(_UTC).replace(tzinfo=None)
    assert _written(convert.write_datetime, naive, timestamp_pb2.Timestamp()) == message
    assert 0 <= message.nanos < 1_000_000_000


@_SETTINGS
@given(st.timedeltas())
def test_timedeltas(value: datetime.timedelta) -> None:
    message = _written(convert.write_timedelta, value, duration_pb2.Duration())
    assert convert.read_timedelta(message) == value
    assert message.seconds * message.nanos >= 0, "both parts of a Duration have one sign"


def test_times_are_cut_to_microseconds() -> None:
    assert convert.read_datetime(timestamp_pb2.Timestamp(nanos=1999)).microsecond == 1
    assert convert.read_timedelta(duration_pb2.Duration(nanos=-1999)) == datetime.timedelta(microseconds=-1)


@pytest.mark.parametrize("read", [convert.read_datetime, convert.read_naive_datetime])
@pytest.mark.parametrize("seconds", [253_402_300_800, -62_135_596_801, 2**63 - 1, -(2**63)])
def test_a_time_out_of_range_is_the_message(read: Callable[[Any], Any], seconds: int) -> None:
    message = timestamp_pb2.Timestamp(seconds=seconds)
    assert read(message) is message
    assert _written(convert.write_datetime, message, timestamp_pb2.Timestamp()) == message


def test_a_span_out_of_range_is_the_message() -> None:
    message = duration_pb2.Duration(seconds=2**63 - 1)
    assert convert.read_timedelta(message) is message
    assert _written(convert.write_timedelta, message, duration_pb2.Duration()) == message


@_SETTINGS
@given(st.dictionaries(st.text(max_size=3), _JSON, max_size=3))
def test_json(value: dict[str, Any]) -> None:
    message = _written(convert.write_struct, value, struct_pb2.Struct())
    assert message == json_format.ParseDict(value, struct_pb2.Struct())
    assert convert.read_struct(message) == value
    assert _written(convert.write_list_value, [value], struct_pb2.ListValue()).values[0].struct_value == message
    assert convert.read_list_value(struct_pb2.ListValue(values=[struct_pb2.Value(struct_value=message)])) == [value]


def test_what_json_alone_does_not_have() -> None:
    value = {"nan": math.nan, "infinity": -math.inf, "tuple": (1, 2), "mapping": types.MappingProxyType({"a": 1})}
    read = convert.read_struct(_written(convert.write_struct, value, struct_pb2.Struct()))
    assert math.isnan(read.pop("nan"))
    assert read == {"infinity": -math.inf, "tuple": [1.0, 2.0], "mapping": {"a": 1.0}}
    assert convert.read_value(struct_pb2.Value()) is None


def test_keys_are_written_as_json_writes_them() -> None:
    value = {None: 1, True: 2, False: 3, 4: 5, 1.5: 6, ResourceType.LAUNCH_PLAN: 7, "s": 8}
    read = convert.read_struct(_written(convert.write_struct, value, struct_pb2.Struct()))
    assert read == {"null": 1, "true": 2, "false": 3, "4": 5, "1.5": 6, "3": 7, "s": 8}


def test_messages_inside_of_json() -> None:
    struct = json_format.ParseDict({"a": [None, {}]}, struct_pb2.Struct())
    items = json_format.ParseDict([1, "b"], struct_pb2.ListValue())
    for given_value, expected in [
        (struct, {"a": [None, {}]}),
        (items, [1, "b"]),
        (struct_pb2.Struct(), {}),
        (struct_pb2.ListValue(), []),
        (struct_pb2.Value(string_value="c"), "c"),
    ]:
        message = _written(convert.write_struct, {"inner": given_value}, struct_pb2.Struct())
        assert convert.read_struct(message) == {"inner": expected}
    assert _written(convert.write_struct, struct, struct_pb2.Struct()) == struct
    assert _written(convert.write_list_value, items, struct_pb2.ListValue()) == items


def test_any() -> None:
    model = Identifier(ResourceType.TASK, "p", "d", "n", "v")
    packed = _written(convert.write_any, model, any_pb2.Any())
    assert packed.type_url == "type.googleapis.com/flyteidl.core.Identifier"
    assert _written(convert.write_any, model.to_flyte_idl(), any_pb2.Any()) == packed
    assert _written(convert.write_any, packed, any_pb2.Any()) == packed


class _Holder:
    """A message as an older flyteidl has it: with a plain field where there is a wrapper now."""

    plain = False


def test_wrappers() -> None:
    wrapper = wrappers_pb2.BoolValue()
    convert.write_wrapped(True, wrapper)
    assert wrapper.value is True
    convert.write_wrapped(wrappers_pb2.BoolValue(), wrapper)
    assert wrapper.value is False
    holder = _Holder()
    convert.write_wrapper(True, holder, "plain")
    assert convert.read_wrapper(holder, "plain", None) is True


@pytest.mark.parametrize(
    ("write", "message", "value", "expected"),
    [
        (
            convert.write_datetime,
            timestamp_pb2.Timestamp(),
            "noon",
            "expected a datetime or a google.protobuf.Timestamp",
        ),
        (convert.write_timedelta, duration_pb2.Duration(), 5, "expected a timedelta or a google.protobuf.Duration"),
        (convert.write_struct, struct_pb2.Struct(), [1], "expected a dict or a google.protobuf.Struct"),
        (convert.write_list_value, struct_pb2.ListValue(), {"a": 1}, "expected a list or a google.protobuf.ListValue"),
        (convert.write_value, struct_pb2.Value(), object, "expected a JSON value"),
        (convert.write_struct, struct_pb2.Struct(), {"a": {1, 2}}, "expected a JSON value"),
        (convert.write_struct, struct_pb2.Struct(), {b"a": 1}, "expected a str as a key"),
        (convert.write_any, any_pb2.Any(), "text", "expected a message to pack"),
    ],
)
def test_what_is_refused(write: Callable[[Any, Any], None], message: Any, value: Any, expected: str) -> None:
    with pytest.raises(TypeError, match=expected):
        write(value, message)


def test_a_number_too_large_for_json() -> None:
    with pytest.raises(ValueError, match="too large"):
        convert.write_value(10**400, struct_pb2.Value())
