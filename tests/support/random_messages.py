"""Random protobuf messages of any type, as Hypothesis draws them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from hypothesis import strategies as st

from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated, map_value

_SPECIAL_FLOATS = [0.0, -0.0, 1.5, -2.25, float("nan"), float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308]
_SINGLE_FLOATS = [struct.unpack("<f", struct.pack("<f", value))[0] for value in [*_SPECIAL_FLOATS[:-1], 3.4e38]]


def _ints(low: int, high: int) -> st.SearchStrategy[int]:
    return st.sampled_from(sorted({0, 1, 7, low, high})) | st.integers(low, high)


_INT32, _INT64 = _ints(-(2**31), 2**31 - 1), _ints(-(2**63), 2**63 - 1)
_TEXTS = st.sampled_from(["", "a", "key", "ünïcødé ☃", "line\nbreak", "\x00"]) | st.text(max_size=4)
_PLAIN = {
    FieldDescriptor.CPPTYPE_INT32: _INT32,
    FieldDescriptor.CPPTYPE_INT64: _INT64,
    FieldDescriptor.CPPTYPE_UINT32: _ints(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: _ints(0, 2**64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: st.sampled_from(_SPECIAL_FLOATS) | st.floats(),
    FieldDescriptor.CPPTYPE_FLOAT: st.sampled_from(_SINGLE_FLOATS) | st.floats(width=32),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_STRING: _TEXTS,
}
_BYTES = st.binary(max_size=4)

# Around what a datetime can hold, and far outside; nanoseconds below a microsecond, and ones that are not valid.
_SECONDS = st.sampled_from([0, 1, -1, 1_700_000_000, -62_135_596_801, -62_135_596_800, 253_402_300_799]) | _INT64
_NANOS = st.sampled_from([0, 1, 999, 1000, 1001, 999_999_999, -1, -999_999_999, 2**31 - 1, -(2**31)])

_HOW_MANY = st.sampled_from([0, 0, 1, 2])
_PRESENCE = st.sampled_from(["absent", "absent", "empty", "filled", "filled"])
_RARELY = st.sampled_from([False, False, False, True])
_MOST_MESSAGES = 25
"""How many messages with something in them one example has at most; beyond, they are empty."""


def messages(message_class: Any) -> st.SearchStrategy[Any]:
    """Messages of *message_class* with anything in them that the wire can hold.

    Each oneof has any of its arms or none; fields with presence are absent, present with their default, or set; enum
    numbers need not be known; unknown fields are at any depth.
    """

    @st.composite
    def drawn(draw: Any) -> Any:
        message = message_class()
        _Filler(draw).fill(message)
        return message

    return drawn()


class _Filler:
    """Sets random fields of one example."""

    def __init__(self, draw: Any) -> None:
        self._draw = draw
        self._left = _MOST_MESSAGES

    def fill(self, message: Any) -> None:
        self._left -= 1
        descriptor: Descriptor = message.DESCRIPTOR
        if descriptor.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
            message.seconds, message.nanos = self._draw(_SECONDS), self._draw(_NANOS)
        else:
            for field in self._fields(descriptor):
                self._fill_field(message, field)
        if self._draw(_RARELY):
            message.MergeFromString(self._unknown_field(descriptor))

    def _fields(self, descriptor: Descriptor) -> list[FieldDescriptor]:
        """The fields that may be set: all that are in no oneof, and one arm of each oneof, or none."""
        fields = [field for field in descriptor.fields if field.containing_oneof is None]
        for oneof in descriptor.oneofs:
            fields += self._draw(st.sampled_from([[], *([arm] for arm in oneof.fields)]))
        return fields

    def _fill_field(self, message: Any, field: FieldDescriptor) -> None:
        if is_map(field):
            self._fill_map(getattr(message, field.name), field)
        elif is_repeated(field):
            self._fill_list(getattr(message, field.name), field)
        elif field.message_type is not None:
            self._fill_message(getattr(message, field.name))
        elif not field.has_presence or field.containing_oneof is not None or not self._draw(_RARELY):
            # What has presence is present, even with its default; what has it outside of a oneof may be absent.
            setattr(message, field.name, self._value(field))

    def _fill_message(self, message: Any) -> None:
        how = self._draw(_PRESENCE)
        if how != "absent":
            message.SetInParent()
        if how == "filled" and self._left > 0:
            self.fill(message)

    def _fill_list(self, values: Any, field: FieldDescriptor) -> None:
        for _ in range(self._draw(_HOW_MANY)):
            if field.message_type is None:
                values.append(self._value(field))
                continue
            self._fill_message(values.add())
            if self._draw(_RARELY):
                # Of key-value pairs: a key that comes twice.
                values.add().CopyFrom(values[0])

    def _fill_map(self, values: Any, field: FieldDescriptor) -> None:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        for _ in range(self._draw(_HOW_MANY)):
            if value.message_type is None:
                values[self._value(key)] = self._value(value)
            else:
                self._fill_message(values[self._value(key)])

    def _value(self, field: FieldDescriptor) -> Any:
        return self._draw(values_of(field))

    def _unknown_field(self, descriptor: Descriptor) -> bytes:
        """A field in wire format, whose number the message type does not have."""
        number = self._draw(st.sampled_from([18_000, 100_000]))
        assert number not in descriptor.fields_by_number
        return unknown_field(number, self._draw(_BYTES))


def values_of(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    """The values that one item of *field*, which is not of a message type, can have."""
    if field.enum_type is not None:
        return _numbers_of(field.enum_type)
    return _BYTES if field.type == FieldDescriptor.TYPE_BYTES else _PLAIN[field.cpp_type]


_NUMBERS: dict[str, st.SearchStrategy[int]] = {}


def _numbers_of(enum: EnumDescriptor) -> st.SearchStrategy[int]:
    if enum.full_name not in _NUMBERS:
        known = [value.number for value in enum.values]
        unknown = {1000, -(2**31), 2**31 - 1}.difference(known)
        # Of a closed enum, the numbers that it does not know are unknown fields.
        _NUMBERS[enum.full_name] = st.sampled_from(known if enum.is_closed else [*known, *sorted(unknown)])
    return _NUMBERS[enum.full_name]


def unknown_field(number: int, payload: bytes) -> bytes:
    """A field of bytes in wire format."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


