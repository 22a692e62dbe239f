"""The sides of a comparison: whatever a person can name as a schema, brought to a folder of .proto files."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError

from flytekit_codegen.diff.errors import DiffError
from flytekit_codegen.sync.kept import WELL_KNOWN, kept
from flytekit_codegen.sync.names import TypeNames
from flytekit_codegen.sync.proto_source import proto_source
from flytekit_codegen.sync.protoc import compile_tree, well_known_folder
from flytekit_codegen.sync.release import default_cache, fetch
from flytekit_codegen.sync.schema import read_schema

DEFAULT_DISTRIBUTION = "flyteidl"

_VERSION = re.compile(r"v?\d+(\.\d+)+([a-z0-9.+!-]*)", re.IGNORECASE)
_RELEASE = re.compile(r"(?P<distribution>[A-Za-z0-9._-]+)==(?P<version>.+)")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|.+::")


@dataclass(frozen=True)
class Side:
    """One side: what messages call it, its folder of .proto files, and the release it is, if it is one."""

    label: str
    folder: Path
    distribution: str | None = None
    version: str | None = None


def side(
    name: str, scratch: Path, *, idl: Path, report: Callable[[str], None] = lambda line: None, cache: Path | None = None
) -> Side:
    """The side that a person calls *name*.

    In this order: a URL, a folder of .proto files, a file with a descriptor set, a released version (`1.16.8`, or
    `DISTRIBUTION==VERSION`), a revision of the git repository that *idl* is in (`REVISION`, or `REVISION:FOLDER`).

    Args:
        name: what was given.
        scratch: an empty folder for what has to be fetched or unpacked.
        idl: the folder that a revision is asked for, if it names none.
        report: called with a line of text about each step that may take a while.
        cache: the folder of downloaded wheels, by default `default_cache()`.

    Raises:
        DiffError: there is no such thing, or it cannot be read.
        SyncError: a release cannot be had.
    """
    if _URL.match(name):
        report(f"Fetching {name}")
        return Side(name, _from_url(name, scratch))
    path = Path(name)
    if name and path.is_dir():
        return Side(name, path)
    if path.is_file():
        return Side(name, _from_descriptor_set(name, path.read_bytes(), scratch))
    release = _RELEASE.fullmatch(name)
    if release or _VERSION.fullmatch(name):
        distribution, version = (
            (release["distribution"], release["version"]) if release else (DEFAULT_DISTRIBUTION, name)
        )
        report(f"Fetching {distribution} {version}")
        return _from_release(distribution, version, scratch, cache or default_cache())
    return Side(name, _from_revision(name, idl, scratch))


def _from_release(distribution: str, version: str, scratch: Path, cache: Path) -> Side:
    release = fetch(distribution, version, cache)
    schema = read_schema(release, cache, {})
    for name, file in schema.files.items():
        _write(scratch, name, proto_source(file, schema.names, {}).encode())
    return Side(str(release), scratch, release.distribution, release.version)


def _from_descriptor_set(label: str, content: bytes, scratch: Path) -> Path:
    try:
        files = list(FileDescriptorSet.FromString(content).file)
    except DecodeError:
        raise DiffError(f"{label} is neither a folder of .proto files nor a readable descriptor set.") from None
    own = [file for file in files if not file.name.startswith(WELL_KNOWN)]
    if not own:
        raise DiffError(f"{label} has no descriptor of a .proto file.")
    names = TypeNames(files)
    for file in _missing_well_known(files):
        names.add(file)
    for file in own:
        if not file.name or ".." in PurePosixPath(file.name).parts or file.name.startswith("/"):
            raise DiffError(f"{label} holds a file named '{file.name}', which is not a path below its root.")
        text = proto_source(kept(file, file.name.partition("/")[0], names.defined_in), names, {})
        _write(scratch, file.name, text.encode())
    return scratch


def _missing_well_known(files: list[FileDescriptorProto]) -> list[FileDescriptorProto]:
    """The files of google/protobuf that are imported, and not in a set."""
    present = {file.name for file in files}
    wanted = {name for file in files for name in file.dependency if name.startswith(WELL_KNOWN)} - present
    with well_known_folder() as folder:
        return list(compile_tree(folder, sorted(wanted)).values())


def _from_revision(name: str, idl: Path, scratch: Path) -> Path:
    revision, _, folder = name.partition(":")
    start = next(parent for parent in (idl.absolute(), *idl.absolute().parents) if parent.is_dir())
    known = _git(start, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if known.returncode:
        raise DiffError(
            f"'{name}' is not a folder, file, released version, URL, or revision of a git repository around " f"{idl}."
        )
    top = Path(_git(start, "rev-parse", "--show-toplevel").stdout.decode().strip())
    if not folder:
        try:
            folder = idl.resolve().relative_to(top.resolve()).as_posix()
        except ValueError:
            raise DiffError(f"{idl} is not below {top}, so {name} cannot contain it.") from None
    packed = _git(top, "archive", "--format=tar", f"{known.stdout.decode().strip()}:{folder}")
    if packed.returncode:
        raise DiffError(f"The git revision {revision} has no folder {folder}.")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() and member.name.endswith(".proto") else None
            if content is not None:
                _write(scratch, member.name, content.read())
    return scratch


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise DiffError("git is not installed, so there are no revisions to compare.") from None


def _from_url(url: str, scratch: Path) -> Path:
    from fsspec.core import url_to_fs

    try:
        system, root = url_to_fs(url)
        if system.isfile(root):
            return _from_descriptor_set(url, system.cat_file(root), scratch)
        found = [path for path in system.find(root) if path.endswith(".proto")]
        for path in found:
            _write(scratch, _below(path, root), system.cat_file(path))
    except DiffError:
        raise
    except Exception as error:
        # Every file system, and what it stands on, has exceptions of its own.
        raise DiffError(f"{url} cannot be read: {_first_line(error)}.") from error
    if not found:
        raise DiffError(f"{url} is neither a file nor a folder with .proto files.")
    return scratch


def _below(path: str, root: str) -> str:
    return path.lstrip("/").removeprefix(root.strip("/")).lstrip("/")


def _first_line(error: Any) -> str:
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__


def _write(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
