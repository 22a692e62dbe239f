"""Reads an IDL: .proto files to descriptors, with the comments and the place of every element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FeatureSet,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from flytekit_codegen.pipeline.step1_read.protoc import ProtocRefuses, run_protoc
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.problems import GenerationError, Problem, Where
from flytekit_models.messages import is_packed as is_packed
from flytekit_models.messages import is_repeated as is_repeated

# Field numbers in descriptor.proto, of which the paths of source info consist.
_FILE_MESSAGE, _FILE_ENUM, _FILE_SERVICE = 4, 5, 6
_MESSAGE_FIELD, _MESSAGE_NESTED, _MESSAGE_ENUM, _MESSAGE_ONEOF = 2, 3, 4, 8
_ENUM_VALUE = 2
_SERVICE_METHOD = 2
_FILE_PACKAGE = 2

_PROTOC_ERROR = re.compile(r"^(?P<file>[^:]+?):(?:(?P<line>\d+):\d+: |(?= ))(?P<what>.*)$")


def is_required(field: FieldDescriptor) -> bool:
    """Whether the field has to be set, as proto2 has it."""
    # Newer protobufs have no `label`, older ones no `is_required`.
    found = getattr(field, "is_required", None)
    return bool(getattr(field, "label", None) == FieldDescriptor.LABEL_REQUIRED if found is None else found)


def is_unchecked(field: FieldDescriptor) -> bool:
    """Whether the texts of a string field may be other than UTF-8, as in proto2."""
    if field.type != FieldDescriptor.TYPE_STRING:
        return False
    message = field.containing_type
    assert message is not None
    file = _declared_file(message.file)
    if file.syntax != "editions":
        return file.syntax != "proto3"
    # The options of a descriptor leave features out.
    features = (_declared_fields(message)[field.name].options.features, file.options.features)
    said = [each.utf8_validation for each in features if each.HasField("utf8_validation")]
    return said[:1] == [FeatureSet.NONE]


@cache
def _declared_file(file: FileDescriptor) -> FileDescriptorProto:
    declared = FileDescriptorProto()
    file.CopyToProto(declared)
    return declared


@cache
def _declared_fields(message: Descriptor) -> dict[str, FieldDescriptorProto]:
    declared = DescriptorProto()
    message.CopyToProto(declared)
    return {field.name: field for field in declared.field}


@dataclass(frozen=True)
class Schema:
    """The descriptors of an IDL."""

    root: Path
    """The folder of its own files."""
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
    # Of a proto3 message: protoc puts each field that is declared ``optional`` in a oneof of its own.
    if oneof is None or _declared_fields(field.containing_type)[field.name].proto3_optional:
        return None
    return str(oneof.name)


def read(sources: Sources) -> Schema:
    """Compile the .proto files of an IDL.

    Raises:
        GenerationError: there are none, or protoc refuses some; each of its complaints with file and line.
    """
    names = sources.names()
    if not names:
        what = "this folder contains no .proto file" + (" that is not excluded" if sources.exclude else "")
        cure = "pass the folder of the IDL with --idl"
        raise GenerationError([Problem(Where(sources.root), what, cure)])
    return schema_of(sources, compile_protos(sources, names))


def schema_of(sources: Sources, compiled: FileDescriptorSet) -> Schema:
    """The schema of the files of *sources*, compiled with their imports and source info.

    Raises:
        GenerationError: one of them has what is not supported.
    """
    comments: dict[str, str] = {}
    places: dict[str, Where] = {}
    pool = DescriptorPool()
    own: list[FileDescriptor] = []
    for proto in compiled.file:
        is_own = sources.has(proto.name)
        if is_own:
            _index(proto, Where(sources.path(proto.name)), comments, places)
        loaded = _load(pool, proto, sources)
        if is_own:
            own.append(loaded)
    schema = Schema(sources.root, tuple(sorted(own, key=lambda file: str(file.name))), comments, places)
    _refuse_hidden_methods(schema)
    return schema


def _load(pool: DescriptorPool, proto: FileDescriptorProto, sources: Sources) -> FileDescriptor:
    # Comments need not be UTF-8, and descriptors must.
    bare = FileDescriptorProto()
    bare.CopyFrom(proto)
    bare.ClearField("source_code_info")
    try:
        loaded = pool.AddSerializedFile(bare.SerializeToString())
    except TypeError as error:
        # The Python runtime of protobuf is stricter than protoc.
        what = f"protobuf cannot load it: {error}"
        cure = f"fix it, or exclude the file with --exclude {proto.name}"
        raise GenerationError([Problem(Where(sources.path(proto.name)), what, cure)]) from None
    # protobuf's C implementation finds no file whose name is not ASCII.
    return loaded or pool.FindFileByName(proto.name)


def compile_protos(sources: Sources, names: list[str]) -> FileDescriptorSet:
    """Compile the files *names* of *sources*, with their imports and source info.

    Raises:
        GenerationError: protoc refuses some.
    """
    try:
        return run_protoc([sources.root, *sources.include], names, "--include_imports")
    except ProtocRefuses as error:
        raise GenerationError([_problem(sources, complaint) for complaint in error.complaints]) from None


def _problem(sources: Sources, complaint: str) -> Problem:
    match = _PROTOC_ERROR.match(complaint)
    if match is None:
        return Problem(Where(sources.root), complaint, "fix the .proto files so that protoc accepts them")
    # Where it could open the file, protoc gives its path, and else its name below a folder.
    file, what = Path(match["file"]), match["what"].strip()
    is_path = any(file.is_relative_to(folder) for folder in (sources.root, *sources.include))
    where = Where(file if is_path else sources.path(match["file"]), int(match["line"] or 0))
    cure = "fix the .proto file so that protoc accepts it"
    if "was not found or had errors" in what or "File not found" in what:
        cure = "fix the import or the imported file; if that file is in another folder, add the folder with --include"
    return Problem(where, what, cure)


def _refuse_hidden_methods(schema: Schema) -> None:
    methods = {name for name in dir(Message) if not name.startswith("_")}
    problems = [
        Problem(
            schema.where(field.full_name),
            f"the field {field.full_name} hides the method {field.name} of protobuf's messages",
            "rename the field, because Python cannot read such a message, or exclude its file with "
            f"--exclude {message.file.name}",
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


def _tidy(comment: str | bytes) -> str:
    if isinstance(comment, bytes):
        # protoc takes any bytes in a comment. What is not UTF-8 is most often Latin-1, and never refused as such.
        comment = comment.decode("latin-1")
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
    for index, service in enumerate(proto.service):
        names[_FILE_SERVICE, index] = prefix + service.name
        for number, method in enumerate(service.method):
            names[_FILE_SERVICE, index, _SERVICE_METHOD, number] = f"{prefix}{service.name}.{method.name}"
    return names
