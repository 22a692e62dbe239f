"""The schema of a release: all the files that idl/ holds for it, in the form that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from packaging.utils import canonicalize_name

from .descriptors import WheelDescriptors
from .errors import SyncError
from .kept import WELL_KNOWN, kept, type_names
from .names import WELL_KNOWN_TYPES, TypeNames
from .protoc import compile_tree, well_known_folder
from .release import Release, fetch, fetch_requirement


@dataclass(frozen=True)
class Schema:
    """A release's files, by name, and what is needed to write them.

    `files` are the release's own and, after them, those of its requirements that they take types from
    (google/rpc/status.proto, say). `requirements` are the releases that the latter come from.
    """

    files: Mapping[str, FileDescriptorProto]
    names: TypeNames
    requirements: tuple[Release, ...]


def own_files(release: Release, wheel: WheelDescriptors) -> list[FileDescriptorProto]:
    """The release's own files, sorted by name, as its wheel has them.

    Raises:
        SyncError: there are none, or one can't be read.
    """
    # Some wheels bring files of others along, beside the folder of the distribution's name. Where there is no such
    # folder, all files are its own: those of opentelemetry-proto are in opentelemetry/, those of xds-protos in many.
    names = wheel.under(release.distribution.replace("-", "_")) or wheel.names()
    if not names:
        raise SyncError(f"{release} has no _pb2.py modules, so there is no schema to take from it.")
    return [wheel[name] for name in names]


def read_schema(release: Release, cache: Path, pinned: Mapping[str, str]) -> Schema:
    """Read the schema of a release.

    Args:
        release: the release, downloaded.
        cache: the folder of downloaded wheels.
        pinned: the versions to take of requirements, by distribution; of any other the newest that fits is taken.
            Requirements are downloaded only if a type is missing without them.

    Raises:
        SyncError: the wheel or a descriptor in it can't be read, or a type is nowhere to be found.
    """
    wheel = WheelDescriptors(release.wheel)
    files = {file.name: file for file in own_files(release, wheel)}
    names = TypeNames(files.values())
    outside = _Outside(release, wheel, cache, pinned)
    pending = list(files.values())
    while pending:
        file = pending.pop()
        for type_name in type_names(file):
            if not type_name.startswith(WELL_KNOWN_TYPES) and not names.defined_in(type_name):
                found = outside.file_with(type_name, file)
                names.add(found)
                files[found.name] = found
                pending.append(found)
    well_known = {name for file in files.values() for name in file.dependency if name.startswith(WELL_KNOWN)}
    with well_known_folder() as folder:
        for file in compile_tree(folder, sorted(well_known)).values():
            names.add(file)
    kept_files = {name: kept(file, name.partition("/")[0], names.defined_in) for name, file in files.items()}
    return Schema(kept_files, names, tuple(outside.used))


class _Outside:
    """Finds the files that a release's own files import from elsewhere."""

    def __init__(self, release: Release, wheel: WheelDescriptors, cache: Path, pinned: Mapping[str, str]) -> None:
        self.used: list[Release] = []
        """The requirements that a file was found in."""
        self._release = release
        self._opened: list[tuple[Release, WheelDescriptors]] = [(release, wheel)]
        self._unopened = self._open_requirements(wheel, cache, pinned)

    def file_with(self, type_name: str, importer: FileDescriptorProto) -> FileDescriptorProto:
        """The file among the imports of `importer` that defines a type: from the wheel itself, or a requirement."""
        for release, wheel in self._sources():
            for file in _available(importer.dependency, wheel):
                if TypeNames([file]).defined_in(type_name):
                    if release is not self._release and release not in self.used:
                        self.used.append(release)
                    return file
        raise SyncError(f"{self._release}: {importer.name} uses the type {type_name[1:]}, which no package defines.")

    def _sources(self) -> Iterator[tuple[Release, WheelDescriptors]]:
        yield from self._opened
        for source in self._unopened:
            self._opened.append(source)
            yield source

    @staticmethod
    def _open_requirements(
        wheel: WheelDescriptors, cache: Path, pinned: Mapping[str, str]
    ) -> Iterator[tuple[Release, WheelDescriptors]]:
        for requirement in wheel.requirements():
            version = pinned.get(canonicalize_name(requirement.name))
            if version is None:
                release = fetch_requirement(requirement.name, str(requirement.specifier), cache)
            else:
                release = fetch(requirement.name, version, cache)
            yield release, WheelDescriptors(release.wheel)


def _available(names: Iterable[str], wheel: WheelDescriptors) -> Iterator[FileDescriptorProto]:
    return (wheel[name] for name in names if name in wheel)
