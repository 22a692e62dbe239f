"""Problems in what the generator was given: collected, so that one run reports them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Where:
    """A place in a file that a person edits."""

    file: Path
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)


@dataclass(frozen=True)
class Problem:
    """What is wrong, where, and what to do about it."""

    where: Where
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    {self.cure}"


class CannotRun(Exception):
    """What keeps a command from being done, and a person can put right; its text says how. Nothing was changed."""


class GenerationError(CannotRun):
    """The run cannot go on; nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
