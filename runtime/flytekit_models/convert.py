"""Conversions between well-known messages and the Python values that stand for them in models.

Reading never raises: what Python cannot hold (a timestamp after the year 9999) is given as the message itself.
Every ``write_*`` takes that message as well, so whatever was read can be written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from flytekit_models.shown import shown

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_FIRST_SECOND = -62_135_596_800
_LAST_SECOND = 253_402_300_799

# Subclasses of timedelta give other numbers under these names.
_days = timedelta.days.__get__
_seconds = timedelta.seconds.__get__
_microseconds = timedelta.microseconds.__get__


class Null:
    """A JSON null that is present, where None says that there is no value."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NULL"

    def __reduce__(self) -> str:
        return "NULL"


NULL = Null()


def is_message(value: Any) -> bool:
    """Whether *value* is a protobuf message (asked without importing protobuf)."""
    return hasattr(value, "DESCRIPTOR") and hasattr(value, "ListFields") and not isinstance(value, type)


def read_datetime(message: Any) -> datetime | Any:
    """A ``google.protobuf.Timestamp`` as an aware datetime in UTC, cut to microseconds."""
    try:
        return _EPOCH + timedelta(0, message.seconds, message.nanos // 1000)
    except OverflowError:
        return message


def read_naive_datetime(message: Any) -> datetime | Any:
    """A ``google.protobuf.Timestamp`` as a naive datetime that means UTC, cut to microseconds."""
    try:
        return _NAIVE_EPOCH + timedelta(0, message.seconds, message.nanos // 1000)
    except OverflowError:
        return message


def write_datetime(value: Any, message: Any) -> None:
    """Write a datetime (a naive one means UTC) or a ``Timestamp`` into the ``Timestamp`` *message*.

    Raises:
        TypeError: *value* is neither.
    """
    if isinstance(value, datetime):
        seconds, micros = since_epoch(value)
        if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
            raise ValueError("expected a datetime that UTC can hold, from the year 1 to the year 9999")
        message.seconds = seconds
        message.nanos = micros * 1000
    elif is_message(value):
        message.SetInParent()
        message.CopyFrom(value)
    else:
        raise TypeError(f"expected a datetime or a google.protobuf.Timestamp, got {shown(value)}")


def since_epoch(value: datetime) -> tuple[int, int]:
    """The whole seconds from 1970 to *value*, a naive one meaning UTC, and the microseconds after them.

    >>> since_epoch(datetime(1969, 12, 31, 23, 59, 59, 5))
    (-1, 5)
    """
    # Not by a subtraction: subclasses (pendulum's, pandas') have differences of their own, with other signs.
    days = value.toordinal() - _EPOCH_ORDINAL
    seconds = days * 86400 + value.hour * 3600 + value.minute * 60 + value.second
    micros = value.microsecond
    offset = value.utcoffset()
    if offset:
        micros -= offset.microseconds
        seconds -= offset.days * 86400 + offset.seconds
        if micros < 0:
            seconds, micros = seconds - 1, micros + 1_000_000
    return seconds, micros


def read_timedelta(message: Any) -> timedelta | Any:
    """A ``google.protobuf.Duration`` as a timedelta, cut towards zero to microseconds."""
    try:
        return timedelta(0, message.seconds, int(message.nanos / 1000))
    except OverflowError:
        return message


def write_timedelta(value: Any, message: Any) -> None:
    """Write a timedelta or a ``Duration`` into the ``Duration`` *message*.

    Raises:
        TypeError: *value* is neither.
    """
    if isinstance(value, timedelta):
        seconds, micros = _days(value) * 86400 + _seconds(value), _microseconds(value)
        if seconds < 0 and micros:
            # Both parts of a Duration have one sign.
            seconds, micros = seconds + 1, micros - 1_000_000
        message.seconds = seconds
        message.nanos = micros * 1000
    elif is_message(value):
        message.SetInParent()
        message.CopyFrom(value)
    else:
        raise TypeError(f"expected a timedelta or a google.protobuf.Duration, got {shown(value)}")


def read_map(values: Any) -> dict[Any, Any]:
    """A map of plain values as a dict."""
    # By its keys: the items() and keys() of protobuf's maps are several times as slow.
    return {key: values[key] for key in values} if values else {}


def as_dict(values: Mapping[Any, Any]) -> dict[Any, Any]:
    """The items of a mapping, in which a key may come twice, as a dict: itself, if it is one."""
    return values if values.__class__ is dict else dict(values.items())


def read_struct(message: Any) -> dict[str, Any]:
    """A ``google.protobuf.Struct`` as a dict of plain JSON values; numbers are floats, NaN and infinity too."""
    fields = message.fields
    return {key: read_value(fields[key]) for key in fields}


def read_list_value(message: Any) -> list[Any]:
    """A ``google.protobuf.ListValue`` as a list of plain JSON values."""
    return [read_value(value) for value in message.values]


def read_value(message: Any) -> Any:
    """A ``google.protobuf.Value`` as a plain JSON value; one with nothing set is None, as null is."""
    kind = message.WhichOneof("kind")
    if kind == "struct_value":
        return read_struct(message.struct_value)
    if kind == "list_value":
        return read_list_value(message.list_value)
    if kind is None or kind == "null_value":
        return None
    return getattr(message, kind)


def read_present_value(message: Any) -> Any:
    """A ``google.protobuf.Value`` that is present as a JSON value; a null as :data:`NULL`."""
    value = read_value(message)
    return NULL if value is None else value


def write_struct(value: Any, message: Any) -> None:
    """Write a dict of JSON values, or a ``Struct``, into the ``Struct`` *message*.

    Keys that are no str are written as JSON writes them; tuples are lists; ints become doubles.

    Raises:
        TypeError: *value* is neither, or holds something JSON cannot.
        ValueError: an int is too large for a double.
    """
    message.SetInParent()
    # A Struct says that it is a Mapping too, but gives lists and Structs inside it as messages.
    if is_message(value):
        message.CopyFrom(value)
    elif isinstance(value, Mapping):
        fields, items = message.fields, as_dict(value)
        if fields:
            # Of two keys of a map that are one on the wire.
            fields.clear()
        for key, item in items.items():
            text = key if key.__class__ is str else json_key(key)
            write_value(item, fields[text])
        if len(fields) != len(items):
            raise ValueError("two keys of a google.protobuf.Struct become one as text")
    else:
        raise TypeError(f"expected a dict or a google.protobuf.Struct, got {shown(value)}")


def write_list_value(value: Any, message: Any) -> None:
    """Write a list of JSON values, or a ``ListValue``, into the ``ListValue`` *message*.

    Raises:
        TypeError: *value* is neither, or holds something JSON cannot.
    """
    message.SetInParent()
    if isinstance(value, (list, tuple)):
        for item in value:
            write_value(item, message.values.add())
    elif is_message(value):
        message.CopyFrom(value)
    else:
        raise TypeError(f"expected a list or a google.protobuf.ListValue, got {shown(value)}")


def write_value(value: Any, message: Any) -> None:
    """Write a JSON value, or a ``Value``, ``Struct`` or ``ListValue``, into the ``Value`` *message*.

    Raises:
        TypeError: *value* is nothing that JSON can hold.
        ValueError: an int is too large for a double.
    """
    if value is None or value is NULL:
        message.null_value = 0
    elif isinstance(value, bool):
        message.bool_value = value
    elif isinstance(value, str):
        message.string_value = value
    elif isinstance(value, (int, float)):
        try:
            message.number_value = float(value)
        except OverflowError:
            raise ValueError(
                f"the number {shown(value, typed=False)} is too large for a google.protobuf.Value"
            ) from None
    elif is_message(value):
        arms = {"google.protobuf.Struct": "struct_value", "google.protobuf.ListValue": "list_value"}
        arm = arms.get(value.DESCRIPTOR.full_name)
        target = message if arm is None else getattr(message, arm)
        target.SetInParent()
        target.CopyFrom(value)
    elif isinstance(value, Mapping):
        write_struct(value, message.struct_value)
    elif isinstance(value, (list, tuple)):
        write_list_value(value, message.list_value)
    else:
        raise TypeError(f"expected a JSON value, got {shown(value)}")


def json_key(key: Any) -> str:
    """A key of a dict as JSON writes it.

    Raises:
        TypeError: JSON has no way to write it.
    """
    if isinstance(key, str):
        # Without whatever a subclass compares by.
        return str.__str__(key)
    if key is None:
        return "null"
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return str(int(key))
    if isinstance(key, float):
        return repr(key)
    raise TypeError(f"expected a str as a key of a google.protobuf.Struct, got {shown(key)}")


def read_wrapper(message: Any, field: str, absent: Any) -> Any:
    """The value in the wrapper (``BoolValue``, …) that is the *field* of *message*, or *absent*."""
    value = getattr(message, field)
    if not is_message(value):
        # flyteidl before 1.14.2 has TaskMetadata.generates_deck as a plain bool.
        return value
    return value.value if message.HasField(field) else absent


def write_wrapper(value: Any, message: Any, field: str) -> None:
    """Set the wrapper that is the *field* of *message*; *value* is plain or a wrapper message."""
    target = getattr(message, field)
    if not is_message(target):
        setattr(message, field, value)
    else:
        write_wrapped(value, target)


def write_any(value: Any, message: Any) -> None:
    """Write a message or a model into the ``google.protobuf.Any`` *message*: packed, unless it is an Any already.

    Raises:
        TypeError: *value* is neither.
    """
    if hasattr(value, "to_flyte_idl") and not isinstance(value, type):
        value = value.to_flyte_idl()
    if isinstance(value, Mapping) and not is_message(value):
        value = type(message)(**value)
    if not is_message(value):
        raise TypeError(f"expected a message to pack into a google.protobuf.Any, got {shown(value)}")
    message.SetInParent()
    if value.DESCRIPTOR.full_name == "google.protobuf.Any":
        message.CopyFrom(value)
    else:
        message.Pack(value, deterministic=True)


def write_wrapped(value: Any, message: Any) -> None:
    """Write *value*, plain or a wrapper message, into the wrapper *message*."""
    message.SetInParent()
    if is_message(value):
        message.CopyFrom(value)
    else:
        message.value = value
