"""The deliberate differences from flytekit, as docs/compatibility.md lists them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"
_LINE = re.compile(r"- `(?P<id>[^`]+)`: (?P<reason>.+)")
KINDS = ("written", "read", "call", "raises")
"""The kinds of differences that the comparison of the classes finds: what comes before the colon of an id."""


def listed(page: Path = PAGE) -> Mapping[str, str]:
    """The listed differences that `make compat` looks for, with their reasons."""
    found = [match for line in page.read_text().splitlines() if (match := _LINE.fullmatch(line))]
    return {match["id"]: match["reason"] for match in found if match["id"].partition(":")[0] in KINDS}


def unlisted(found: Mapping[str, str], page: Path = PAGE) -> list[str]:
    """What is *found* and not listed, and what is listed and was not found."""
    known = listed(page)
    new = [f"{name} is not listed: {example}" for name, example in sorted(found.items()) if name not in known]
    return [*new, *stale(known, found)]


def stale(known: Iterable[str], found: Iterable[str]) -> list[str]:
    """The listed differences that are none any more."""
    return [f"{name} is listed in {PAGE.name}, but there is no such difference" for name in sorted({*known} - {*found})]
