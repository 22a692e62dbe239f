"""``flytekit-models diff``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flytekit_codegen.commands.shared import FOUND, running, takes_sources

if TYPE_CHECKING:
    from flytekit_codegen.diff import Comparison

_LEADING = ("github", "sarif")
"""The formats by which people are led to files of their checkout."""

_FORMATS = ("text", "markdown", "json", "github", "sarif")


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="Output format.")
@click.option(
    "--fail-on",
    type=click.Choice(("wire", "api", "any")),
    default="any",
    show_default=True,
    help="Breaking changes that exit with 1: of the wire format, of the Python API, or any.",
)
@takes_sources
@click.option(
    "--contract", type=click.Path(path_type=Path), show_default="flytekit's", help="Folder with the contract files."
)
@click.option("--no-contract", is_flag=True, help="Use no contract: derive every class from the IDL alone.")
@click.option("--package", default="flytekit.models", show_default=True, help="Import root of the package.")
def diff(
    old: str,
    new: str | None,
    form: str,
    fail_on: str,
    idl: Path,
    include: tuple[Path, ...],
    exclude: tuple[str, ...],
    contract: Path | None,
    no_contract: bool,
    package: str,
) -> None:
    """Compare two schemas: their wire format, their Python API, and the releases that users need.

    OLD and NEW are each a released version (1.16.7 or flyteidl2==2.0.1), a git revision (main or main:path), a folder
    of .proto files, a file with a descriptor set, or a URL of a folder or file that fsspec can read. NEW defaults to
    the IDL in --idl. --include and --exclude apply to both. Exits with 1 after a breaking change, and with 2 if the
    comparison failed.

    \b
    Example:
      flytekit-models diff 1.16.6 1.16.7
      flytekit-models diff HEAD --format markdown
      flytekit-models diff 1.16.6 --format json --fail-on wire
    """
    from flytekit_codegen.diff import compare
    from flytekit_codegen.diff.changes import placed_in
    from flytekit_codegen.diff.output import FORMATS
    from flytekit_codegen.pipeline.run import CONTRACT

    promised = None if no_contract else contract or CONTRACT
    with running() as report:
        found = compare(
            old, new, idl=idl, contract=promised, package=package, include=include, exclude=exclude, report=report
        )
        is_folder = new is not None and Path(new).is_dir()
        root = Path(new) if new is not None and is_folder else idl
        shown = placed_in(found, root, is_new=new is None or is_folder) if form in _LEADING else found
        text = FORMATS[form](shown, root)
    click.echo(text, nl=False)
    if broken(found, fail_on):
        sys.exit(FOUND)


def broken(found: Comparison, fail_on: str) -> bool:
    """Whether there is a breaking change of the kind *fail_on*: ``wire``, ``api`` or ``any``."""
    wire, api = bool(found.breaking("wire")), bool(found.breaking("api"))
    return {"wire": wire, "api": api, "any": wire or api}[fail_on]
