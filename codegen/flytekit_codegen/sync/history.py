"""The history of a schema: which released version brought, changed or removed each of its elements.

It is kept in `idl/history.json`. For each message, field, enum, enum value, service and rpc it has the versions in
which the element's declaration changed, with the declaration from then on, or null where the element went away:

    "flyteidl.core.TaskMetadata.generates_deck": {"1.10.0": "bool = 10", "1.14.2": "google.protobuf.BoolValue = 15"}

A declaration is written as `TYPE = NUMBER`, for a member of a oneof as `TYPE = NUMBER in oneof NAME`, for an enum's
value as `value NUMBER`, for an rpc as `rpc (REQUEST) returns (RESPONSE)`, or as `message`, `enum` or `service`.
Reserved numbers and names, and deprecation, follow after a comma. Whatever stands under the first of all `releases` may
be older than that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)
from packaging.version import Version

from .descriptors import WheelDescriptors
from .elements import elements, label, map_entry, reserved_ranges, scalar_name
from .errors import SyncError
from .release import available_versions, default_cache, fetch, parse_version
from .schema import own_files

HISTORY_NAME = "history.json"
_FORMAT = 2
"""Of the file: the first format had no services."""
FIRST_RELEASES = {"flyteidl": Version("1.10.0")}
"""The distributions whose history sync keeps unasked, with the release that it begins with."""


@dataclass(frozen=True)
class Change:
    """One element's change in one release; `before` is None for a new element, `after` for a removed one."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class History:
    """The history of one distribution's schema over `releases`, oldest first.

    `elements` maps an element's full name (`elements.Element`) to its declarations, each by the release that
    brought it, in their order.
    """

    distribution: str
    releases: tuple[str, ...]
    elements: Mapping[str, Mapping[str, str | None]]
    format: int = _FORMAT

    def since(self, name: str) -> str | None:
        """The first release that has an element and after which it never went away.

        None if the newest release doesn't have it, or if it is no element whose history is kept.
        """
        found: str | None = None
        for version, declaration in self.elements.get(name, {}).items():
            found = None if declaration is None else found or version
        return found

    def removed_in(self, name: str) -> str | None:
        """The first release that no longer has an element; None for one that is still there or never was."""
        *_, (version, declaration) = self.elements.get(name, {}).items() or [("", "never there")]
        return version if declaration is None else None

    def at(self, version: str) -> dict[str, str]:
        """All elements of one of the `releases`, with their declarations then.

        Raises:
            ValueError: `version` is none of the `releases`.
        """
        if version not in self.releases:
            raise ValueError(f"{self.distribution} {version} is no release of the history, {self.releases}")
        upto = set(self.releases[: self.releases.index(version) + 1])
        latest = {
            name: [declaration for release, declaration in declarations.items() if release in upto]
            for name, declarations in self.elements.items()
        }
        return {name: known[-1] for name, known in latest.items() if known and known[-1] is not None}

    def changes(self, version: str) -> list[Change]:
        """What one of the `releases` changed with regard to the one before it, by name; nothing for the first one."""
        changes = []
        if version != self.releases[0]:
            for name, declarations in self.elements.items():
                if version in declarations:
                    earlier = list(declarations)[: list(declarations).index(version)]
                    before = declarations[earlier[-1]] if earlier else None
                    changes.append(Change(name, before, declarations[version]))
        return changes

    def followed_by(self, version: str, files: Iterable[FileDescriptorProto]) -> History:
        """This history and one more release, newer than all it has."""
        now = declarations_of(files)
        before = self.at(self.releases[-1]) if self.releases else {}
        merged: dict[str, Mapping[str, str | None]] = {}
        for name in sorted(self.elements.keys() | now.keys()):
            known = self.elements.get(name, {})
            changed = now.get(name) != before.get(name)
            merged[name] = {**known, version: now.get(name)} if changed else known
        return History(self.distribution, (*self.releases, version), merged)

    def upto(self, version: Version) -> History:
        """This history without what came after `version`."""
        releases = tuple(release for release in self.releases if Version(release) <= version)
        kept = {
            name: {release: declaration for release, declaration in declarations.items() if release in releases}
            for name, declarations in self.elements.items()
        }
        return History(self.distribution, releases, {name: some for name, some in kept.items() if some})

    def text(self) -> str:
        """The history as it stands in its file: JSON with one line per element."""
        lines = [f"    {json.dumps(name)}: {json.dumps(known)}" for name, known in self.elements.items()]
        members = [
            f'  "format": {self.format}',
            f'  "distribution": {json.dumps(self.distribution)}',
            f'  "releases": {json.dumps(self.releases)}',
            '  "elements": {\n' + ",\n".join(lines) + "\n  }",
        ]
        return "{\n" + ",\n".join(members) + "\n}\n"


