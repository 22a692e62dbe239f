"""Paths into a model, written as in Python: ``spec.labels.values['team']``, ``nodes[3].id``."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from flytekit_models.text import visible


class Key:
    """A step in brackets: a map key or a list index."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and type(other.key) is type(self.key) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        # repr escapes control characters and bidirectional overrides, so paths are safe to print.
        return f"[{self.key!r}]"


Path = tuple["str | Key", ...]

_STEP = re.compile(
    r"""(?P<dot>\.?)(?P<name>[^\W\d]\w*)
      | \[\s*(?P<key>-?\d+ | True | False | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*")\s*\]""",
    re.VERBOSE | re.DOTALL,
)


def parse(text: str) -> Path:
    """Parse a path into its steps.

    >>> parse("spec.labels.values['team']")
    ('spec', 'labels', 'values', ['team'])

    Raises:
        ValueError: *text* is not a path.
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
        raise ValueError(f"{text!r} is not a path such as spec.nodes[0].env['key']: wrong at {text[at:]!r}")
    return tuple(steps)


def join(path: Iterable[str | Key]) -> str:
    """Format a path, as :func:`parse` reads it.

    >>> join(("values", Key("team"), "id"))
    "values['team'].id"
    """
    text = ""
    for step in path:
        text += f"{'.' if text else ''}{visible(step)}" if isinstance(step, str) else repr(step)
    return text


def near(name: object, names: Iterable[str]) -> str:
    """Return a hint for an unknown *name*: similar *names*, or the first few of them."""
    known = list(dict.fromkeys(names))
    close = get_close_matches(str(name), known, n=3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    shown = ", ".join(known[:10]) + (", ..." if len(known) > 10 else "")
    return f"there are {shown}" if known else "it has none"
