"""The elements of a .proto file: everything in it that has a name and can carry documentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    OneofDescriptorProto,
    ServiceDescriptorProto,
)

Declaration = (
    DescriptorProto
    | FieldDescriptorProto
    | OneofDescriptorProto
    | EnumDescriptorProto
    | EnumValueDescriptorProto
    | ServiceDescriptorProto
    | MethodDescriptorProto
)

# Field numbers of descriptor.proto, of which the paths in a SourceCodeInfo are made.
PACKAGE_PATH, SYNTAX_PATH = (FileDescriptorProto.PACKAGE_FIELD_NUMBER,), (FileDescriptorProto.SYNTAX_FIELD_NUMBER,)

_GREATEST_FIELD = 2**29 - 1
_GREATEST_VALUE = 2**31 - 1
_GREATEST_IN_SET = 2**31 - 2
_SCALARS = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in FieldDescriptorProto.Type.items()
    if name not in ("TYPE_MESSAGE", "TYPE_ENUM", "TYPE_GROUP")
}


@dataclass(frozen=True)
class Element:
    """One named element.

    `name` is its full name without a leading dot. An enum value is named below its enum
    (`flyteidl.core.Resources.ResourceName.CPU`), although protobuf puts it beside it.
    """

    name: str
    kind: str
    path: tuple[int, ...]
    declaration: Declaration
    owner: DescriptorProto | None = None
    """The message that has it, for a field."""


def elements(file: FileDescriptorProto) -> Iterator[Element]:
    """Every element of `file` in the order of the descriptor; entries of maps and synthetic oneofs are none."""
    package = f"{file.package}." if file.package else ""
    for index, enum in enumerate(file.enum_type):
        yield from _enum(enum, package, (FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, index))
    for index, message in enumerate(file.message_type):
        yield from _message(message, package, (FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, index))
    for index, extension in enumerate(file.extension):
        path = (FileDescriptorProto.EXTENSION_FIELD_NUMBER, index)
        yield Element(package + extension.name, "extension", path, extension)
    for index, service in enumerate(file.service):
        path = (FileDescriptorProto.SERVICE_FIELD_NUMBER, index)
        yield Element(package + service.name, "service", path, service)
        for number, method in enumerate(service.method):
            below = (*path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, number)
            yield Element(f"{package}{service.name}.{method.name}", "rpc", below, method)


def real_oneofs(message: DescriptorProto) -> int:
    """How many oneofs of `message` its author wrote; the synthetic ones of `optional` fields come after them."""
    return len(message.oneof_decl) - sum(field.proto3_optional for field in message.field)


def map_entry(field: FieldDescriptorProto, message: DescriptorProto) -> DescriptorProto | None:
    """The entry type of a map field of `message`, None for any other field."""
    if field.type == FieldDescriptorProto.TYPE_MESSAGE and field.label == FieldDescriptorProto.LABEL_REPEATED:
        for nested in message.nested_type:
            # An entry type is always declared in the message that has the map, and nowhere used but by it.
            if nested.options.map_entry and field.type_name.endswith(f".{message.name}.{nested.name}"):
                return nested
    return None


def scalar_name(field: FieldDescriptorProto) -> str | None:
    """The name of a field's type in .proto files, None for a message or an enum."""
    return _SCALARS.get(field.type)


def label(field: FieldDescriptorProto, has_labels: bool = False) -> str:
    """What stands before a field's type: `repeated ` or `optional ` or nothing.

    Where each field *has_labels*, as in proto2 outside of oneofs, one of `required `, `optional ` and `repeated `.
    """
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return "repeated "
    if has_labels and field.label == FieldDescriptorProto.LABEL_REQUIRED:
        return "required "
    return "optional " if has_labels or field.proto3_optional else ""


def group(field: FieldDescriptorProto, message: DescriptorProto) -> DescriptorProto | None:
    """The message type that a group of `message` declares, None for any other field."""
    if field.type != FieldDescriptorProto.TYPE_GROUP:
        return None
    return next((nested for nested in message.nested_type if field.type_name.endswith(f".{nested.name}")), None)


def extension_ranges(message: DescriptorProto) -> list[str]:
    """The numbers that are free for extensions, as they are written in .proto files."""
    greatest = _GREATEST_IN_SET if message.options.message_set_wire_format else _GREATEST_FIELD
    return [_written_range(each.start, each.end - 1, greatest) for each in message.extension_range]


def reserved_ranges(declaration: DescriptorProto | EnumDescriptorProto) -> list[str]:
    """The reserved numbers as they are written in .proto files, such as `4`, `7 to 9` and `100 to max`."""
    # The end of a message's range is outside of it, that of an enum's inside.
    outside, greatest = (0, _GREATEST_VALUE) if isinstance(declaration, EnumDescriptorProto) else (1, _GREATEST_FIELD)
    return [_written_range(each.start, each.end - outside, greatest) for each in declaration.reserved_range]


def _written_range(first: int, last: int, greatest: int) -> str:
    return str(first) if first == last else f"{first} to {'max' if last == greatest else last}"


def _message(message: DescriptorProto, scope: str, path: tuple[int, ...]) -> Iterator[Element]:
    name = scope + message.name
    yield Element(name, "message", path, message)
    for index, enum in enumerate(message.enum_type):
        yield from _enum(enum, f"{name}.", (*path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, index))
    for index, nested in enumerate(message.nested_type):
        if not nested.options.map_entry:
            yield from _message(nested, f"{name}.", (*path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, index))
    for index, oneof in enumerate(message.oneof_decl[: real_oneofs(message)]):
        yield Element(f"{name}.{oneof.name}", "oneof", (*path, DescriptorProto.ONEOF_DECL_FIELD_NUMBER, index), oneof)
    for index, field in enumerate(message.field):
        below = (*path, DescriptorProto.FIELD_FIELD_NUMBER, index)
        yield Element(f"{name}.{field.name}", "field", below, field, owner=message)
    for index, extension in enumerate(message.extension):
        below = (*path, DescriptorProto.EXTENSION_FIELD_NUMBER, index)
        yield Element(f"{name}.{extension.name}", "extension", below, extension)


def _enum(enum: EnumDescriptorProto, scope: str, path: tuple[int, ...]) -> Iterator[Element]:
    name = scope + enum.name
    yield Element(name, "enum", path, enum)
    for index, value in enumerate(enum.value):
        below = (*path, EnumDescriptorProto.VALUE_FIELD_NUMBER, index)
        yield Element(f"{name}.{value.name}", "value", below, value)
