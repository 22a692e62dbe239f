"""What the tests of the models share: what docs/compatibility.md lists as deliberately different from flytekit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

_LINE = re.compile(r"- `(?P<id>[^`]+)`: (?P<reason>.+)")


@pytest.fixture(scope="session")
def listed() -> Mapping[str, str]:
    """The ids that docs/compatibility.md lists, with their reasons."""
    page = Path(__file__).parents[2] / "docs" / "compatibility.md"
    found = [match for line in page.read_text().splitlines() if (match := _LINE.fullmatch(line))]
    ids = [match["id"] for match in found]
    assert len(ids) == len(set(ids)), "an id is listed twice"
    return {match["id"]: match["reason"] for match in found}
