"""``flytekit-models overlay``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from flytekit_codegen.commands.shared import DONE, FOUND, fail, running
from flytekit_codegen.overlay import apply as run
from flytekit_codegen.overlay.imports import check
from flytekit_codegen.overlay.journal import FOLDER
from flytekit_codegen.overlay.payload import payload
from flytekit_codegen.overlay.target import Target, find, require_supported


@click.command()
@click.argument("target", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--revert", is_flag=True, help="Restore the tree.")
@click.option(
    "--status", "only_status", is_flag=True, help="Show the state of the tree; exit with 1 if it is not up to date."
)
@click.option("--force", is_flag=True, help="Continue with an unsupported flytekit version or over changed files.")
@click.option(
    "--python",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Python to check imports with. Defaults to one whose environment contains TARGET.",
)
@click.option("-v", "--verbose", is_flag=True, help="List every file.")
def overlay(target: Path, revert: bool, only_status: bool, force: bool, python: Path | None, verbose: bool) -> None:
    """Install the models and utilities into a flytekit tree.

    TARGET is a checkout of flytekit, or the site-packages folder that it is installed in. Replaced files are kept
    there. If an environment contains TARGET, the command checks that it imports the overlay, and otherwise says what
    to run.

    \b
    Example:
      flytekit-models overlay ../flytekit
      flytekit-models overlay ../flytekit --status
      flytekit-models overlay ../flytekit --revert
    """
    if revert and only_status:
        raise click.UsageError("--revert and --status cannot be combined")
    if only_status:
        sys.exit(DONE if show_status(target, python, verbose) else FOUND)
    (take_out if revert else put_in)(target, force, python, verbose)


def put_in(path: Path, force: bool, python: Path | None, verbose: bool) -> None:
    """Overlay the flytekit tree at *path*, and print what was done."""
    with running(), _to_the_end():
        target = find(path)
        if not force:
            require_supported(target)
        files = payload()
        changes = run.apply(target, files, force)
    _introduce(target)
    _show("replaced", changes.replaced, verbose)
    _show("added", changes.added, verbose)
    _show("displaced", changes.displaced, True, "by packages of the same name")
    _show("unchanged", changes.unchanged, verbose)
    _show("restored", changes.restored, verbose)
    _show("removed", changes.removed, verbose)
    _show("left", changes.left, True, "in flytekit's models without a counterpart; all other files are untouched")
    click.echo(f"Replaced files are kept in {FOLDER}; --revert restores them.")
    _show_imports(target, files, python)


def take_out(path: Path, force: bool, python: Path | None, verbose: bool) -> None:
    """Remove the overlay from the flytekit tree at *path*, and print what was done."""
    with running(), _to_the_end():
        target = find(path)
        changes = run.revert(target, force)
    _introduce(target)
    if not (changes.restored or changes.removed):
        click.echo("Nothing is overlaid.")
        return
    _show("restored", changes.restored, verbose)
    _show("removed", changes.removed, verbose)
    _show_imports(target, changes.restored, python)


def show_status(path: Path, python: Path | None, verbose: bool) -> bool:
    """Print the state of the flytekit tree at *path*; return whether the overlay is there, up to date and imported."""
    with running():
        target = find(path)
        files = payload()
        found = run.status(target, files)
    _introduce(target)
    if not found.applied:
        click.echo("Nothing is overlaid.")
        return False
    click.echo(f"overlaid by flytekit-models {found.generator}")
    _show("replaced", found.replaced, verbose)
    _show("added", found.added, verbose)
    _show("changed", found.changed, True, "since the overlay was applied")
    _show("stale", found.stale, True, "differ from what the overlay would write now")
    return _show_imports(target, files, python) and not (found.changed or found.stale)


def _show_imports(target: Target, names: Iterable[str], python: Path | None) -> bool:
    """Print whether an environment imports the files *names* from the tree; return False if it does not."""
    with running():
        imports = check(target.root, names, python)
    if imports is None:
        click.echo("imports not checked: found no Python environment that contains this tree; name one with --python")
        return True
    click.echo(str(imports))
    return imports.right


@contextmanager
def _to_the_end() -> Iterator[None]:
    """Tell how to undo what an interruption left behind."""
    try:
        yield
    except KeyboardInterrupt:
        fail("Interrupted; --revert restores the tree.")


def _introduce(target: Target) -> None:
    click.echo(f"flytekit {target.version or '(version unknown)'} in {target.root}")


def _show(what: str, names: tuple[str, ...], verbose: bool, note: str = "") -> None:
    folders = Counter(_group(name) for name in names)
    detail = note or ", ".join(f"{folder} {count}" for folder, count in sorted(folders.items()))
    click.echo(f"  {what:<10}{len(names):>4}{'  ' + detail if detail else ''}")
    if verbose:
        for name in names:
            click.echo(f"      {name}")


def _group(name: str) -> str:
    """Return the package that a file counts towards: ``flytekit/models``, ``flytekit/core``, ``flytekit_models``."""
    first, _, rest = name.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if first == "flytekit" else first
