"""The command line: ``flytekit-models``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from flytekit_codegen import __version__
from flytekit_codegen.commands.coverage import coverage
from flytekit_codegen.commands.diff import diff
from flytekit_codegen.commands.log import log
from flytekit_codegen.commands.overlay import overlay
from flytekit_codegen.commands.shared import show_left_out
from flytekit_codegen.commands.sync import sync
from flytekit_codegen.commands.upgrade import upgrade

DONE, STALE, FAILED = 0, 1, 2

_errors = Console(stderr=True, soft_wrap=True, highlight=False)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="flytekit-models")
def main() -> None:
    """Python models of the Flyte IDL, generated from its .proto files."""


main.add_command(coverage)
main.add_command(diff)
main.add_command(log)
main.add_command(overlay)
main.add_command(sync)
main.add_command(upgrade)


@main.command()
@click.option("--idl", type=click.Path(path_type=Path), default=Path("idl"), help="The .proto files.  [idl]")
@click.option("--contract", type=click.Path(path_type=Path), help="The contract files.  [flytekit's own]")
@click.option("--no-contract", is_flag=True, help="Promise nothing beyond the IDL.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("generated"), help="Where to.  [generated]")
@click.option("--package", default="flytekit.models", help="Import root of the package.  [flytekit.models]")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; show what is out of date, and exit 1.")
@click.option("--only", help="One module, such as core.identifier.")
@click.option("--lenient", is_flag=True, help="Leave out, and list, what the contract promises and an old IDL lacks.")
def regenerate(
    idl: Path,
    contract: Path | None,
    no_contract: bool,
    output: Path,
    package: str,
    only_check: bool,
    only: str | None,
    lenient: bool,
) -> None:
    """Write the models of an IDL.

    \b
    Example:
      flytekit-models regenerate
      flytekit-models regenerate --check
      flytekit-models regenerate --idl protos --no-contract --package mine.models --output src
    """
    from flytekit_codegen import pipeline
    from flytekit_codegen.problems import GenerationError

    folder = None if no_contract else contract or pipeline.CONTRACT
    options = pipeline.Options(idl=idl, output=output, contract=folder, package=package, only=only, lenient=lenient)
    try:
        with _errors.status("starting") as status:
            if only_check:
                diffs = pipeline.check(options, status.update)
            else:
                summary = pipeline.regenerate(options, status.update)
    except GenerationError as error:
        for problem in error.problems:
            _errors.print(str(problem), markup=False)
        count = len(error.problems)
        _errors.print(f"{count} problem{'s' if count > 1 else ''}; nothing was written.", style="bold red")
        sys.exit(FAILED)
    if only_check:
        _show_stale(diffs)
    else:
        _show_summary(summary)


def _show_stale(diffs: list[str]) -> None:
    for one in diffs:
        click.echo(one, nl=False)
    if diffs:
        files = f"{len(diffs)} file{'s are' if len(diffs) > 1 else ' is'}"
        _errors.print(f"{files} out of date; run `flytekit-models regenerate`.", style="bold red")
        sys.exit(STALE)
    click.echo("Everything is up to date.")


def _show_summary(summary: pipeline.Summary) -> None:  # type: ignore[name-defined]  # noqa: F821
    package, result = summary.package, summary.result
    show_left_out(summary.left_out)
    click.echo(
        f"{package.name}: {package.messages} messages, {package.enums} enums, {package.fields} fields "
        f"in {len(package.modules)} modules"
    )
    click.echo(
        f"files: {len(result.written)} written, {len(result.unchanged)} unchanged, {len(result.removed)} removed, "
        f"in {summary.seconds:.1f} s"
    )
