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


class Findings:
    """The problems that were found, to be reported together.

    What the contract promises and the IDL lacks is a problem too, unless there is a list for it, *left_out*.
    """

    def __init__(self, left_out: list[Problem] | None = None) -> None:
        self._problems: list[Problem] = []
        self._left_out = left_out

    def add(self, where: Where, what: str, cure: str) -> None:
        """Note a problem."""
        self._problems.append(Problem(where, what, cure))

    def lack(self, where: Where, what: str, cure: str) -> None:
        """Note that the contract promises what the IDL lacks."""
        if self._left_out is None:
            self.add(where, what, cure)
        else:
            self._left_out.append(Problem(where, what, "it was left out"))

    def report(self) -> None:
        """Raise all of them, if there are any.

        Raises:
            GenerationError: there are problems, in the order of their places.
        """
        if self._problems:
            raise GenerationError(sorted(self._problems, key=lambda problem: problem.where))
