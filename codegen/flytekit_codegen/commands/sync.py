"""``flytekit-models sync``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flytekit_codegen.commands.shared import running

if TYPE_CHECKING:
    from flytekit_codegen.sync import SyncReport


@click.command()
@click.option("--flyteidl", "version", required=True, metavar="VERSION", help="Released version, such as 1.16.8.")
@click.option("--idl", type=click.Path(path_type=Path), default=Path("idl"), show_default=True, help="Folder to write.")
@click.option("--distribution", default="flyteidl", show_default=True, help="Released package to take it from.")
def sync(version: str, idl: Path, distribution: str) -> None:
    """Write the IDL from a released package. Comments that are already there are kept.

    \b
    Example:
      flytekit-models sync --flyteidl 1.16.8
      flytekit-models sync --flyteidl 2.0.0 --distribution flyteidl2 --idl idl2
    """
    from flytekit_codegen.sync import sync as bring

    with running() as report:
        done = bring(version, idl, distribution=distribution, report=report)
    show(done, idl)


def show(done: SyncReport, idl: Path) -> None:
    """Print what a sync did to the folder *idl*."""
    kept = "" if done.changed else ", unchanged"
    click.echo(f"{idl}: {done.distribution} {done.version}{kept}")
    if done.newer_before is not None:
        click.echo(f"This is a downgrade: {idl} had {done.newer_before}, which is newer.")
    click.echo(f"files: {len(done.written)} written, {len(done.unchanged)} unchanged, {len(done.removed)} removed")
    for title, names in (
        ("new elements without documentation", done.undocumented),
        ("removed elements", done.removed_elements),
        ("dropped comments", done.dropped_comments),
    ):
        if names:
            click.echo(f"{title}:")
            for name in names:
                click.echo(f"  {name}")
