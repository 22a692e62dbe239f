"""Writes the package: what changed and nothing else, or nothing at all if anything fails."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from flytekit_codegen.problems import GenerationError, Problem, Where
from flytekit_codegen.staging import CannotReplace, StagedFolder, clean_up

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Written:
    """What writing did."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """Each generated file: the digest of its text, and of what that text was laid out from."""

    files: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, package: Path) -> Manifest:
        """The manifest of the generated *package*, empty if it has none.

        Raises:
            GenerationError: it is damaged.
        """
        path = package / MANIFEST
        if not path.is_file():
            return cls({})
        try:
            files = json.loads(path.read_text(encoding="utf-8"))["files"]
            for name, digests in files.items():
                _check_entry(name, digests)
            return cls(files)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            what = f"the manifest cannot be read: {type(error).__name__}: {error}"
            cure = "delete it; all files are then written again, and files that are no longer generated stay"
            raise GenerationError([Problem(Where(path), what, cure)]) from None

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps({"files": dict(sorted(self.files.items()))}, indent=1) + "\n"


def _check_entry(name: str, digests: object) -> None:
    """Refuse an entry of a manifest that a run could not have written: files outside the package are not its own."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError(f"it names a file outside the package, {name}")
    if not isinstance(digests, dict) or not all(isinstance(value, str) for value in digests.values()):
        raise ValueError(f"its entry {name} is not a table of digests")


def digest(text: str) -> str:
    """The digest of a text."""
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


@dataclass(frozen=True)
class Staged:
    """A package that is ready and not yet in its place: what changes, and the folder whose `commit` does it."""

    result: Written
    folder: StagedFolder


@contextmanager
def staged(package: Path, files: Mapping[str, str], manifest: Manifest, old: Manifest) -> Iterator[Staged]:
    """Make ready to bring the folder *package* to *files*; what *old* lists and is no longer generated is removed.

    The new tree is complete before the old one is touched, and takes its place in one step, the `commit` of the
    staged folder: an interruption leaves the one or the other. Without it, the package stays as it is.

    Raises:
        GenerationError: the folder cannot be written.
    """
    files = {**files, MANIFEST: manifest.text()}
    try:
        clean_up(package)
        with StagedFolder(package) as folder:
            written = tuple(name for name, text in files.items() if folder.write(name, text))
            removed = tuple(name for name in old.files if name not in files and folder.remove(name))
            unchanged = tuple(name for name in files if name not in written and name != MANIFEST)
            yield Staged(Written(tuple(name for name in written if name != MANIFEST), unchanged, removed), folder)
    except CannotReplace as error:
        cure = "make sure that the folder is writable and that there is space on the disk"
        raise GenerationError([Problem(Where(package), str(error).rstrip("."), cure)]) from None


def read_text(path: Path) -> str | None:
    """The text of a file, every byte of it told apart, or None where there is no such file."""
    return path.read_bytes().decode(errors="surrogateescape") if path.is_file() else None


def stale(package: Path, files: Mapping[str, str], manifest: Manifest, old: Manifest) -> Iterator[str]:
    """The unified diffs that would bring the folder *package* to *files*."""
    files = {**files, MANIFEST: manifest.text()}
    for name in sorted({*files, *old.files}):
        have, want = read_text(package / name), files.get(name)
        if have != want:
            # A byte that is no text is shown as an escape.
            shown = (have or "").encode(errors="surrogateescape").decode(errors="backslashreplace")
            yield "".join(
                difflib.unified_diff(
                    shown.splitlines(keepends=True),
                    (want or "").splitlines(keepends=True),
                    f"{package.name}/{name}" if have is not None else os.devnull,
                    f"{package.name}/{name} (regenerated)" if want is not None else os.devnull,
                )
            )
