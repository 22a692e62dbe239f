"""Rendering of differences: as text, with rich, in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from html import escape
from json import dumps
from typing import Any

from flytekit_models.convert import is_message
from flytekit_models.data.members import message_of
from flytekit_models.model import Model
from flytekit_models.text import visible
from flytekit_models.view.html import STYLE, wrapped
from flytekit_models.view.tree import Limits, preview, tree
from flytekit_models.view.values import (
    fold,
    show_bytes,
    show_duration,
    show_enum,
    show_identifier,
    show_text,
    show_time,
)

_MARKS = {"added": "+", "removed": "-", "changed": "~"}
_COLOURS = {"added": "green", "removed": "red", "changed": "yellow"}
_WIDTH = 100
_CONTEXT = 20
_PATH = 400
_MOST = 1_000
_LIMITS = Limits(rows=12, items=8, text=_WIDTH)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def as_text(changes: Iterable[Any]) -> str:
    """Format the *changes*, one a line."""
    return "\n".join(f"{_MARKS[one.kind]} {_where(one)}: {_values(one)}" for one in changes)


def _where(change: Any) -> str:
    return fold(visible(change.path), _PATH) or "all of it"


def _values(change: Any) -> str:
    about = f" ({visible(change.about)})" if change.about else ""
    if change.kind == "added":
        return _shown(change, change.after) + about
    if change.kind == "removed":
        return _shown(change, change.before) + about
    before, after = change.before, change.after
    if isinstance(before, str) and isinstance(after, str) and max(len(before), len(after)) > _WIDTH // 2:
        before, after = _where_they_differ(before, after)
        return f"{before} -> {after}{about}"
    shown = _shown(change, before), _shown(change, after)
    return f"{shown[0]}{about}" if about and shown[0] == shown[1] else f"{shown[0]} -> {shown[1]}{about}"


def _where_they_differ(before: str, after: str) -> tuple[str, str]:
    """Cut two long texts to where they begin to differ."""
    same = next(
        (at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    start = max(0, same - _CONTEXT)
    shown = []
    for text in (before, after):
        value = show_text(text[start:].replace("\n", "\\n"), _WIDTH // 2).text
        shown.append(f"...{value}" if start else value)
    return shown[0], shown[1]


def _shown(change: Any, value: Any) -> str:
    """Format any value on one line, with control characters escaped."""
    if change.enum is not None and isinstance(value, int):
        return show_enum(change.enum, value).text
    if isinstance(value, Model):
        line = show_identifier(message_of(value))
        if line is not None:
            return line.text
        root = tree(value, _LIMITS)
        return f"{root.name}({preview(root, _WIDTH)})"
    if isinstance(value, str):
        return show_text(value.replace("\n", "\\n"), _WIDTH).text
    if isinstance(value, bytes):
        return show_bytes(value).text
    if isinstance(value, datetime):
        since = (value if value.tzinfo else value.replace(tzinfo=timezone.utc)) - _EPOCH
        return show_time(since.days * 86_400 + since.seconds, since.microseconds * 1_000).text
    if isinstance(value, timedelta):
        micros = value // timedelta(microseconds=1)
        seconds, rest = divmod(abs(micros), 1_000_000)
        sign = -1 if micros < 0 else 1
        return show_duration(sign * seconds, sign * rest * 1_000).text
    if isinstance(value, (dict, list)):
        return fold(visible(_json(value)), _WIDTH)
    if isinstance(value, bool) or value is None:
        return dumps(value)
    if is_message(value):
        return fold(visible(" ".join(str(value).split())) or "(empty)", _WIDTH)
    return fold(visible(str(value)), _WIDTH)


def _json(value: Any) -> str:
    try:
        return dumps(value, ensure_ascii=False)
    except TypeError:
        return repr(value)


def as_rich(heading: str, changes: Any) -> Any:
    """Render the *changes* in colours."""
    from rich.text import Text

    shown = Text().append(heading, "bold")
    for one in changes[:_MOST]:
        shown.append(f"\n{as_text([one])}", _COLOURS[one.kind])
    if len(changes) > _MOST:
        shown.append(f"\n... {len(changes) - _MOST:,} more", "dim")
    return shown


def as_html(heading: str, counted: str, changes: Any) -> str:
    """Render the *changes* as a table, with the text as a fall-back."""
    listed = changes[:_MOST]
    more = f"\n... {len(changes) - _MOST:,} more" if len(changes) > _MOST else ""
    rows = "".join(
        f"<tr><td>{_MARKS[one.kind]}</td><td><b><bdi>{escape(_where(one))}</bdi></b></td>"
        f'<td><bdi class="text">{escape(_values(one))}</bdi></td></tr>'
        for one in listed
    )
    table = f'<table class="flytekit-models-diff">{rows}</table>' + (
        f'<div class="note">{escape(more.strip())}</div>' if more else ""
    )
    text = as_text(listed) + more
    title = f"{escape(visible(heading))}: {counted}"
    return f"<h4>{title}</h4><pre>{escape(text)}</pre>{STYLE}{wrapped(table)}"
