"""How a message looks to a person: the indented tree behind ``short_string()`` and ``_repr_html_()``.

Values of others go to a terminal or a page, so control characters in them are escaped, as protobuf's own text does; and
what is cut off is never written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

VALUE_WIDTH = 80
_INDENT = 2

_JOINERS = frozenset("\u200c\u200d")


def visible(text: str) -> str:
    r"""*text* with all that is not printable escaped: control characters, bidirectional overrides, line separators.

    >>> visible("a\x1b[31m\u202eb")
    'a\\x1b[31m\\u202eb'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in _JOINERS else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def message_text(message: Any) -> str:
    """The text of *message*, which protobuf escapes; of what is no message, its own."""
    text = str(message)
    if not hasattr(message, "ListFields"):
        return visible(text)
    # Of what is not ASCII, protobuf escapes nothing.
    return text if text.isascii() else "\n".join(map(visible, text.split("\n")))


class WholeMessage:
    """A message that is looked at part by part; here one that is there as a whole."""

    def __init__(self, message: Any) -> None:
        self.message = message

    def part(self, message: Any) -> Any:
        """The part of the message that *message* stands for: its own fields, and parts to ask for in turn."""
        return message

    def whole(self, message: Any) -> Any:
        """The same part, with all that is in it."""
        return message


def message_tree(parts: WholeMessage, indent: int = 0) -> str:
    """Render the set fields of a message as an indented tree, one field a line, under the names of the proto.

    Values are folded to one line and shortened to :data:`VALUE_WIDTH` characters; sub-messages in which nothing is
    set are left out. *indent* is the number of spaces before the outermost fields.
    """
    if not hasattr(parts.message, "ListFields"):
        return visible(str(parts.message))
    lines: list[str] = []
    _add_fields(parts, parts.message, indent, lines)
    return os.linesep.join(lines)


def _add_fields(parts: WholeMessage, message: Any, indent: int, lines: list[str]) -> None:
    margin = " " * indent
    for field, value in message.ListFields():
        if hasattr(value, "ListFields"):
            heading = len(lines)
            lines.append(f"{margin}{field.name}:")
            part = parts.part(value)
            if part.ListFields():
                _add_fields(parts, part, indent + _INDENT, lines)
            else:
                del lines[heading]
        elif shown := _shortened(value, parts.whole):
            lines.append(f"{margin}{field.name}: {shown}")


def _shortened(value: Any, whole: Callable[[Any], Any]) -> str:
    from textwrap import shorten

    return visible(shorten(_beginning(value, whole).strip(), width=VALUE_WIDTH))


def _beginning(value: Any, whole: Callable[[Any], Any]) -> str:
    """The text of *value*, or as much of it as cannot be shown on one line; *whole* completes the messages in it."""
    enough = 20 * VALUE_WIDTH
    if isinstance(value, (str, bytes)):
        return str(value[:enough] if len(value) > enough else value)
    if hasattr(value, "keys"):
        return "{" + _joined(_entries(value, whole), enough) + "}"
    if hasattr(value, "__len__"):
        # Protobuf's lists of messages have no __iter__.
        return "[" + _joined((_item(whole(one), enough) for one in value), enough) + "]"
    return str(value)


def _entries(values: Any, whole: Callable[[Any], Any]) -> Iterator[str]:
    for key in values:
        yield f"{key!r}: {_item(whole(values[key]), 20 * VALUE_WIDTH)}"


def _item(value: Any, enough: int) -> str:
    if hasattr(value, "ListFields"):
        return str(value) if len(value.SerializePartialToString()) < enough else _joined(_pieces(value), enough, " ")
    return repr(value[:enough] if isinstance(value, (str, bytes)) else value)


def _pieces(message: Any) -> Iterator[str]:
    """The text of a large *message* in pieces, outermost first, so that it need not be written to its end."""
    for field, value in message.ListFields():
        if hasattr(value, "ListFields"):
            yield f"{field.name} {{"
            yield from _pieces(value)
            yield "}"
        elif isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
            yield f"{field.name}: {_plain(field, value)}"
        else:
            yield f"{field.name}: {_beginning(value, _itself)}"


def _itself(message: Any) -> Any:
    return message


def _plain(field: Any, value: Any) -> str:
    if isinstance(value, (str, bytes)):
        return '"' + _item(value, 20 * VALUE_WIDTH).lstrip("b")[1:-1] + '"'
    name = None if field.enum_type is None else field.enum_type.values_by_number.get(value)
    return str(value) if name is None else str(name.name)


def _joined(pieces: Iterator[str], enough: int, by: str = ", ") -> str:
    taken: list[str] = []
    for piece in pieces:
        taken.append(piece)
        enough -= len(piece)
        if enough < 0:
            break
    return by.join(taken)


def unwritable_text(entity: Any, error: Exception) -> str:
    """What is shown of an *entity* that cannot be written because of *error*: its class, its members, and why."""
    from flytekit_models.shown import shown

    members = getattr(type(entity), "_fm_slots", {})
    shown_members = []
    for member, slot in members.items():
        value = getattr(entity, slot, None)
        if value is not None:
            shown_members.append(f"{member}={shown(value, typed=False)}")
    why = visible(str(error).splitlines()[0][:200] if str(error) else type(error).__name__)
    return f"{type(entity).__name__}({', '.join(shown_members)}) cannot be written: {why}"
