"""The leaves of a model: single values that can be changed, side by side with their places in the message."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from google.protobuf import duration_pb2, json_format, struct_pb2, timestamp_pb2
from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated
from flytekit_models.model import Model, describe

_TIME = datetime.datetime(2031, 2, 3, 4, 5, 6, 700, tzinfo=datetime.timezone.utc)
_SPAN = datetime.timedelta(days=2, seconds=3, microseconds=400)
_JSON = {"changed": [1.0, None, {"deep": True}]}
_MAX_DEPTH = 5


@dataclass(frozen=True)
class Leaf:
    """One leaf: where it is, for the report of a failure, and how it is changed on either side."""

    path: str
    change_model: Callable[[], None]
    change_message: Callable[[], object]


def leaves(model: Any, message: Any, path: str = "") -> Iterator[Leaf]:
    """The leaves of *model* and its sub-models, which were read from *message*."""
    if path.count(".") > _MAX_DEPTH:
        return
    for described in describe(type(model)).fields:
        member, name = described.member, described.name
        field = message.DESCRIPTOR.fields_by_name.get(name)
        if field is None or _other_arm_is_set(message, field):
            continue
        private = member if model._fm_eager else described.private
        where = f"{path}.{member}"
        if is_map(field) or is_repeated(field):
            yield from _in_items(getattr(model, private), getattr(message, name), where)
        elif isinstance(getattr(model, private), Model):
            # What is read from the whole message may be made of other fields.
            if "read-message" not in described.options:
                yield from leaves(getattr(model, private), getattr(message, name), where)
        else:
            yield from _leaf(model, private, message, field, where)


def _other_arm_is_set(message: Any, field: FieldDescriptor) -> bool:
    oneof = field.containing_oneof
    return oneof is not None and message.WhichOneof(oneof.name) not in (None, field.name)


def _in_items(items: Any, values: Any, path: str) -> Iterator[Leaf]:
    if isinstance(items, dict) and hasattr(values, "keys"):
        pairs = [(key, items[key], values[key]) for key in sorted(items)]
    elif isinstance(items, list):
        pairs = [(index, item, values[index]) for index, item in enumerate(items)]
    else:
        return
    for key, item, value in pairs:
        if isinstance(item, Model):
            yield from leaves(item, value, f"{path}[{key!r}]")


def _leaf(model: Any, private: str, message: Any, field: FieldDescriptor, path: str) -> Iterator[Leaf]:
    name = field.name

    def set_on_model(value: Any) -> Callable[[], None]:
        return lambda: setattr(model, private, value)

    if field.message_type is None:
        other = _other(getattr(message, name), field)
        yield Leaf(path, set_on_model(other), lambda: setattr(message, name, other))
        return
    target = getattr(message, name)
    changed, given = _other_message(field, type(getattr(model, private)))
    if changed is not None:
        # What is replaced is replaced as a whole: nanoseconds and unknown fields go with it.
        yield Leaf(path, set_on_model(given), lambda: target.CopyFrom(changed))
    elif field.message_type.file.name == "google/protobuf/wrappers.proto":
        other = _other(target.value, field.message_type.fields_by_name["value"])
        yield Leaf(path, set_on_model(other), lambda: target.CopyFrom(type(target)(value=other)))


def _other_message(field: FieldDescriptor, read_as: type) -> tuple[Any, Any]:
    """A well-known message to change a field to, and what says so in Python; the message itself for a raw member."""
    name = field.message_type.full_name
    if name == "google.protobuf.Timestamp":
        time = timestamp_pb2.Timestamp()
        time.FromDatetime(_TIME)
        return time, _TIME if issubclass(read_as, datetime.datetime) else time
    if name == "google.protobuf.Duration":
        span = duration_pb2.Duration()
        span.FromTimedelta(_SPAN)
        return span, _SPAN if issubclass(read_as, datetime.timedelta) else span
    if name == "google.protobuf.Struct":
        struct = json_format.ParseDict(_JSON, struct_pb2.Struct())
        return struct, _JSON if issubclass(read_as, dict) else struct
    return None, None


def _other(value: Any, field: FieldDescriptor) -> Any:
    """A value that *field* can hold, other than *value*."""
    if field.enum_type is not None and field.enum_type.is_closed:
        return next((each.number for each in field.enum_type.values if each.number != value), value)
    if field.enum_type is not None:
        return 2 if value == 1 else 1
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return 2.5 if value == 1.5 else 1.5
    if isinstance(value, int):
        return value ^ 1
    return value + ("!" if isinstance(value, str) else b"!")
