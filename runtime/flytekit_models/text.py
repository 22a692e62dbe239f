"""How a message looks to a person: the indented tree behind ``short_string()`` and ``_repr_html_()``."""

from __future__ import annotations

import os
from typing import Any

VALUE_WIDTH = 80
_INDENT = 2


def message_tree(message: Any, indent: int = 0) -> str:
    """Render the set fields of *message* as an indented tree, one field a line, under the names of the proto.

    Values are folded to one line and shortened to :data:`VALUE_WIDTH` characters; sub-messages in which nothing is
    set are left out. *indent* is the number of spaces before the outermost fields.
    """
    if not hasattr(message, "ListFields"):
        return str(message)
    lines: list[str] = []
    _add_fields(message, indent, lines)
    return os.linesep.join(lines)


def _add_fields(message: Any, indent: int, lines: list[str]) -> None:
    from textwrap import shorten

    margin = " " * indent
    for field, value in message.ListFields():
        if hasattr(value, "ListFields"):
            heading = len(lines)
            lines.append(f"{margin}{field.name}:")
            if value.ListFields():
                _add_fields(value, indent + _INDENT, lines)
            else:
                del lines[heading]
        elif shown := shorten(str(value).strip(), width=VALUE_WIDTH):
            lines.append(f"{margin}{field.name}: {shown}")
