"""Messages of any type, the same ones for the same seed in every environment; needs protobuf alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

_MOST_MESSAGES = 20
"""How many sub-messages with something in them one random message has at most."""

_INTS = {
    FieldDescriptor.CPPTYPE_INT32: (0, 1, 7, -3, 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (0, 1, 7, -3, 2**53),
    FieldDescriptor.CPPTYPE_UINT32: (0, 1, 7, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 1, 7, 2**53),
}
_FLOATS = (0.0, 1.5, -2.25, 1e10)
_TEXTS = ("", "a", "key", "Umlaut ü ☃", "two\nlines")
_BYTES = (b"", b"\x00\xff")


def is_repeated(field: Any) -> bool:
    """Whether *field* is a list or a map."""
    found = getattr(field, "is_repeated", None)
    return bool(field.label == field.LABEL_REPEATED if found is None else found)


def is_map(field: Any) -> bool:
    """Whether *field* is a map."""
    return bool(field.message_type is not None and field.message_type.GetOptions().map_entry)


def single_field_messages(message_class: Any) -> Iterator[Any]:
    """An empty message, and for each field one in which nothing else is set."""
    yield message_class()
    for field in message_class.DESCRIPTOR.fields:
        for filled in (False, True):
            message = message_class()
            Filler(random.Random(f"{field.full_name}"), filled=filled).fill_field(message, field)
            yield message


def random_messages(message_class: Any, count: int) -> Iterator[Any]:
    """*count* random messages."""
    for index in range(count):
        message = message_class()
        Filler(random.Random(f"{message_class.DESCRIPTOR.full_name} {index}")).fill(message)
        yield message


class Filler:
    """Sets fields of one message, at random."""

    def __init__(self, choices: random.Random, filled: bool | None = None) -> None:
        self._choices = choices
        self._filled = filled
        self._left = _MOST_MESSAGES

    def fill(self, message: Any) -> None:
        """Set about half of the fields of *message*; of a oneof, one arm or none."""
        self._left -= 1
        descriptor = message.DESCRIPTOR
        if descriptor.full_name == "google.protobuf.Timestamp":
            message.seconds = self._choices.choice([0, 1, 1_700_000_000])
            message.nanos = self._choices.choice([0, 1000, 999_999_000])
            return
        if descriptor.full_name == "google.protobuf.Duration":
            message.seconds, message.nanos = self._choices.choice(
                [(0, 0), (90, 0), (1, 500_000_000), (86400 * 3, 1000)]
            )
            return
        for field in descriptor.fields:
            if field.containing_oneof is None and self._choices.random() < 0.5:
                self.fill_field(message, field)
        for oneof in descriptor.oneofs:
            arm = self._choices.choice([None, *oneof.fields])
            if arm is not None:
                self.fill_field(message, arm)

    def fill_field(self, message: Any, field: Any) -> None:
        """Set *field* of *message*."""
        name = field.name
        if is_map(field):
            key, value = (field.message_type.fields_by_name[part] for part in ("key", "value"))
            for _ in range(self._choices.choice([1, 2])):
                if value.message_type is None:
                    getattr(message, name)[self._value(key)] = self._value(value)
                else:
                    self._fill_message(getattr(message, name)[self._value(key)])
        elif is_repeated(field):
            for _ in range(self._choices.choice([1, 2])):
                if field.message_type is None:
                    getattr(message, name).append(self._value(field))
                else:
                    self._fill_message(getattr(message, name).add())
        elif field.message_type is not None:
            self._fill_message(getattr(message, name))
        else:
            setattr(message, name, self._value(field))

    def _fill_message(self, message: Any) -> None:
        message.SetInParent()
        filled = self._choices.random() < 0.8 if self._filled is None else self._filled
        if filled and self._left > 0:
            self.fill(message)

    def _value(self, field: Any) -> Any:
        if field.enum_type is not None:
            return self._choices.choice([value.number for value in field.enum_type.values])
        if field.type == field.TYPE_BYTES:
            return self._one(_BYTES)
        if field.type == field.TYPE_STRING:
            return self._one(_TEXTS)
        if field.type == field.TYPE_BOOL:
            return self._one((False, True))
        return self._one(_INTS.get(field.cpp_type, _FLOATS))

    def _one(self, values: tuple[Any, ...]) -> Any:
        if self._filled is None:
            return self._choices.choice(values)
        # The message of a single field has either the default of the field or something else.
        return values[2 if len(values) > 2 else 1] if self._filled else values[0]
