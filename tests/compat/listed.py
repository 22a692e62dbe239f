"""The deliberate differences from flytekit, as docs/compatibility.md lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"
_LINE = re.compile(r"- `(?P<id>[^`]+)`: (?P<reason>.+)")
OF_CLASSES = ("written", "read", "call", "raises")
"""The kinds of differences that the comparison of the classes finds: what comes before the colon of an id."""
OF_REQUESTS = ("sent",)
"""The kind that the comparison of a client's requests finds."""


def listed(kinds: tuple[str, ...], page: Path = PAGE) -> Mapping[str, str]:
    """The listed differences of some *kinds*, with their reasons."""
    found = [match for line in page.read_text().splitlines() if (match := _LINE.fullmatch(line))]
    return {match["id"]: match["reason"] for match in found if match["id"].partition(":")[0] in kinds}


def unlisted(found: Mapping[str, str], kinds: tuple[str, ...], page: Path = PAGE) -> list[str]:
    """What is *found* and not listed, and what is listed and was not found."""
    known = listed(kinds, page)
    new = [f"{name} is not listed: {example}" for name, example in sorted(found.items()) if name not in known]
    stale = sorted({*known} - {*found})
    return [*new, *(f"{name} is listed in {page.name}, but there is no such difference" for name in stale)]
