"""``flytekit-models coverage``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from flytekit_codegen.commands.shared import known_idl, running, takes_sources


@click.command()
@takes_sources
@click.option(
    "--contract", type=click.Path(path_type=Path), show_default="flytekit's", help="Folder with the contract files."
)
@click.option("--no-contract", is_flag=True, help="Use no contract: derive every class from the IDL alone.")
@click.option("--package", default="flytekit.models", show_default=True, help="Import root of the package.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json", "badge")),
    default="text",
    show_default=True,
    help="Output format.",
)
def coverage(
    idl: Path,
    include: tuple[Path, ...],
    exclude: tuple[str, ...],
    contract: Path | None,
    no_contract: bool,
    package: str,
    form: str,
) -> None:
    """Report how much of the IDL the contract, the mechanical classes and the documentation cover.

    Outside a checkout, the IDL is the one that is installed.

    \b
    Example:
      flytekit-models coverage
      flytekit-models coverage --format badge
    """
    from flytekit_codegen import coverage as covering
    from flytekit_codegen.pipeline.run import CONTRACT
    from flytekit_codegen.pipeline.step1_read.sources import Sources

    with running() as report:
        report("reading the IDL")
        found = covering.coverage(
            Sources(known_idl(idl), include, exclude), None if no_contract else contract or CONTRACT, package
        )
    if form == "json":
        click.echo(json.dumps(covering.content(found), indent=2))
    else:
        click.echo(
            {"text": covering.text, "markdown": covering.markdown, "badge": covering.badge}[form](found), nl=False
        )
