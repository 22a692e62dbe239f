"""Reads an IDL: .proto files to descriptors, with the comments and the place of every element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from flytekit_codegen.pipeline.step1_read.protoc import ProtocRefuses, run_protoc
from flytekit_codegen.problems import GenerationError, Problem, Where
from flytekit_models.messages import is_repeated as is_repeated

# Field numbers in descriptor.proto, of which the paths of source info consist.
_FILE_MESSAGE, _FILE_ENUM = 4, 5
_MESSAGE_FIELD, _MESSAGE_NESTED, _MESSAGE_ENUM, _MESSAGE_ONEOF = 2, 3, 4, 8
_ENUM_VALUE = 2
_FILE_PACKAGE = 2

_PROTOC_ERROR = re.compile(r"^(?P<file>[^:]+\.proto):(?:(?P<line>\d+):\d+: )?(?P<what>.*)$")


def is_required(field: FieldDescriptor) -> bool:
    """Whether the field has to be set, as proto2 has it."""
    # Newer protobufs have no `label`, older ones no `is_required`.
    found = getattr(field, "is_required", None)
    return bool(field.label == field.LABEL_REQUIRED if found is None else found)


@dataclass(frozen=True)
class Schema:
    """The descriptors of an IDL."""

    root: Path
    files: tuple[FileDescriptor, ...]
    comments: dict[str, str]
    """Our documentation: full name of an element (of a file: its path) to the comment above it."""
    places: dict[str, Where]

    def messages(self) -> Iterator[Descriptor]:
        """Every message of the IDL, nested ones after the one they are in; map entries are no messages here."""
        for file in self.files:
            for message in file.message_types_by_name.values():
                yield from _with_nested(message)

    def enums(self) -> Iterator[EnumDescriptor]:
        """Every enum of the IDL."""
        for file in self.files:
            yield from file.enum_types_by_name.values()
            for message in file.message_types_by_name.values():
                for one in _with_nested(message):
                    yield from one.enum_types

    def where(self, full_name: str) -> Where:
        """Where an element is declared."""
        return self.places.get(full_name, Where(self.root))


def _with_nested(message: Descriptor) -> Iterator[Descriptor]:
    yield message
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            yield from _with_nested(nested)


def is_map(field: FieldDescriptor) -> bool:
    """Whether the field is a map."""
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def map_key(field: FieldDescriptor) -> FieldDescriptor:
    """The field of the keys of a map."""
    return message_of(field).fields_by_name["key"]


def map_value(field: FieldDescriptor) -> FieldDescriptor:
    """The field of the values of a map."""
    return message_of(field).fields_by_name["value"]


def message_of(field: FieldDescriptor) -> Descriptor:
    """The message type of a field that holds messages."""
    assert field.message_type is not None
    return field.message_type


def real_oneof(field: FieldDescriptor) -> str | None:
    """The oneof that the field is an arm of; the synthetic one of an ``optional`` field is none."""
    oneof = field.containing_oneof
    if oneof is None or (len(oneof.fields) == 1 and oneof.name == f"_{field.name}"):
        return None
    return str(oneof.name)


def read(idl: Path) -> Schema:
    """Compile the .proto files below *idl*.

    Raises:
        GenerationError: there are none, or protoc refuses some; each of its complaints with file and line.
    """
    sources = sorted(path.relative_to(idl).as_posix() for path in idl.rglob("*.proto") if path.is_file())
    if not sources:
        raise GenerationError(
            [Problem(Where(idl), "there is no .proto file in this folder", "name the folder of the IDL with --idl")]
        )
    return schema_of(idl, compile_protos(idl, sources), sources)


def schema_of(idl: Path, compiled: FileDescriptorSet, sources: list[str]) -> Schema:
    """The schema of the .proto files *sources* below *idl*, compiled with their imports and source info.

    Raises:
        GenerationError: one of them has what is not supported.
    """
    own = [proto for proto in compiled.file if proto.name in set(sources)]
    _refuse_unsupported(idl, own)
    comments: dict[str, str] = {}
    places: dict[str, Where] = {}
    for proto in own:
        _index(proto, Where(idl / proto.name), comments, places)
    pool = DescriptorPool()
    for proto in compiled.file:
        try:
            pool.Add(proto)
        except TypeError as error:
            # The Python runtime of protobuf is stricter than protoc.
            problem = Problem(Where(idl / proto.name), f"protobuf cannot load it: {error}", "rename what clashes")
            raise GenerationError([problem]) from None
    schema = Schema(idl, tuple(pool.FindFileByName(name) for name in sources), comments, places)
    _refuse_hidden_methods(schema)
    return schema


def compile_protos(idl: Path, sources: list[str]) -> FileDescriptorSet:
    """Compile *sources* below *idl*, with their imports and source info.

    Raises:
        GenerationError: protoc refuses some.
    """
    try:
        return run_protoc(idl, sources, "--include_imports")
    except ProtocRefuses as error:
        raise GenerationError([_problem(idl, complaint) for complaint in error.complaints]) from None


def _problem(idl: Path, complaint: str) -> Problem:
    match = _PROTOC_ERROR.match(complaint)
    if match is None:
        return Problem(Where(idl), complaint, "mend the .proto files; protoc must accept them")
    # Where it could open the file, protoc gives its path, and else its name below the folder.
    file = Path(match["file"])
    where = Where(file if file.is_relative_to(idl) else idl / file, int(match["line"] or 0))
    return Problem(where, match["what"].strip(), "mend the .proto file; protoc must accept it")


def _refuse_unsupported(idl: Path, protos: list[FileDescriptorProto]) -> None:
    problems = [
        Problem(
            Where(idl / proto.name, 1),
            f"its syntax is {proto.syntax or 'proto2'}, and only proto3 is supported",
            'declare `syntax = "proto3";`: models rely on proto3\'s rules of presence and on open enums',
        )
        for proto in protos
        if proto.syntax != "proto3"
    ]
    if problems:
        raise GenerationError(problems)


def _refuse_hidden_methods(schema: Schema) -> None:
    methods = {name for name in dir(Message) if not name.startswith("_")}
    problems = [
        Problem(
            schema.where(field.full_name),
            f"the field {field.full_name} hides the method {field.name} of protobuf's messages",
            "rename the field: nothing in Python could read such a message",
        )
        for message in schema.messages()
        for field in message.fields
        if field.name in methods
    ]
    if problems:
        raise GenerationError(problems)


def _index(proto: FileDescriptorProto, file: Where, comments: dict[str, str], places: dict[str, Where]) -> None:
    """Note the comment and the line of every element of a file."""
    names = _names_by_path(proto)
    for location in proto.source_code_info.location:
        name = names.get(tuple(location.path))
        if name is None:
            continue
        places.setdefault(name, Where(file.file, location.span[0] + 1))
        text = _tidy(location.leading_comments)
        if text:
            comments.setdefault(name, text)


def _tidy(comment: str) -> str:
    return "\n".join(line[1:] if line.startswith(" ") else line for line in comment.rstrip().splitlines()).strip()


def _names_by_path(proto: FileDescriptorProto) -> dict[tuple[int, ...], str]:
    names: dict[tuple[int, ...], str] = {(_FILE_PACKAGE,): proto.name}
    prefix = f"{proto.package}." if proto.package else ""

    def add_enum(enum: EnumDescriptorProto, path: tuple[int, ...], scope: str) -> None:
        names[path] = scope + enum.name
        for index, value in enumerate(enum.value):
            names[path + (_ENUM_VALUE, index)] = f"{scope}{enum.name}.{value.name}"

    def add_message(message: DescriptorProto, path: tuple[int, ...], scope: str) -> None:
        full_name = scope + message.name
        names[path] = full_name
        for index, field in enumerate(message.field):
            names[path + (_MESSAGE_FIELD, index)] = f"{full_name}.{field.name}"
        for index, oneof in enumerate(message.oneof_decl):
            names[path + (_MESSAGE_ONEOF, index)] = f"{full_name}.{oneof.name}"
        for index, nested in enumerate(message.nested_type):
            add_message(nested, path + (_MESSAGE_NESTED, index), f"{full_name}.")
        for index, enum in enumerate(message.enum_type):
            add_enum(enum, path + (_MESSAGE_ENUM, index), f"{full_name}.")

    for index, message in enumerate(proto.message_type):
        add_message(message, (_FILE_MESSAGE, index), prefix)
    for index, enum in enumerate(proto.enum_type):
        add_enum(enum, (_FILE_ENUM, index), prefix)
    return names
