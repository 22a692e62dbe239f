"""``flytekit-models upgrade``."""

from __future__ import annotations

from pathlib import Path

import click

from flytekit_codegen.checkout import require_own_generator
from flytekit_codegen.commands.shared import running, show_left_out, takes_sources
from flytekit_codegen.commands.sync import show


@click.command()
@click.argument("version", required=False)
@takes_sources
@click.option("--distribution", default="flyteidl", show_default=True, help="Released package to take it from.")
@click.option(
    "--contract", type=click.Path(path_type=Path), show_default="flytekit's", help="Folder with the contract files."
)
@click.option("--no-contract", is_flag=True, help="Use no contract: derive every class from the IDL alone.")
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("generated"), show_default=True, help="Output folder."
)
@click.option("--package", default="flytekit.models", show_default=True, help="Import root of the package.")
@click.option("--lenient", is_flag=True, help="Skip and list what the contract promises but an older IDL lacks.")
def upgrade(
    version: str | None,
    idl: Path,
    include: tuple[Path, ...],
    exclude: tuple[str, ...],
    distribution: str,
    contract: Path | None,
    no_contract: bool,
    output: Path,
    package: str,
    lenient: bool,
) -> None:
    """Upgrade the IDL and the models to a release, and show the changes.

    VERSION defaults to the newest release of the current major version. If any step fails, nothing is changed.

    \b
    Example:
      flytekit-models upgrade
      flytekit-models upgrade 1.16.8
    """
    from flytekit_codegen.diff.output import FORMATS
    from flytekit_codegen.pipeline import run as pipeline
    from flytekit_codegen.upgrade import upgrade as bring

    with running():
        require_own_generator(output)
    folder = None if no_contract else contract or pipeline.CONTRACT
    options = pipeline.Options(
        idl=idl,
        output=output,
        contract=folder,
        package=package,
        lenient=lenient,
        include=include,
        exclude=exclude,
    )
    with running() as report:
        done = bring(version, options, distribution=distribution, report=report)
        text = FORMATS["text"](done.comparison, idl) if done.comparison is not None else ""
    show(done.sync, idl)
    show_left_out(done.models.left_out)
    result = done.models.result
    click.echo(
        f"{done.models.package.name}: {len(result.written)} files written, {len(result.unchanged)} unchanged, "
        f"{len(result.removed)} removed"
    )
    click.echo(text, nl=False)
