"""From a file's descriptor to source text, of proto2 or proto3, that compiles to the same descriptor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    ServiceDescriptorProto,
)
from google.protobuf.message import Message

from .comments import package_of, syntax_of
from .elements import extension_ranges, group, label, map_entry, real_oneofs, reserved_ranges, scalar_name
from .kept import json_name
from .names import TypeNames

HEADER = """\
Written by `flytekit-models sync` from the descriptors of a released package, which idl.lock names.
Custom options, such as those for HTTP routes and OpenAPI, are left out, and so are imports that only served them.
A comment directly above an element is documentation of our own: write it here, and every sync keeps it.
"""

_INDENT = "  "


def proto_source(file: FileDescriptorProto, names: TypeNames, documentation: Mapping[str, str]) -> str:
    """The text of one .proto file.

    Args:
        file: a file, as `kept` leaves it.
        names: the types of this file and of all its imports.
        documentation: comments by the name of their element, as `read_comments` gives them.
    """
    return "\n".join(_Writer(names, documentation, file.syntax or "proto2").file(file)) + "\n"


class _Writer:
    """Each method gives the lines of one construct, without the indentation of what is around it."""

    def __init__(self, names: TypeNames, documentation: Mapping[str, str], syntax: str) -> None:
        self._names = names
        self._syntax = syntax
        self._documentation = documentation

    def file(self, file: FileDescriptorProto) -> Iterator[str]:
        yield from _comment(HEADER)
        yield ""
        yield from self._documented(syntax_of(file.name), [f'syntax = "{self._syntax}";'])
        if file.package:
            yield ""
            yield from self._documented(package_of(file.name), [f"package {file.package};"])
        if file.dependency:
            yield ""
            for index, name in enumerate(file.dependency):
                public = "public " if index in file.public_dependency else ""
                weak = "weak " if index in file.weak_dependency else ""
                yield f"import {public}{weak}{_quoted(name)};"
        if options := _statements(file):
            yield ""
            yield from options
        package = file.package
        prefix = f"{package}." if package else ""
        for enum in file.enum_type:
            yield ""
            yield from self._documented(prefix + enum.name, self._enum(enum, prefix + enum.name))
        for message in file.message_type:
            yield ""
            yield from self._documented(prefix + message.name, self._message(message, prefix + message.name))
        for extension in file.extension:
            yield ""
            yield from self._extension(extension, package)
        for service in file.service:
            yield ""
            yield from self._documented(prefix + service.name, self._service(service, package))

    def _documented(self, name: str, lines: list[str]) -> list[str]:
        return [*_comment(self._documentation.get(name, "")), *lines]

    def _enum(self, enum: EnumDescriptorProto, name: str) -> list[str]:
        body = _Body(_statements(enum) + _reserved(enum))
        for value in enum.value:
            line = f"{value.name} = {value.number}{_bracketed(_options(value))};"
            body.add(self._documented(f"{name}.{value.name}", [line]))
        return body.within(f"enum {enum.name}")

    def _message(self, message: DescriptorProto, name: str) -> list[str]:
        body = _Body(_statements(message) + _reserved(message) + _extensions(message))
        for enum in message.enum_type:
            below = f"{name}.{enum.name}"
            body.add(self._documented(below, self._enum(enum, below)), apart=True)
        # protoc lists the entry types of maps and the types of groups among the nested messages in the order of the
        # source, so a message that comes after such a type is written after the field that it is of.
        nested = list(message.nested_type)
        of_fields = {each.name for each in nested if each.options.map_entry}
        of_fields |= {each.name for each in (group(field, message) for field in message.field) if each is not None}
        self._nested_up_to_field(body, nested, of_fields, name)
        oneofs = real_oneofs(message)
        written: set[int] = set()
        for field in message.field:
            in_oneof = field.HasField("oneof_index") and field.oneof_index < oneofs
            if in_oneof and field.oneof_index not in written:
                written.add(field.oneof_index)
                arms = [other for other in message.field if self._shares_oneof(other, field)]
                oneof = message.oneof_decl[field.oneof_index]
                block = _Body(_statements(oneof))
                for arm in arms:
                    block.add(self._field(arm, message, name))
                below = f"{name}.{oneof.name}"
                body.add(self._documented(below, block.within(f"oneof {oneof.name}")), apart=True)
                if any(group(arm, message) is not None for arm in arms):
                    del nested[: sum(group(arm, message) is not None for arm in arms)]
                    self._nested_up_to_field(body, nested, of_fields, name)
            elif not in_oneof:
                body.add(self._field(field, message, name))
                if map_entry(field, message) is not None or group(field, message) is not None:
                    del nested[:1]
                    self._nested_up_to_field(body, nested, of_fields, name)
        for extension in message.extension:
            body.add(self._extension(extension, name), apart=True)
        return body.within(f"message {message.name}")

    def _nested_up_to_field(self, body: _Body, nested: list[DescriptorProto], of_fields: set[str], scope: str) -> None:
        while nested and nested[0].name not in of_fields:
            message = nested.pop(0)
            below = f"{scope}.{message.name}"
            body.add(self._documented(below, self._message(message, below)), apart=True)

    @staticmethod
    def _shares_oneof(one: FieldDescriptorProto, other: FieldDescriptorProto) -> bool:
        return one.HasField("oneof_index") and one.oneof_index == other.oneof_index

    def _field(self, field: FieldDescriptorProto, message: DescriptorProto, scope: str) -> list[str]:
        entry = map_entry(field, message)
        if entry is not None:
            key, value = entry.field
            declared = f"map<{self._type(key, scope)}, {self._type(value, scope)}>"
        else:
            declared = self._label(field) + self._type(field, scope)
        options = _bracketed(_field_options(field))
        of_group = group(field, message)
        if of_group is not None:
            opening = f"{self._label(field)}group {of_group.name} = {field.number}{options}"
            block = self._message(of_group, f"{scope}.{of_group.name}")
            return self._documented(
                f"{scope}.{field.name}", [block[0].replace(f"message {of_group.name}", opening), *block[1:]]
            )
        return self._documented(f"{scope}.{field.name}", [f"{declared} {field.name} = {field.number}{options};"])

    def _label(self, field: FieldDescriptorProto) -> str:
        in_oneof = field.HasField("oneof_index") and not field.proto3_optional
        return label(field, has_labels=self._syntax == "proto2" and not in_oneof)

    def _type(self, field: FieldDescriptorProto, scope: str) -> str:
        return scalar_name(field) or self._names.written(field.type_name, scope)

    def _extension(self, extension: FieldDescriptorProto, scope: str) -> list[str]:
        extended = self._names.written(extension.extendee, scope)
        declared = self._label(extension) + self._type(extension, scope)
        line = f"{declared} {extension.name} = {extension.number}{_bracketed(_field_options(extension))};"
        name = f"{scope}.{extension.name}" if scope else extension.name
        block = _Body([])
        block.add(self._documented(name, [line]))
        return block.within(f"extend {extended}")

    def _service(self, service: ServiceDescriptorProto, package: str) -> list[str]:
        name = f"{package}.{service.name}" if package else service.name
        body = _Body(_statements(service))
        for method in service.method:
            body.add(self._documented(f"{name}.{method.name}", self._rpc(method, name)))
        return body.within(f"service {service.name}")

    def _rpc(self, method: MethodDescriptorProto, scope: str) -> list[str]:
        takes = ("stream " if method.client_streaming else "") + self._names.written(method.input_type, scope)
        gives = ("stream " if method.server_streaming else "") + self._names.written(method.output_type, scope)
        signature = f"rpc {method.name}({takes}) returns ({gives})"
        options = _statements(method)
        if not options:
            return [f"{signature};"]
        return [f"{signature} {{", *(_INDENT + option for option in options), "}"]


class _Body:
    """The lines between the braces of a block; what opens it, and documented and compound
    elements, stand apart by empty lines."""

    def __init__(self, opening_statements: list[str]) -> None:
        self._lines = list(opening_statements)
        self._apart = bool(opening_statements)

    def add(self, lines: list[str], *, apart: bool = False) -> None:
        apart = apart or len(lines) > 1
        if self._lines and (apart or self._apart):
            self._lines.append("")
        self._lines += lines
        self._apart = apart

    def within(self, opening: str) -> list[str]:
        if not self._lines:
            return [f"{opening} {{}}"]
        return [f"{opening} {{", *(_INDENT + line if line else "" for line in self._lines), "}"]


def _comment(text: str) -> list[str]:
    return [f"// {line}".rstrip() for line in text.splitlines()]


def _options(declaration: Message) -> list[str]:
    """Each option of a declaration, as `name = value`."""
    options: Message = declaration.options  # type: ignore[attr-defined]  # All declarations have it, Message doesn't.
    settings = []
    for descriptor, value in options.ListFields():
        if descriptor.enum_type is not None:
            text = descriptor.enum_type.values_by_number[value].name
        elif isinstance(value, str):
            text = _quoted(value)
        else:
            text = str(value).lower()
        settings.append(f"{descriptor.name} = {text}")
    return settings


def _statements(declaration: Message) -> list[str]:
    """Each option of a declaration, as a statement of its own."""
    return [f"option {option};" for option in _options(declaration)]


def _field_options(field: FieldDescriptorProto) -> list[str]:
    options = [f"default = {_default(field)}"] if field.HasField("default_value") else []
    options += _options(field)
    if field.json_name != json_name(field.name):
        options.append(f"json_name = {_quoted(field.json_name)}")
    return options


def _default(field: FieldDescriptorProto) -> str:
    if field.type == FieldDescriptorProto.TYPE_STRING:
        return _quoted(field.default_value)
    # Those of bytes are escaped as they are written.
    return f'"{field.default_value}"' if field.type == FieldDescriptorProto.TYPE_BYTES else field.default_value


def _bracketed(options: list[str]) -> str:
    return f" [{', '.join(options)}]" if options else ""


def _reserved(declaration: DescriptorProto | EnumDescriptorProto) -> list[str]:
    names = [_quoted(name) for name in declaration.reserved_name]
    return [f"reserved {', '.join(group)};" for group in (reserved_ranges(declaration), names) if group]


def _extensions(message: DescriptorProto) -> list[str]:
    return [f"extensions {numbers};" for numbers in extension_ranges(message)]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
