"""Writes the package: what changed and nothing else, or nothing at all if anything fails."""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from flytekit_codegen.problems import GenerationError, Problem, Where

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


def write(package: Path, files: Mapping[str, str], manifest: Manifest, old: Manifest) -> Written:
    """Bring the folder *package* to *files*; what *old* lists and is no longer generated is removed.

    The new tree is complete before the old one is touched, and takes its place in one rename: an interruption leaves
    the one or the other.

    Raises:
        GenerationError: the folder cannot be written.
    """
    files = {**files, MANIFEST: manifest.text()}
    written = tuple(name for name, text in files.items() if _read(package / name) != text)
    removed = tuple(name for name in old.files if name not in files and (package / name).is_file())
    unchanged = tuple(name for name in files if name not in written and name != MANIFEST)
    if written or removed:
        try:
            _swap(package, {name: files[name] for name in written}, removed)
        except OSError as error:
            cure = "make the folder writable, and see that the disk has room"
            raise GenerationError([Problem(Where(package), f"cannot be written: {error}", cure)]) from None
    return Written(tuple(name for name in written if name != MANIFEST), unchanged, removed)


def _swap(package: Path, written: Mapping[str, str], removed: tuple[str, ...]) -> None:
    package.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{package.name}-", dir=package.parent) as scratch:
        new = Path(scratch, "new")
        if package.is_dir():
            # Links keep what has not changed as it is, modification time and all.
            shutil.copytree(package, new, copy_function=_link, ignore=shutil.ignore_patterns("__pycache__"))
        for name in removed:
            (new / name).unlink()
        _remove_empty_folders(new)
        for name, text in written.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(text)
        if package.is_dir():
            os.rename(package, Path(scratch, "old"))
        try:
            os.rename(new, package)
        except OSError:
            os.rename(Path(scratch, "old"), package)
            raise


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _remove_empty_folders(root: Path) -> None:
    for folder, _, _ in sorted(os.walk(root), reverse=True):
        if not os.listdir(folder) and folder != str(root):
            os.rmdir(folder)


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
