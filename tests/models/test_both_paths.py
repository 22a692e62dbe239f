"""Models behave the same with the compiled core and without it: in states, changes, copies, errors, subclasses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flytekit_models._core import core

_PROGRAM = Path(__file__).parents[1] / "support" / "both_paths.py"


@pytest.mark.skipif(not core().active, reason="there is one path only")
@pytest.mark.parametrize("first", ["0", "1", "2"])
def test_the_same_comes_of_the_same(first: str) -> None:
    """`both_paths.py` says what is done; one class in three, from the *first* on."""
    command = [sys.executable, str(_PROGRAM), f"seed {first}", "3", "1", first]
    running = [
        subprocess.Popen(
            command,
            env={**os.environ, "FLYTEKIT_MODELS_CORE": switch, "PYTHONHASHSEED": "0"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for switch in "01"
    ]
    pure, compiled = ([*(each.communicate(timeout=300)[0]).splitlines()] for each in running)
    assert [each.returncode for each in running] == [0, 0]
    assert len(pure) == len(compiled) > 10_000
    different = [f"{one}\n{other}" for one, other in zip(pure, compiled, strict=True) if one != other]
    assert not different, "\n".join(different[:5])
