"""Type checkers on what the specification and users write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]

_WIDE = """
import datetime
from collections.abc import Mapping, Sequence

from flytekit.models.core.identifier import Identifier, ResourceType
from flytekit.models.core.workflow import NodeMetadata
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, RetryStrategy


def wide(literals: Sequence[Literal], named: Mapping[str, Literal]) -> None:
    LiteralCollection(literals)
    LiteralCollection(None)
    LiteralMap(named)
    NodeMetadata("n", retries=2, timeout=datetime.timedelta(1))
    NodeMetadata("n", retries=RetryStrategy(2))
    identifier = Identifier(ResourceType.TASK, None, "d", "n", "v")
    identifier._project = "p"
    name: str = identifier._name
    print(name, identifier.replace(version="2").version)
"""


@pytest.mark.parametrize("example", ["specification", "wide"])
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_take_it(example: str, checker: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    given = (_ROOT / "tests" / "models" / "data" / "spec_example.py.txt").read_text() if example != "wide" else _WIDE
    file.write_text(given)
    options = ["mypy", "--strict"] if checker == "mypy" else ["pyright", "--project", str(_ROOT)]
    done = subprocess.run([sys.executable, "-m", *options, str(file)], cwd=_ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
