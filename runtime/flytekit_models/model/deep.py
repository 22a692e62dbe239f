"""Messages that nest deeper than protobuf reads: taken apart level by level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class _Part(NamedTuple):
    """A field on the wire."""

    number: int
    raw: bytes
    """All of it, with its tag."""
    content: bytes | None
    """What it holds, if its length is said."""


def merge_deep(data: bytes, message: Any) -> None:
    """Merge the valid wire format *data* into *message*, which is empty, however deep it nests."""
    try:
        message.MergeFromString(data)
    except Exception:
        # What was merged until then is not to be there twice.
        message.Clear()
        for part in _parts(data):
            _merge_part(part, message)


def _merge_part(part: _Part, message: Any) -> None:
    field = message.DESCRIPTOR.fields_by_number.get(part.number)
    kind = None if field is None else field.message_type
    if kind is None or part.content is None:
        message.MergeFromString(part.raw)
        return
    target = getattr(message, field.name)
    if kind.GetOptions().map_entry:
        values = [inner.content for inner in _parts(part.content) if inner.number == 2]
        key = b"".join(inner.raw for inner in _parts(part.content) if inner.number == 1)
        entry = type(message)()
        entry.MergeFromString(_with_length(part, key))
        (name,) = getattr(entry, field.name)
        if kind.fields_by_number[2].message_type is None:
            message.MergeFromString(part.raw)
            return
        target[name].Clear()
        for value in values:
            merge_deep(value or b"", target[name])
        return
    if hasattr(target, "add"):
        target = target.add()
    target.SetInParent()
    merge_deep(part.content, target)


def _with_length(part: _Part, content: bytes) -> bytes:
    """The field of *part* with other *content*."""
    length, tag = len(content), part.number << 3 | _BYTES
    return bytes((*_varint(tag), *_varint(length))) + content


def _varint(value: int) -> Iterator[int]:
    while value > 0x7F:
        yield value & 0x7F | 0x80
        value >>= 7
    yield value


def _parts(data: bytes) -> Iterator[_Part]:
    at = 0
    while at < len(data):
        start = at
        tag, at = _read_varint(data, at)
        content = None
        if tag & 7 == _VARINT:
            _, at = _read_varint(data, at)
        elif tag & 7 == _BYTES:
            length, at = _read_varint(data, at)
            content = data[at : at + length]
            at += length
        elif tag & 7 in (_FIXED32, _FIXED64):
            at += 8 if tag & 7 == _FIXED64 else 4
        else:
            # A group, which only unknown fields have; all that follows stays together.
            at = len(data)
        yield _Part(tag >> 3, data[start:at], content)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
    return value | data[at] << shift, at + 1
