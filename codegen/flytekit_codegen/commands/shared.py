"""What the commands have in common: exit codes, progress, and how a failure is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import click
from rich.console import Console

from flytekit_codegen.problems import CannotRun, GenerationError, Problem

DONE, FOUND, FAILED = 0, 1, 2
"""Exit codes: done or clean; something stale or breaking was found; the command could not run."""

Report = Callable[[str], None]
"""Takes a line of text about each step that may take a while."""

_Command = TypeVar("_Command", bound=Callable[..., object])


def takes_sources(command: _Command) -> _Command:
    """Give a command the options that say which .proto files it is about."""
    for option in (
        click.option("--exclude", multiple=True, metavar="PATTERN", help="Files or folders below --idl to leave out."),
        click.option(
            "--include",
            multiple=True,
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            metavar="DIR",
            help="Where else to look for imports; what is there gets no models.",
        ),
        click.option("--idl", type=click.Path(path_type=Path), default=Path("idl"), help="The .proto files.  [idl]"),
    ):
        command = option(command)
    return command


@contextmanager
def running() -> Iterator[Report]:
    """Run a command: give it something to report its steps to, and tell what stops it.

    Steps are shown on a terminal only. A failure that a person can put right is told on stderr, and so is an
    interruption; both end the process with the exit code 2.
    """
    console = errors()
    try:
        with console.status("starting") as status:
            yield status.update
    except GenerationError as error:
        for problem in error.problems:
            console.print(str(problem), markup=False)
        count = len(error.problems)
        fail(f"{count} problem{'s' if count > 1 else ''}; nothing was written.")
    except CannotRun as error:
        fail(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        fail(f"{name}{error.strerror or error}; nothing was changed.")
    except KeyboardInterrupt:
        fail("Interrupted; nothing was changed.")


def fail(text: str) -> NoReturn:
    """Say on stderr why the command cannot run, and end it."""
    errors().print(text, style="bold red", markup=False)
    sys.exit(FAILED)


def show_left_out(problems: Iterable[Problem]) -> None:
    """List what the contract promises and was left out, because the IDL lacks it."""
    for problem in problems:
        click.echo(f"left out: {problem.what} ({problem.where})")


def errors() -> Console:
    """Where messages about the run go, as stderr is now."""
    return Console(stderr=True, soft_wrap=True, highlight=False)
