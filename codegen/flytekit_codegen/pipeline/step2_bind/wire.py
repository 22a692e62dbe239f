"""How fields stand on the wire, where that is not as in proto3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from flytekit_codegen.pipeline.step1_read.idl import (
    is_map,
    is_packed,
    is_repeated,
    is_required,
    is_unchecked,
    map_key,
    map_value,
    message_of,
)
from flytekit_codegen.pipeline.step2_bind.kinds.base import SCALAR_TYPES

_PACKABLE = set(SCALAR_TYPES) - {
    getattr(FieldDescriptor, f"TYPE_{name}") for name in ("STRING", "BYTES", "MESSAGE", "GROUP")
}


class Wire:
    """What the descriptions of classes say about the wire."""

    def __init__(self, messages: Iterable[Descriptor]) -> None:
        self._beyond = _beyond_proto3(messages)

    def of_message(self, message: Descriptor) -> list[str]:
        """The options of a message."""
        return ["extensions"] if message.is_extendable else []

    def of_field(self, field: FieldDescriptor) -> list[str]:
        """The options of a field."""
        words = ["expanded"] if is_repeated(field) and field.type in _PACKABLE and not is_packed(field) else []
        words += _own(field)
        if any(message.full_name in self._beyond for message in _messages_in(field)):
            words.append("not-proto3")
        return words


def _own(field: FieldDescriptor) -> list[str]:
    """What a field itself has that the fields of proto3 do not."""
    parts = [map_key(field), map_value(field)] if is_map(field) else [field]
    words = []
    if field.type == FieldDescriptor.TYPE_GROUP:
        words.append("delimited")
    if is_required(field):
        words.append("required")
    if any(part.enum_type is not None and getattr(part.enum_type, "is_closed", False) for part in parts):
        words.append("closed")
    if any(is_unchecked(part) for part in parts):
        words.append("unchecked")
    return words


def _messages_in(field: FieldDescriptor) -> Iterator[Descriptor]:
    """The message that a value of a field is, if it is one."""
    element = map_value(field) if is_map(field) else field
    if element.message_type is not None:
        yield message_of(element)


def _beyond_proto3(messages: Iterable[Descriptor]) -> frozenset[str]:
    """Which messages have, at any depth, what those of proto3 do not."""
    seen: dict[str, Descriptor] = {}
    users: dict[str, list[str]] = {}
    left = list(messages)
    while left:
        message = left.pop()
        if message.full_name in seen:
            continue
        seen[message.full_name] = message
        for field in message.fields:
            for part in _messages_in(field):
                users.setdefault(part.full_name, []).append(message.full_name)
                left.append(part)
    found: set[str] = set()
    names = [name for name, each in seen.items() if each.is_extendable or any(map(_own, each.fields))]
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += users.get(name, ())
    return frozenset(found)
