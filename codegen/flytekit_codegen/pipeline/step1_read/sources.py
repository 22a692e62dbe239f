"""Which .proto files a run is about: those of a folder, and what they import."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

WELL_KNOWN = frozenset(
    f"google/protobuf/{name}.proto"
    for name in (
        *("any", "api", "descriptor", "duration", "empty", "field_mask", "source_context", "struct", "timestamp"),
        *("type", "wrappers", "compiler/plugin", "cpp_features", "go_features", "java_features", "csharp_features"),
        *("json_enumvalue_options", "json_options"),
    )
)
"""The files that protobuf itself brings: they are taken as they are, wherever they lie."""


@dataclass(frozen=True)
class Sources:
    """The folder of an IDL, and which of the files that protoc reads for it are its own."""

    root: Path
    include: tuple[Path, ...] = ()
    """Folders to look for imports in, after the root; what is found there gets no models."""
    exclude: tuple[str, ...] = ()
    """Patterns of files that get no models and are only read where others import them."""

    def names(self) -> list[str]:
        """The .proto files below the folder that get models, as imports name them."""
        return sorted(name for name in _proto_files(self.root) if self._is_wanted(name))

    def has(self, name: str) -> bool:
        """Whether a file that protoc has read gets models: it is below the folder, whatever its ending is."""
        return self._is_wanted(name) and (self.root / name).is_file()

    def _is_wanted(self, name: str) -> bool:
        return name not in WELL_KNOWN and not any(_matches(name, pattern) for pattern in self.exclude)

    def path(self, name: str) -> Path:
        """Where the file is that imports call *name*."""
        folders = [folder for folder in (self.root, *self.include) if (folder / name).is_file()]
        return (folders or [self.root])[0] / name


def _matches(name: str, pattern: str) -> bool:
    """Whether *pattern* is the file *name*, a folder it is in, or a pattern of either.

    >>> [_matches("third_party/gogo/gogo.proto", one) for one in ("third_party", "third_party/", "*/gogo.proto")]
    [True, True, True]
    >>> [_matches("third_party/gogo/gogo.proto", one) for one in ("gogo", "third", "gogo.proto")]
    [False, False, False]
    """
    pattern = pattern.rstrip("/")
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}/*")


def _proto_files(root: Path) -> Iterator[str]:
    """The .proto files below *root*, those in linked folders too; a folder that is there twice counts once."""
    seen: set[str] = set()
    pending = [root]
    while pending:
        links: list[Path] = []
        for start in pending:
            # A link is followed after all folders that are there themselves: their own names count.
            for folder, below, files in os.walk(start):
                real = os.path.realpath(folder)
                if real in seen:
                    below.clear()
                    continue
                seen.add(real)
                paths = [Path(folder, name) for name in sorted(below)]
                links += [path for path in paths if path.is_symlink()]
                found = (Path(folder, name) for name in files if name.endswith(".proto"))
                yield from (path.relative_to(root).as_posix() for path in found if path.is_file())
        pending = links
