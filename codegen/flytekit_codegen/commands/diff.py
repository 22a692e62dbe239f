"""``flytekit-models diff``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flytekit_codegen.commands.shared import FOUND, running

if TYPE_CHECKING:
    from flytekit_codegen.diff import Comparison

_FORMATS = ("text", "markdown", "json", "github", "sarif")


@click.command()
@click.argument("old")
@click.argument("new", required=False)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", help="How to tell it.  [text]")
@click.option(
    "--fail-on",
    type=click.Choice(("wire", "api", "any")),
    default="any",
    help="Exit 1 where this is broken: the IDL, the Python API, any of them.  [any]",
)
@click.option(
    "--idl", type=click.Path(path_type=Path), default=Path("idl"), help="The IDL here, and its history.  [idl]"
)
@click.option("--contract", type=click.Path(path_type=Path), help="The contract files.  [flytekit's own]")
@click.option("--no-contract", is_flag=True, help="Promise nothing beyond the IDL.")
@click.option("--package", default="flytekit.models", help="Import root of the package.  [flytekit.models]")
def diff(
    old: str,
    new: str | None,
    form: str,
    fail_on: str,
    idl: Path,
    contract: Path | None,
    no_contract: bool,
    package: str,
) -> None:
    """Compare two schemas: their wire format, the Python API they make, and what users need.

    OLD and NEW are each a released version (1.16.7, or flyteidl2==2.0.1), a git revision (main, or main:path), a
    folder of .proto files, a file with a descriptor set, or a URL of one of the latter two that fsspec reads. NEW is
    the IDL here if it is left out. Exits with 1 if something is broken, with 2 if the two could not be compared.

    \b
    Example:
      flytekit-models diff 1.16.6 1.16.7
      flytekit-models diff HEAD --format markdown
      flytekit-models diff 1.16.6 --format json --fail-on wire
    """
    from flytekit_codegen.diff import compare
    from flytekit_codegen.diff.output import FORMATS
    from flytekit_codegen.pipeline.run import CONTRACT

    promised = None if no_contract else contract or CONTRACT
    with running() as report:
        found = compare(old, new, idl=idl, contract=promised, package=package, report=report)
        text = FORMATS[form](found, Path(new) if new is not None and Path(new).is_dir() else idl)
    click.echo(text, nl=False)
    if broken(found, fail_on):
        sys.exit(FOUND)


def broken(found: Comparison, fail_on: str) -> bool:
    """Whether what *fail_on* names (``wire``, ``api`` or ``any``) is broken."""
    wire, api = bool(found.breaking("wire")), bool(found.breaking("api"))
    return {"wire": wire, "api": api, "any": wire or api}[fail_on]
