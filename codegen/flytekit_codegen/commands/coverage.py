"""``flytekit-models coverage``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from flytekit_codegen.commands.shared import running, takes_sources


@click.command()
@takes_sources
@click.option("--contract", type=click.Path(path_type=Path), help="The contract files.  [flytekit's own]")
@click.option("--no-contract", is_flag=True, help="Promise nothing beyond the IDL.")
@click.option("--package", default="flytekit.models", help="Import root of the package.  [flytekit.models]")
@click.option(
    "--format", "form", type=click.Choice(("text", "markdown", "json", "badge")), default="text", help="[text]"
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
    """Tell what of the IDL the contract, the mechanical classes and the documentation cover.

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
            Sources(idl, include, exclude), None if no_contract else contract or CONTRACT, package
        )
    if form == "json":
        click.echo(json.dumps(covering.content(found), indent=2))
    else:
        click.echo(
            {"text": covering.text, "markdown": covering.markdown, "badge": covering.badge}[form](found), nl=False
        )
