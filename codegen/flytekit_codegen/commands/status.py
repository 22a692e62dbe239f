"""``flytekit-models status``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flytekit_codegen.commands.shared import DONE, FOUND, running
from flytekit_codegen.overlay.environment import look


@click.command()
@click.option(
    "--python",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=Path(sys.executable),
    help="The Python of the environment; the one that runs this command if not given.",
)
def status(python: Path) -> None:
    """Tell whose models an environment has, and how to mend it if it is damaged.

    Exits with 1 if it is damaged: files of flytekit that are not its own, left by an old wheel; files that are gone; an
    overlay that is not what gets imported.

    \b
    Example:
      flytekit-models status
    """
    with running():
        found = look(python)
    click.echo(f"{found.python}: {found.state}")
    for note in found.notes:
        click.echo(f"  {note}")
    for what in found.damage:
        click.echo(f"  damaged: {what}")
    for command in found.cure:
        click.echo(f"  run: {command}")
    sys.exit(FOUND if found.damage else DONE)
