"""``flytekit-models regenerate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flytekit_codegen.checkout import require_own_generator
from flytekit_codegen.commands.shared import FOUND, counted_as, running, say, show_left_out, takes_sources

if TYPE_CHECKING:
    from flytekit_codegen.pipeline.run import Summary


@click.command()
@takes_sources
@click.option(
    "--contract", type=click.Path(path_type=Path), show_default="flytekit's", help="Folder with the contract files."
)
@click.option("--no-contract", is_flag=True, help="Use no contract: derive every class from the IDL alone.")
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("generated"), show_default=True, help="Output folder."
)
@click.option("--package", default="flytekit.models", show_default=True, help="Import root of the package.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; show what is out of date and exit with 1.")
@click.option("--only", help="Write one module only, such as core.identifier.")
@click.option("--lenient", is_flag=True, help="Skip and list what the contract promises but an older IDL lacks.")
def regenerate(
    idl: Path,
    include: tuple[Path, ...],
    exclude: tuple[str, ...],
    contract: Path | None,
    no_contract: bool,
    output: Path,
    package: str,
    only_check: bool,
    only: str | None,
    lenient: bool,
) -> None:
    """Generate the models of an IDL.

    \b
    Example:
      flytekit-models regenerate
      flytekit-models regenerate --check
      flytekit-models regenerate --idl protos --no-contract --package mine.models --output src
    """
    from flytekit_codegen.pipeline import run as pipeline

    with running():
        require_own_generator(output)
    folder = None if no_contract else contract or pipeline.CONTRACT
    options = pipeline.Options(
        idl=idl,
        output=output,
        contract=folder,
        package=package,
        only=only,
        lenient=lenient,
        include=include,
        exclude=exclude,
    )
    if only_check:
        with running() as report:
            diffs = pipeline.check(options, report)
        _show_stale(diffs)
    else:
        with running() as report:
            summary = pipeline.regenerate(options, report)
        _show_summary(summary)


def _show_stale(diffs: list[str]) -> None:
    for diff in diffs:
        click.echo(diff, nl=False)
    if diffs:
        verb = "is" if len(diffs) == 1 else "are"
        say(f"{counted_as('file', len(diffs))} {verb} out of date; run `flytekit-models regenerate`.")
        sys.exit(FOUND)
    click.echo("Everything is up to date.")


def _show_summary(summary: Summary) -> None:
    package, result = summary.package, summary.result
    show_left_out(summary.left_out)
    counted = {
        "message": package.messages,
        "enum": package.enums,
        "field": package.fields,
        "service": package.services,
        "rpc": package.rpcs,
    }
    said = [counted_as(name, number) for name, number in counted.items() if number or name not in ("service", "rpc")]
    click.echo(f"{package.name}: {', '.join(said)} in {counted_as('module', len(package.modules))}")
    click.echo(
        f"files: {len(result.written)} written, {len(result.unchanged)} unchanged, {len(result.removed)} removed, "
        f"in {summary.seconds:.1f} s"
    )
