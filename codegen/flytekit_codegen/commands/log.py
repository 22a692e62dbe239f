"""``flytekit-models log``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from flytekit_codegen.commands.shared import DEFAULT_IDL, fail, known_idl, running


@click.command()
@click.argument("name", required=False)
@click.option(
    "--idl", type=click.Path(path_type=Path), default=DEFAULT_IDL, show_default=True, help="Folder with the history."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json")),
    default="text",
    show_default=True,
    help="Output format.",
)
def log(name: str | None, idl: Path, form: str) -> None:
    """Show the history of the schema: what each release added, changed or removed.

    NAME selects a release, or an element by its full name or the end of it, with everything nested in the element.
    Without NAME, the whole history is shown. Outside a checkout, it is the one that is
    installed.

    \b
    Example:
      flytekit-models log 1.16.7
      flytekit-models log TaskMetadata.generates_deck
      flytekit-models log --format markdown
    """
    from flytekit_codegen import log as telling
    from flytekit_codegen.sync import read_history

    idl = known_idl(idl)
    with running():
        history = read_history(idl)
    if history is None:
        fail(f"{idl} has no history.json; `flytekit-models sync` writes it.")
    part = telling.told(history, name)
    if part is None:
        fail(f"The history in {idl} has no release or element named {name}.")
    if form == "json":
        click.echo(json.dumps(telling.content(part), indent=2))
    else:
        click.echo((telling.text if form == "text" else telling.markdown)(part), nl=False)
