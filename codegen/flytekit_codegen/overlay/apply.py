"""Applies an overlay, tells what became of it, and takes it out."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flytekit_codegen import __version__
from flytekit_codegen.overlay.journal import Entry, Journal, digest, put
from flytekit_codegen.overlay.payload import MODELS
from flytekit_codegen.overlay.target import Target
from flytekit_codegen.problems import GenerationError, Problem, Where


@dataclass(frozen=True)
class Changes:
    """What was done to the files of a tree, each by its path below the root."""

    replaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    displaced: tuple[str, ...] = ()
    """Modules that a package of the overlay stands in for."""
    unchanged: tuple[str, ...] = ()
    """Already what the overlay has."""
    restored: tuple[str, ...] = ()
    """Once part of the overlay, and what they were again."""
    removed: tuple[str, ...] = ()
    """Added by the overlay, and gone again."""
    left: tuple[str, ...] = ()
    """Files of flytekit's own models that the generated package has no counterpart of."""


@dataclass(frozen=True)
class Status:
    """How a tree stands to the overlay."""

    applied: bool
    generator: str
    """The version that applied it."""
    replaced: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Changed by someone else since."""
    stale: tuple[str, ...] = ()
    """No longer what the overlay would write, or not yet in the tree."""


def apply(target: Target, files: Mapping[str, bytes], force: bool = False) -> Changes:
    """Bring the tree to the overlay *files*, keeping what they replace.

    Args:
        target: The tree.
        files: Path below the root, and contents.
        force: Take what someone changed since the last time for the original.

    Raises:
        GenerationError: files that were overlaid have been changed since, or the tree cannot be written.
    """
    journal = Journal.read(target.root)
    changed = journal.changed()
    if changed and not (force or _is_another(target, journal)):
        raise GenerationError(_refusals(target.root, changed))
    try:
        return _apply(target, journal, files, changed)
    except OSError as error:
        raise _unwritable(target.root, error) from None


def revert(target: Target, force: bool = False) -> Changes:
    """Bring the tree back to what it was before the overlay; nothing to do if there is none.

    Where another flytekit was installed over it, that flytekit's files stay.

    Raises:
        GenerationError: files that were overlaid have been changed since, or the tree cannot be written.
    """
    journal = Journal.read(target.root)
    changed = journal.changed()
    if _is_another(target, journal):
        for name in changed:
            del journal.files[name]
            journal.kept_file(name).unlink(missing_ok=True)
    elif changed and not force:
        raise GenerationError(_refusals(target.root, changed))
    try:
        restored, removed = _take_out(journal, list(journal.files))
        _remove_journal(journal)
    except OSError as error:
        raise _unwritable(target.root, error) from None
    return Changes(restored=restored, removed=removed)


def status(target: Target, files: Mapping[str, bytes]) -> Status:
    """How the tree stands to the overlay *files*."""
    journal = Journal.read(target.root)
    entries = journal.files
    changed = tuple(journal.changed())
    outdated = {name for name, content in files.items() if digest(target.root / name) != digest(content)}
    gone = set(entries) - set(files) - set(_displaced(journal, files))
    return Status(
        applied=bool(entries),
        generator=journal.generator,
        replaced=tuple(name for name, entry in entries.items() if entry.kept),
        added=tuple(name for name, entry in entries.items() if not entry.kept),
        changed=changed,
        stale=tuple(sorted((outdated | gone) - set(changed))),
    )


def _is_another(target: Target, journal: Journal) -> bool:
    """Whether another flytekit was installed over the overlay: what has changed is then that flytekit's own."""
    return bool(journal.files) and journal.flytekit != str(target.version)