def read_history(idl: Path) -> History | None:
    """The history kept in an `idl/` folder, None where there is none.

    Raises:
        SyncError: there is one, and it can't be read.
    """
    path = idl / HISTORY_NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return History(
            content["distribution"], tuple(content["releases"]), dict(content["elements"]), content.get("format", 1)
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SyncError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SyncError(f"{path} is not a history written by sync; restore it from version control.") from error


def build_history(
    newest: str,
    *,
    distribution: str = "flyteidl",
    known: History | None = None,
    report: Callable[[str], None] = lambda line: None,
    cache: Path | None = None,
) -> History:
    """The history over all stable releases of one major version up to `newest`.

    The package index is asked once for the list of releases, unless `known` answers already; wheels that aren't in
    the cache are downloaded one after the other.

    Args:
        newest: the last version to take in; a release that isn't stable is never taken in itself.
        distribution: the package on the index.
        known: an earlier history, of which is used what still holds.
        report: called with a line of text about each release that is read.
        cache: the folder of downloaded wheels, by default `default_cache()`.

    Raises:
        SyncError: a release could not be fetched or read.
    """
    last = parse_version(newest)
    history = known if known is not None and known.distribution == distribution else None
    history = history if history is not None and history.format == _FORMAT else None
    history = history or History(distribution, (), {})
    if str(last) in history.releases:
        return history.upto(last)
    first = FIRST_RELEASES.get(distribution, Version("0"))
    report(f"Asking for the releases of {distribution}")
    versions = [
        str(version)
        for version in available_versions(distribution)
        if version.major == last.major and first <= version <= last
    ]
    history = history.upto(last)
    if history.releases != tuple(versions[: len(history.releases)]):
        # A release came later than one with a greater number, so what is known no longer holds.
        history = History(distribution, (), {})
    for number, version in enumerate(versions[len(history.releases) :], start=len(history.releases) + 1):
        report(f"Reading {distribution} {version} for the history ({number} of {len(versions)})")
        release = fetch(distribution, version, cache or default_cache())
        history = history.followed_by(version, own_files(release, WheelDescriptors(release.wheel)))
    return history


def declarations_of(files: Iterable[FileDescriptorProto]) -> dict[str, str]:
    """The declaration of each element whose history is kept, in the form in which it is."""
    declarations: dict[str, str] = {}
    for element in (element for file in files for element in elements(file)):
        declared = element.declaration
        if isinstance(declared, EnumValueDescriptorProto):
            parts = [f"value {declared.number}"]
        elif isinstance(declared, FieldDescriptorProto) and element.owner is not None:
            parts = [field_declaration(declared, element.owner)]
        elif isinstance(declared, DescriptorProto | EnumDescriptorProto):
            reserved = [*reserved_ranges(declared), *declared.reserved_name]
            parts = [element.kind, *([f"reserved {' '.join(reserved)}"] if reserved else [])]
        elif isinstance(declared, ServiceDescriptorProto):
            parts = [element.kind]
        elif isinstance(declared, MethodDescriptorProto):
            parts = [_rpc_declaration(declared)]
        else:
            continue
        if declared.options.deprecated:
            parts.append("deprecated")
        declarations[element.name] = ", ".join(parts)
    return declarations


def _rpc_declaration(rpc: MethodDescriptorProto) -> str:
    request, response = (name.removeprefix(".") for name in (rpc.input_type, rpc.output_type))
    takes = f"stream {request}" if rpc.client_streaming else request
    gives = f"stream {response}" if rpc.server_streaming else response
    return f"rpc ({takes}) returns ({gives})"


def field_declaration(field: FieldDescriptorProto, owner: DescriptorProto) -> str:
    """The declaration of a field of the message *owner*: its type, number and oneof."""
    entry = map_entry(field, owner)
    if entry is not None:
        key, value = entry.field
        return f"map<{_type(key)}, {_type(value)}> = {field.number}"
    text = f"{label(field)}{_type(field)} = {field.number}"
    if field.HasField("oneof_index") and not field.proto3_optional:
        text += f" in oneof {owner.oneof_decl[field.oneof_index].name}"
    return text


def _type(field: FieldDescriptorProto) -> str:
    return scalar_name(field) or field.type_name.removeprefix(".")
