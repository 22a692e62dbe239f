"""Problems in the generator's input, collected so that one run reports them all."""

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
    """A problem: its place, its description, and how to fix it."""

    where: Where
    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    {self.cure}"


class CannotRun(Exception):
    """A failure that the user can fix; its text says how. Nothing was changed."""


class GenerationError(CannotRun):
    """The generator cannot continue; nothing was written."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Findings:
    """The problems found so far, to be reported together.

    What the contract promises but the IDL lacks is a problem too, unless the list *left_out* is given to collect it.
    """

    def __init__(self, left_out: list[Problem] | None = None) -> None:
        self._problems: list[Problem] = []
        self._left_out = left_out

    def add(self, where: Where, what: str, cure: str) -> None:
        """Add a problem."""
        self._problems.append(Problem(where, what, cure))

    def lack(self, where: Where, what: str, cure: str) -> None:
        """Add something that the contract promises but the IDL lacks."""
        if self._left_out is None:
            self.add(where, what, cure)
        else:
            self._left_out.append(Problem(where, what, "it was left out"))

    def report(self) -> None:
        """Raise the collected problems, if there are any.

        Raises:
            GenerationError: there are problems; it has them in the order of their places.
        """
        if self._problems:
            raise GenerationError(sorted(self._problems, key=lambda problem: problem.where))
