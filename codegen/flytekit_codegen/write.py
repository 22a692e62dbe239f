"""Writes the package: what changed and nothing else, or nothing at all if anything fails."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flytekit_codegen.problems import GenerationError, Problem, Where
from flytekit_codegen.sync.errors import SyncError
from flytekit_codegen.sync.staging import StagedFolder, clean_up

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
            return cls(json.loads(path.read_text())["files"])
        except (ValueError, KeyError, TypeError) as error:
            cure = "delete it; what was generated is then written anew, and files that are no longer generated stay"
            raise GenerationError([Problem(Where(path), f"the manifest cannot be read: {error}", cure)]) from None

    def text(self) -> str:
        """The manifest as it is written."""
        return json.dumps({"files": dict(sorted(self.files.items()))}, indent=1) + "\n"


def digest(text: str) -> str:
    """The digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


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
    except SyncError as error:
        cure = "make the folder writable, and see that the disk has room"
        raise GenerationError([Problem(Where(package), str(error).rstrip("."), cure)]) from None


def _read(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def stale(package: Path, files: Mapping[str, str], manifest: Manifest, old: Manifest) -> Iterator[str]:
    """The unified diffs that would bring the folder *package* to *files*."""
    files = {**files, MANIFEST: manifest.text()}
    for name in sorted({*files, *old.files}):
        have, want = _read(package / name), files.get(name)
        if have != want:
            yield "".join(
                difflib.unified_diff(
                    (have or "").splitlines(keepends=True),
                    (want or "").splitlines(keepends=True),
                    f"{package.name}/{name}" if have is not None else os.devnull,
                    f"{package.name}/{name} (regenerated)" if want is not None else os.devnull,
                )
            )
