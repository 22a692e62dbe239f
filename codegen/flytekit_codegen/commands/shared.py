"""What the commands share: exit codes, progress, and the report of failures."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from flytekit_codegen.checkout import shipped
from flytekit_codegen.commands.progress import Progress
from flytekit_codegen.problems import CannotRun, GenerationError, Problem

DONE, FOUND, FAILED = 0, 1, 2
"""Exit codes: success or nothing found; something stale or breaking found; the command could not run."""

DEFAULT_IDL = Path("idl")

Report = Callable[[str], None]
"""Receives a line of text before each step that may take a while."""

_Command = TypeVar("_Command", bound=Callable[..., object])


def takes_sources(command: _Command) -> _Command:
    """Add the options that select .proto files to a command."""
    for option in (
        click.option("--exclude", multiple=True, metavar="PATTERN", help="Files or folders below --idl to exclude."),
        click.option(
            "--include",
            multiple=True,
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            metavar="DIR",
            help="Further folder to resolve imports from. No models are generated for its files.",
        ),
        click.option(
            "--idl",
            type=click.Path(path_type=Path),
            default=DEFAULT_IDL,
            show_default=True,
            help="Folder with the .proto files.",
        ),
    ):
        command = option(command)
    return command


def known_idl(given: Path) -> Path:
    """The folder that a command reads: the one that was given, or by default, outside a checkout, what is installed."""
    return shipped("idl") if given == DEFAULT_IDL and not given.is_dir() else given


@contextmanager
def running() -> Iterator[Report]:
    """Run a command: yield a function that reports its steps, and print what stops it.

    On a terminal the current step is shown, elsewhere a line now and then. A failure that the user can fix is printed
    to stderr, as is an interruption. Both end the process with exit code 2.
    """
    try:
        with Progress(sys.stderr) as progress:
            yield progress
    except GenerationError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        fail(f"{counted_as('problem', len(error.problems))}; nothing was written.")
    except CannotRun as error:
        fail(str(error))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        fail(f"{name}{error.strerror or error}; nothing was changed.")
    except KeyboardInterrupt:
        fail("Interrupted; nothing was changed.")


def counted_as(name: str, number: int) -> str:
    """A number of things.

    >>> counted_as("message", 1), counted_as("message", 2)
    ('1 message', '2 messages')
    """
    return f"{number} {name}{'' if number == 1 else 's'}"


def fail(text: str) -> NoReturn:
    """Print to stderr why the command cannot run, and exit."""
    say(text)
    sys.exit(FAILED)


def say(text: str) -> None:
    """Print a line that matters to stderr."""
    click.secho(text, err=True, fg="red", bold=True)


def show_left_out(problems: Iterable[Problem]) -> None:
    """List what the contract promises but was left out because the IDL lacks it."""
    for problem in problems:
        click.echo(f"left out: {problem.what} ({problem.where})")
