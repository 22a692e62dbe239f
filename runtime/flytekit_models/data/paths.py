"""Paths into a model, as they are written in Python: ``spec.labels.values['team']``, ``nodes[3].id``."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class Key:
    """A step in brackets: a key or an index."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and type(other.key) is type(self.key) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        # Escapes what a terminal or a page must not get: control characters, bidirectional overrides.
        return f"[{self.key!r}]"


Path = tuple["str | Key", ...]

_STEP = re.compile(
    r"""(?P<dot>\.?)(?P<name>[^\W\d]\w*)
      | \[\s*(?P<key>-?\d+ | True | False | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*")\s*\]""",
    re.VERBOSE | re.DOTALL,
)


def parse(text: str) -> Path:
    """The steps of a path.

    >>> parse("spec.labels.values['team']")
    ('spec', 'labels', 'values', ['team'])

    Raises:
        ValueError: *text* is no path.
    """
    steps: list[str | Key] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        # The first name has no dot before it, each further one has.
        if found is None or (found["name"] is not None and bool(found["dot"]) is not bool(steps)):
            break
        try:
            steps.append(found["name"] if found["name"] is not None else Key(literal_eval(found["key"])))
        except (SyntaxError, ValueError):
            break
        at = found.end()
    if not steps or at < len(text):
        raise ValueError(f"{text!r} is no path: one is written like spec.nodes[0].env['key'] (wrong at {text[at:]!r})")
    return tuple(steps)


def join(path: Iterable[str | Key]) -> str:
    """The text of a path.

    >>> join(("values", Key("team"), "id"))
    "values['team'].id"
    """
    text = ""
    for step in path:
        text += f"{'.' if text else ''}{step}" if isinstance(step, str) else repr(step)
    return text


def near(name: object, names: Iterable[str]) -> str:
    """What to say of a *name* that is none of *names*: those it may have been meant for, or a few that there are."""
    known = list(names)
    close = get_close_matches(str(name), known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    shown = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
    return f"there are {shown}" if known else "it has none"
