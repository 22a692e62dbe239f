"""``flytekit-models upgrade``."""

from __future__ import annotations

from pathlib import Path

import click

from flytekit_codegen.commands.shared import running, show_left_out
from flytekit_codegen.commands.sync import show


@click.command()
@click.argument("version", required=False)
@click.option("--idl", type=click.Path(path_type=Path), default=Path("idl"), help="The .proto files.  [idl]")
@click.option("--distribution", default="flyteidl", help="The released package.  [flyteidl]")
@click.option("--contract", type=click.Path(path_type=Path), help="The contract files.  [flytekit's own]")
@click.option("--no-contract", is_flag=True, help="Promise nothing beyond the IDL.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("generated"), help="Where to.  [generated]")
@click.option("--package", default="flytekit.models", help="Import root of the package.  [flytekit.models]")
@click.option("--lenient", is_flag=True, help="Leave out, and list, what the contract promises and an old IDL lacks.")
def upgrade(
    version: str | None,
    idl: Path,
    distribution: str,
    contract: Path | None,
    no_contract: bool,
    output: Path,
    package: str,
    lenient: bool,
) -> None:
    """Bring the IDL and the models to a release, and tell what that changes.

    VERSION is the newest of its major version if it is left out. Either all is done, or nothing is changed.

    \b
    Example:
      flytekit-models upgrade
      flytekit-models upgrade 1.16.8
    """
    from flytekit_codegen.diff.output import FORMATS
    from flytekit_codegen.pipeline import run as pipeline
    from flytekit_codegen.upgrade import upgrade as bring

    folder = None if no_contract else contract or pipeline.CONTRACT
    options = pipeline.Options(idl=idl, output=output, contract=folder, package=package, lenient=lenient)
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
