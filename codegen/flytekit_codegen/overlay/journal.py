"""What an overlay did to a tree, written down in the tree itself, beside what it replaced."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from flytekit_codegen.problems import GenerationError, Problem, Where

FOLDER = ".flytekit-models"
_FORMAT = 1


@dataclass
class Entry:
    """One file of an overlay."""

    written: tuple[str | None, ...]
    """Digests of what the overlay left there (None: no file): several while an update is under way, else one."""
    kept: str | None
    """The digest of what was there before; None if nothing was."""


@dataclass
class Journal:
    """The files that an overlay put into the tree at *root*."""

    root: Path
    generator: str = ""
    """The version that applied it."""
    flytekit: str = ""
    """The version of flytekit that it went into."""
    files: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path) -> Journal:
        """The journal of the tree at *root*, empty if nothing was overlaid.

        Raises:
            GenerationError: it is damaged.
        """
        path = root / FOLDER / "overlay.json"
        if not path.is_file():
            return cls(root)
        try:
            data = json.loads(path.read_text())
            if data["format"] != _FORMAT:
                raise ValueError(f"its format is {data['format']} instead of {_FORMAT}")
            files = {name: Entry(tuple(entry["written"]), entry["kept"]) for name, entry in data["files"].items()}
            return cls(root, data["generator"], data["flytekit"], files)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            cure = f"the replaced files are in {path.parent / 'kept'}: copy them back and delete {path.parent}"
            raise GenerationError([Problem(Where(path), f"the journal cannot be read: {error}", cure)]) from None

    @property
    def folder(self) -> Path:
        """Where the journal and what was replaced are kept."""
        return self.root / FOLDER

    def kept_file(self, name: str) -> Path:
        """Where what the file *name* replaced is kept."""
        return self.folder / "kept" / name

    def save(self) -> None:
        """Write the journal."""
        entries = {name: {"written": entry.written, "kept": entry.kept} for name, entry in sorted(self.files.items())}
        data = {"format": _FORMAT, "generator": self.generator, "flytekit": self.flytekit, "files": entries}
        text = json.dumps(data, indent=1) + "\n"
        self.folder.mkdir(exist_ok=True)
        new = self.folder / "overlay.json.new"
        new.write_text(text)
        os.replace(new, self.folder / "overlay.json")

    def changed(self) -> list[str]:
        """The files that are neither what the overlay wrote nor what was there before it."""
        return [
            name for name, entry in self.files.items() if digest(self.root / name) not in (*entry.written, entry.kept)
        ]


def digest(content: Path | bytes | None) -> str | None:
    """The digest of a file, or of the contents of one; None if there is none."""
    if isinstance(content, Path):
        content = content.read_bytes() if content.is_file() else None
    return None if content is None else hashlib.sha256(content).hexdigest()


def put(content: Path | bytes, target: Path) -> None:
    """Write a file in one step: contents, or a copy of a file with its mode and times.

    The old file is replaced and not written into: installers link one file into many environments.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    new = target.with_name(f".{target.name}.new")
    if isinstance(content, Path):
        shutil.copy2(content, new, follow_symlinks=False)
    else:
        new.write_bytes(content)
    os.replace(new, target)