# One message for each thing that a field may hold, so that none is left to chance.

_EDGES: dict[int, tuple[Any, ...]] = {
    FieldDescriptor.CPPTYPE_INT32: (0, 1, -(2**31)),
    FieldDescriptor.CPPTYPE_INT64: (0, 1, 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 1, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 1, 2**64 - 1),
    FieldDescriptor.CPPTYPE_DOUBLE: (0.0, -0.0, 1.5, float("nan"), float("-inf")),
    FieldDescriptor.CPPTYPE_FLOAT: (0.0, -0.0, 1.5, float("nan"), float("-inf")),
    FieldDescriptor.CPPTYPE_BOOL: (False, True),
    FieldDescriptor.CPPTYPE_ENUM: (0, 1, -1, 1000),
    FieldDescriptor.CPPTYPE_STRING: ("", "text"),
}


def edge_messages(message_class: Any) -> Iterator[Any]:
    """Messages in which one field is set: each field, each arm of a oneof, with each edge of what it may hold."""
    yield message_class()
    yield message_class.FromString(unknown_field(18_000, b"unknown"))
    for extension in message_class.DESCRIPTOR.file.pool.FindAllExtensions(message_class.DESCRIPTOR):
        yield _extended(message_class, extension)
    for field in message_class.DESCRIPTOR.fields:
        for write in _edges(field):
            message = message_class()
            write(message)
            yield message
        element = map_value(field) if is_map(field) else field
        if element.enum_type is not None and element.enum_type.is_closed:
            # A number that a closed enum does not know.
            unknown = _varint(element.number << 3) + _varint(1000)
            if is_map(field):
                unknown = _varint(field.number << 3 | 2) + _varint(len(unknown)) + unknown
            yield message_class.FromString(unknown)


def _extended(message_class: Any, extension: FieldDescriptor) -> Any:
    """A message in which an extension is set."""
    message = message_class()
    values = message.Extensions
    if extension.message_type is not None:
        part = values[extension].add() if is_repeated(extension) else values[extension]
        part.SetInParent()
        part.MergeFromString(unknown_field(18_000, b"unknown"))
    elif is_repeated(extension):
        values[extension].extend(_edge_values(extension))
    else:
        values[extension] = _edge_values(extension)[-1]
    return message


def _edges(field: FieldDescriptor) -> Iterator[Callable[[Any], None]]:
    name = field.name
    if is_map(field):
        key, value = (field.message_type.fields_by_name[part] for part in ("key", "value"))
        first = _edge_values(key)[0]
        if value.message_type is not None:
            yield lambda message: getattr(message, name)[first].SetInParent()
        else:
            for each in _edge_values(value):
                yield lambda message, each=each: getattr(message, name).update({first: each})
    elif is_repeated(field):
        if field.message_type is not None:
            yield lambda message: getattr(message, name).add()
        else:
            yield lambda message: getattr(message, name).extend(_edge_values(field))
    elif field.message_type is not None:
        yield lambda message: getattr(message, name).SetInParent()
        yield lambda message: getattr(message, name).MergeFromString(unknown_field(18_000, b"unknown"))
    else:
        for each in _edge_values(field):
            yield lambda message, each=each: setattr(message, name, each)


def _edge_values(field: FieldDescriptor) -> tuple[Any, ...]:
    if field.enum_type is not None and field.enum_type.is_closed:
        return tuple(value.number for value in field.enum_type.values)
    return (b"", b"\xff") if field.type == FieldDescriptor.TYPE_BYTES else _EDGES[field.cpp_type]
