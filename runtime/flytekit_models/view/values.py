"""Formatting of single values for people: enum names, times in UTC, durations, identifiers, sizes.

All results are safe in a terminal: what is not printable is escaped.
"""

from __future__ import annotations

import re
import struct
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flytekit_models.text import visible

_EPOCH = datetime(1970, 1, 1)
_PLAIN_TEXT = re.compile(r"[^\W\d_][^\"'\\]*|(--?[^\W\d_]|[/.$%{@])[^\"'\\]+")
"""Strings that cannot be mistaken for another value without quotes."""
_SHOWN_BYTES = 8
_LARGEST_EXACT = 2**53


class Value(NamedTuple):
    """A formatted value."""

    text: str
    style: str
    """Kind of value: text, number, bool, enum, time, bytes, id or json; or note, a remark."""
    is_block: bool = False
    """Whether it is a string of several lines, shown as a block."""


def fold(text: str, limit: int | None) -> str:
    """Cut *text* to *limit* characters, and tell how many are left out."""
    if limit is None or len(text) <= limit:
        return text
    return f"{text[:limit]}... (+{len(text) - limit:,} characters)"


def quoted(text: str) -> str:
    """Quote *text*, on one line."""
    return '"' + visible(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def show_text(text: str, limit: int | None = None) -> Value:
    """Format a string: plain, in quotes where it could be mistaken for another value, or as a block of lines."""
    shown, more = (text, "") if limit is None else (text[:limit], fold(text, limit)[limit:])
    if "\n" in shown.strip("\n") or ("\n" in shown and more):
        lines = [visible(line.expandtabs(4)) for line in shown.split("\n")]
        return Value("\n".join(lines) + more, "text", True)
    is_plain = shown.isprintable() and shown == shown.strip() and _PLAIN_TEXT.fullmatch(shown)
    if is_plain and shown.lower() not in ("true", "false", "null", "nan", "inf", "infinity"):
        return Value(shown + more, "text")
    return Value(quoted(shown) + more, "text")


def show_bytes(value: bytes) -> Value:
    """Format bytes: their number, and the first ones."""
    first = value[:_SHOWN_BYTES].hex(" ") + (" ..." if len(value) > _SHOWN_BYTES else "")
    return Value(counted(len(value), "byte") + (f" ({first})" if value else ""), "bytes")


def counted(number: int, what: str, several: str = "") -> str:
    """Format a count.

    >>> counted(1, "byte"), counted(1234, "entry", "entries")
    ('1 byte', '1,234 entries')
    """
    return f"{number:,} {what if number == 1 else several or what + 's'}"


def show_scalar(field: Any, value: Any, limit: int | None = None) -> Value:
    """Format a *value* of *field*, which is not of a message type."""
    if field.enum_type is not None:
        return show_enum(field.enum_type, value)
    if isinstance(value, bool):
        return Value("true" if value else "false", "bool")
    if isinstance(value, str):
        return show_text(value, limit)
    if isinstance(value, bytes):
        return show_bytes(value)
    return Value(_single(value) if field.type == field.TYPE_FLOAT else str(value), "number")


def show_enum(enum: Any, number: int) -> Value:
    """Format a value of *enum*: its name, or the number if it has none."""
    named = enum.values_by_number.get(number)
    return Value(f"{int(number)} (unknown)" if named is None else named.name, "enum")


def _single(value: float) -> str:
    """Format a 32-bit float with the fewest digits that identify it."""
    for digits in (6, 7, 8):
        text = f"{value:.{digits}g}"
        try:
            if struct.pack("<f", float(text)) == struct.pack("<f", value):
                return text
        except OverflowError:
            continue
    return f"{value:.9g}"


def show_number(value: float) -> str:
    """Format a JSON number, which is always a double."""
    return str(int(value)) if value.is_integer() and abs(value) < _LARGEST_EXACT else str(value)


def show_time(seconds: int, nanos: int) -> Value:
    """Format a timestamp in UTC, to the nanosecond."""
    try:
        time = _EPOCH + timedelta(0, seconds)
    except OverflowError:
        return Value(f"{seconds} s after 1970 (out of range)", "time")
    if not 0 <= nanos < 1_000_000_000:
        return Value(f"{time} UTC and {nanos} ns (out of range)", "time")
    return Value(f"{time}{_fraction(nanos)} UTC", "time")


def show_duration(seconds: int, nanos: int) -> Value:
    """Format a duration in days, hours, minutes and seconds.

    >>> show_duration(600, 0).text, show_duration(-90_061, -500_000_000).text, show_duration(0, 0).text
    ('10m', '-1d1h1m1.5s', '0s')
    """
    if (seconds > 0 and nanos < 0) or (seconds < 0 and nanos > 0) or abs(nanos) >= 1_000_000_000:
        return Value(f"{seconds}s and {nanos} ns (out of range)", "time")
    sign, rest, nanos = "-" if seconds < 0 or nanos < 0 else "", abs(seconds), abs(nanos)
    parts = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        many, rest = divmod(rest, size)
        if many:
            parts.append(f"{many}{unit}")
    if rest or nanos or not parts:
        parts.append(f"{rest}{_fraction(nanos)}s")
    return Value(sign + "".join(parts), "time")


def _fraction(nanos: int) -> str:
    return f".{nanos:09}".rstrip("0") if nanos else ""


_OF_IDENTIFIERS = {"resource_type", "project", "domain", "name", "version", "org"}
_OF_ALL_IDENTIFIERS = {"project", "domain", "name"}


def show_identifier(message: Any) -> Value | None:
    """Format *message* on one line if it is an identifier: ``TASK flytesnacks/development/hello@v1``."""
    fields = message.DESCRIPTOR.fields_by_name
    if "domain" not in fields or not _OF_ALL_IDENTIFIERS <= set(fields) <= _OF_IDENTIFIERS:
        return None
    parts = {field.name: value for field, value in message.ListFields()}
    if not parts.keys() >= _OF_ALL_IDENTIFIERS:
        return None
    text = f"{parts['project']}/{parts['domain']}/{parts['name']}"
    if "resource_type" in parts:
        text = f"{show_enum(fields['resource_type'].enum_type, parts['resource_type']).text} {text}"
    if "version" in parts:
        text += f"@{parts['version']}"
    if "org" in parts:
        text += f" (org {parts['org']})"
    return Value(visible(text), "id")