def _apply(target: Target, journal: Journal, files: Mapping[str, bytes], changed: list[str]) -> Changes:
    root = journal.root
    wanted: dict[str, bytes | None] = {**files, **dict.fromkeys(_displaced(journal, files))}
    # The journal is complete before the first file is touched, so that an interruption can be reverted.
    for name, content in wanted.items():
        entry = journal.files.get(name)
        if entry is None or name in changed:
            entry = journal.files[name] = Entry((), digest(root / name))
            if entry.kept is None:
                journal.kept_file(name).unlink(missing_ok=True)
            else:
                put(root / name, journal.kept_file(name))
        entry.written = tuple(dict.fromkeys((*entry.written, digest(content))))
    journal.generator, journal.flytekit = __version__, str(target.version)
    journal.save()

    done: dict[str, list[str]] = {"replaced": [], "added": [], "displaced": [], "unchanged": []}
    _forget_compiled(root, [name for name, content in wanted.items() if digest(root / name) != digest(content)])
    for name, content in wanted.items():
        if digest(root / name) == digest(content):
            done["unchanged"].append(name)
        elif content is None:
            (root / name).unlink()
            done["displaced"].append(name)
        else:
            put(content, root / name)
            done["added" if journal.files[name].kept is None else "replaced"].append(name)
        journal.files[name].written = (digest(content),)
    restored, removed = _take_out(journal, [name for name in journal.files if name not in wanted])
    journal.save()
    left = tuple(name for name in _modules_below(root, MODELS) if name not in files)
    names = {what: tuple(those) for what, those in done.items()}
    return Changes(restored=restored, removed=removed, left=left, **names)


def _displaced(journal: Journal, files: Mapping[str, bytes]) -> list[str]:
    """The modules ``x.py`` that a package ``x`` of the overlay hides."""
    hidden = [f"{name.removesuffix('/__init__.py')}.py" for name in files if name.endswith("/__init__.py")]
    return [name for name in hidden if name in journal.files or (journal.root / name).is_file()]


def _take_out(journal: Journal, names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Restore what the files *names* replaced, and remove those that replaced nothing."""
    restored, removed = [], []
    _forget_compiled(journal.root, names)
    for name in names:
        path = journal.root / name
        if journal.files[name].kept is None:
            path.unlink(missing_ok=True)
            removed.append(name)
        else:
            if digest(path) != journal.files[name].kept:
                put(journal.kept_file(name), path)
            restored.append(name)
    for name in names:
        _remove_empty_folders(journal.root, (journal.root / name).parent)
    # Only now: up to here it can be done again.
    for name in names:
        journal.kept_file(name).unlink(missing_ok=True)
        del journal.files[name]
    return tuple(restored), tuple(removed)


def _remove_journal(journal: Journal) -> None:
    if not journal.folder.is_dir():
        return
    (journal.folder / "overlay.json").unlink(missing_ok=True)
    for folder in sorted((path for path in journal.folder.rglob("*") if path.is_dir()), reverse=True):
        folder.rmdir()
    journal.folder.rmdir()


def _remove_empty_folders(root: Path, folder: Path) -> None:
    while folder != root and folder.is_dir():
        compiled = folder / "__pycache__"
        if compiled.is_dir() and not any(compiled.iterdir()):
            compiled.rmdir()
        if any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent


def _forget_compiled(root: Path, names: Iterable[str]) -> None:
    """Remove the compiled form of modules: Python tells whether it is current by time and size only."""
    for name in names:
        if name.endswith(".py"):
            compiled = Path(importlib.util.cache_from_source(str(root / name))).parent
            for path in compiled.glob(f"{Path(name).stem}.*.pyc"):
                path.unlink()


def _modules_below(root: Path, name: str) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in (root / name).rglob("*.py"))


def _refusals(root: Path, changed: list[str]) -> list[Problem]:
    what = "has changed since it was overlaid"
    cure = "move the change elsewhere, or use --force to let apply treat it as flytekit's file, or revert discard it"
    return [Problem(Where(root / name), what, cure) for name in changed]


def _unwritable(root: Path, error: OSError) -> GenerationError:
    cure = "make the tree writable, then apply the overlay again or use --revert"
    return GenerationError([Problem(Where(root), f"cannot be written: {error}", cure)])
