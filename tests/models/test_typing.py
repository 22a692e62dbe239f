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

_PATTERNS = """
import typing

from flytekit.models.core.identifier import Identifier, ResourceType
from flytekit.models.launch_plan import LaunchPlan
from flytekit.models.literals import Literal, Primitive, Scalar
from flytekit.models.security import Secret
from flytekit_models.model import Model

if typing.TYPE_CHECKING:
    from typing_extensions import assert_type


class Mine(Literal):
    pass


def by_name(one: Literal) -> "int | None":
    match one:
        case Literal(scalar=Scalar(primitive=Primitive(integer=found))):
            assert_type(found, "int | None")
            return found
    return None


def by_position(one: object) -> str:
    match one:
        case Identifier(ResourceType.TASK, project, domain, name):
            assert_type(project, str)
            return project + domain + name
        case LaunchPlan(_, _, _, active):
            assert_type(active, bool)
        case Secret(_, key):
            assert_type(key, "str | None")
        case Mine(Scalar(Primitive(integer))) | Literal(Scalar(Primitive(integer))):
            assert_type(integer, "int | None")
    return ""


def of_all(one: Model[typing.Any]) -> tuple[str, ...]:
    return one.__match_args__
"""

_EXAMPLES = {
    "specification": (_ROOT / "tests" / "models" / "data" / "spec_example.py.txt").read_text(),
    "wide": _WIDE,
    "patterns": _PATTERNS,
}


@pytest.mark.parametrize("example", list(_EXAMPLES))
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_take_it(example: str, checker: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(_EXAMPLES[example])
    done = _checked(checker, file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_count_the_patterns(checker: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(_PATTERNS.replace("LaunchPlan(_, _, _, active)", "LaunchPlan(_, _, _, active, _)"))
    done = _checked(checker, file)
    assert done.returncode == 1
    assert "Too many positional patterns" in done.stdout


def _checked(checker: str, file: Path) -> subprocess.CompletedProcess[str]:
    options = ["mypy", "--strict"] if checker == "mypy" else ["pyright", "--project", str(_ROOT)]
    return subprocess.run([sys.executable, "-m", *options, str(file)], cwd=_ROOT, capture_output=True, text=True)
