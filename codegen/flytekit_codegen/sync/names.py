"""Type names as a person would write them in a .proto file: the shortest one that means the right type there."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto

_STATEMENTS = frozenset({"enum", "extend", "extensions", "group", "map", "message", "oneof", "option", "reserved"})
"""Words that open a statement: a type whose written name began with one would be taken for it."""

WELL_KNOWN_TYPES = ".google.protobuf."
"""What the full names of all well-known types begin with."""


class TypeNames:
    """All types and scopes of a set of files, by which protoc resolves a name."""

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._defined_in: dict[str, str] = {}
        # What a dotted name can lead through (packages, messages, enums, services) and what it can end at.
        self._scopes: set[str] = set()
        # An rpc hides types of its name from its service.
        self._rpcs: set[str] = set()
        for file in files:
            self.add(file)

    def add(self, file: FileDescriptorProto) -> None:
        """Add the types of one more file."""
        parts = file.package.split(".") if file.package else []
        self._scopes.update(".".join(parts[: end + 1]) for end in range(len(parts)))
        package = f"{file.package}." if file.package else ""
        for message in file.message_type:
            self._add_message(message, package, file.name)
        for enum in file.enum_type:
            self._add_type(package + enum.name, file.name)
        self._scopes.update(package + service.name for service in file.service)
        self._rpcs.update(f"{package}{service.name}.{rpc.name}" for service in file.service for rpc in service.method)

    def defined_in(self, type_name: str) -> str:
        """The file that defines a type, given by its full name with a leading dot; "" where none does."""
        return self._defined_in.get(type_name.removeprefix("."), "")

    def written(self, type_name: str, scope: str) -> str:
        """The shortest name by which protoc finds a type from within `scope`; google.protobuf is never shortened.

        Args:
            type_name: the type's full name with a leading dot, as descriptors have it.
            scope: the full name of the message or package that the name is written in.
        """
        parts = type_name.removeprefix(".").split(".")
        longest_first = type_name.startswith(WELL_KNOWN_TYPES)
        for start in range(len(parts)) if longest_first else reversed(range(len(parts))):
            name = ".".join(parts[start:])
            if parts[start] not in _STATEMENTS and self._resolved(name, scope) == type_name.removeprefix("."):
                return name
        return type_name

    def _resolved(self, name: str, scope: str) -> str | None:
        """What `name` means in `scope`, by protobuf's rule: the innermost scope that has its first part decides."""
        first, dotted, _ = name.partition(".")
        while True:
            prefix = f"{scope}." if scope else ""
            if prefix + first in self._rpcs:
                return None
            if prefix + first in (self._scopes if dotted else self._defined_in):
                return prefix + name if prefix + name in self._defined_in else None
            if not scope:
                return None
            scope = scope.rpartition(".")[0]

    def _add_type(self, name: str, file_name: str) -> None:
        self._defined_in[name] = file_name
        self._scopes.add(name)

    def _add_message(self, message: DescriptorProto, scope: str, file_name: str) -> None:
        self._add_type(scope + message.name, file_name)
        for nested in message.nested_type:
            self._add_message(nested, f"{scope}{message.name}.", file_name)
        for enum in message.enum_type:
            self._add_type(f"{scope}{message.name}.{enum.name}", file_name)
