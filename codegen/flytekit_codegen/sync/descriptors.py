"""The descriptors of a release, read out of its wheel without importing it.

A `_pb2.py` module holds its file's serialized descriptor as one bytes literal, the argument of
`AddSerializedFile`; it is taken from the module's syntax tree.
"""

from __future__ import annotations

import ast
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import DecodeError
from packaging.requirements import InvalidRequirement, Requirement

from flytekit_codegen.pipeline.step1_read.sources import WELL_KNOWN as WELL_KNOWN_FILES

from .errors import SyncError

_MODULE_SUFFIX = "_pb2.py"
_REGISTERS = b"AddSerializedFile("


class WheelDescriptors:
    """The .proto files that a wheel holds in compiled form, by name, each decoded when it is first asked for.

    Raises:
        SyncError: from the constructor, if the file is no readable wheel.
    """

    def __init__(self, wheel: Path) -> None:
        self._wheel = wheel
        self._decoded: dict[str, FileDescriptorProto] = {}
        try:
            with zipfile.ZipFile(wheel) as archive:
                # Every byte is read here, so that a damaged archive is found out before anything is done with it.
                self._sources = {
                    name.removesuffix(_MODULE_SUFFIX) + ".proto": archive.read(name)
                    for name in archive.namelist()
                    if name.endswith(_MODULE_SUFFIX)
                }
                self._metadata = [
                    archive.read(name).decode("utf-8")
                    for name in archive.namelist()
                    if name.endswith(".dist-info/METADATA")
                ]
        except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, OSError) as error:
            raise SyncError(
                f"The wheel {wheel} is damaged and cannot be read ({error}); delete it to fetch it again."
            ) from error

    def under(self, folder: str) -> list[str]:
        """The names of the files below one top folder, sorted."""
        return sorted(name for name in self._sources if name.startswith(f"{folder}/"))

    def names(self) -> list[str]:
        """The names of all files but protobuf's own, sorted."""
        found = (self[name].name for name in self._sources if self._registers(name))
        return sorted(name for name in found if name not in WELL_KNOWN_FILES)

    def _registers(self, name: str) -> bool:
        """Whether the module for the file *name* has a descriptor; one that only gives what another has doesn't."""
        return _REGISTERS in self._sources[name]

    def __contains__(self, name: str) -> bool:
        return name in self._sources

    def __getitem__(self, name: str) -> FileDescriptorProto:
        """The descriptor of one file.

        Raises:
            SyncError: the module holds no descriptor, a broken one, or one of another file.
        """
        if name not in self._decoded:
            self._decoded[name] = self._decode(name)
        return self._decoded[name]

    def requirements(self) -> Iterator[Requirement]:
        """The unconditional requirements that the wheel's metadata declares."""
        for metadata in self._metadata:
            for line in metadata.split("\n\n", 1)[0].splitlines():
                if line.startswith("Requires-Dist:"):
                    try:
                        requirement = Requirement(line.removeprefix("Requires-Dist:").strip())
                    except InvalidRequirement as error:
                        raise SyncError(f"The wheel {self._wheel} declares an invalid requirement: {error}.") from error
                    if requirement.marker is None and requirement.url is None:
                        yield requirement

    def _decode(self, name: str) -> FileDescriptorProto:
        module = f"{self._wheel.name}/{name.removesuffix('.proto')}{_MODULE_SUFFIX}"
        try:
            with warnings.catch_warnings():
                # Odd escapes in a release's own module are no matter of ours.
                warnings.simplefilter("ignore")
                tree = ast.parse(self._sources[name])
            serialized = _serialized_literals(tree)
            if len(serialized) != 1:
                raise SyncError(f"{module} holds {len(serialized)} serialized descriptors instead of one.")
            file = FileDescriptorProto.FromString(serialized[0])
        except (SyntaxError, ValueError, DecodeError) as error:
            raise SyncError(f"{module} has no readable descriptor ({type(error).__name__}).") from error
        if file.name in self._sources and not self._registers(file.name):
            # Its own module gives what this one has.
            self._decoded[file.name] = file
        elif file.name != name:
            raise SyncError(f"{module} holds the descriptor of another file, '{file.name}'.")
        return file


def _serialized_literals(tree: ast.Module) -> list[bytes]:
    return [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "AddSerializedFile"
        and len(node.args) == 1
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, bytes)
    ]
