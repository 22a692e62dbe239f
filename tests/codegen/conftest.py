"""Small released packages for the tests of the generator, made here from .proto texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from releases import Lab

from flytekit_codegen.commands import progress


@pytest.fixture(autouse=True)
def no_command_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes seconds names its steps, and on a busy machine any one may."""
    monkeypatch.setattr(progress, "monotonic", lambda: 0.0)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A place of its own for one test, whose pip knows the made-up releases and nothing else."""
    made = Lab(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.links))
    return made
