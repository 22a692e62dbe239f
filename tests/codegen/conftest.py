"""Small released packages for the tests of the generator, made here from .proto texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from releases import Lab

from flytekit_codegen.commands import progress


@pytest.fixture(autouse=True)
def no_progress_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that takes seconds names its steps; on a busy machine, all of them do."""
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", float("inf"))


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A place of its own for one test, whose pip knows the made-up releases and nothing else."""
    made = Lab(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.links))
    return made
