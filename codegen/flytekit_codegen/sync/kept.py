"""What of a release's descriptors is kept: everything but custom options and the imports that only served them.

Both a release's descriptors and the ones that protoc makes of idl/ are brought to this form, so that they can be
compared field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.message import Message

from .errors import SyncError

WELL_KNOWN = "google/protobuf/"
"""The folder of the files that every protoc brings along."""


def kept(file: FileDescriptorProto, folder: str, defined_in: Callable[[str], str]) -> FileDescriptorProto:
    """A copy of `file` without custom options, and without the imports that no type of it needs.

    Imports of google/protobuf and of the release's own `folder` always stay.

    Args:
        file: a file as its author's compiler described it.
        folder: the top folder of the release's own files, such as `flyteidl`.
        defined_in: gives the name of the file that defines a type, by the type's full name with a leading dot.

    Raises:
        SyncError: the file is of an edition, or uses an option that idl/ can't hold.
    """
    if file.syntax not in ("", "proto2", "proto3"):
        raise SyncError(f"{file.name} is written in {file.syntax}, but sync writes only proto2 and proto3.")
    copy = FileDescriptorProto()
    copy.CopyFrom(file)
    copy.ClearField("source_code_info")
    # Custom options are extensions: unknown fields here, or known ones where their definition happens to be loaded.
    copy.DiscardUnknownFields()
    _plain_options(copy, file.name)
    needed = {defined_in(name) for name in type_names(copy)}
    _drop_imports(copy, lambda name: name.startswith((WELL_KNOWN, f"{folder}/")) or name in needed)
    return copy


def json_name(field_name: str) -> str:
    """The JSON name that protobuf gives a field unless its author chose another."""
    first, *rest = field_name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def _plain_options(message: Message, file_name: str) -> None:
    """Drop extensions from all options below `message`, drop options left empty, and fill in JSON names."""
    for descriptor, value in message.ListFields():
        if descriptor.name == "options":
            for option, _ in value.ListFields():
                if option.is_extension:
                    value.ClearExtension(option)
                elif option.message_type is not None:
                    raise SyncError(f"{file_name} uses the option '{option.name}', which sync cannot write.")
            if not value.ListFields():
                message.ClearField("options")
        elif descriptor.message_type is not None:
            for item in value:  # All but the options are repeated, once the source info is gone.
                _plain_options(item, file_name)
    if isinstance(message, FieldDescriptorProto) and not message.json_name:
        message.json_name = json_name(message.name)


def _drop_imports(file: FileDescriptorProto, stays: Callable[[str], bool]) -> None:
    old = list(file.dependency)
    new = [name for name in old if stays(name)]
    for indexes in (file.public_dependency, file.weak_dependency):
        moved = [new.index(old[index]) for index in indexes if old[index] in new]
        del indexes[:]
        indexes.extend(moved)
    del file.dependency[:]
    file.dependency.extend(new)


def type_names(file: FileDescriptorProto) -> Iterator[str]:
    """The full names, with a leading dot, of all types that a file uses."""
    for message in file.message_type:
        yield from _message_type_names(message)
    yield from _field_type_names(file.extension)
    for service in file.service:
        for method in service.method:
            yield method.input_type
            yield method.output_type


def _message_type_names(message: DescriptorProto) -> Iterator[str]:
    yield from _field_type_names(message.field)
    yield from _field_type_names(message.extension)
    for nested in message.nested_type:
        yield from _message_type_names(nested)


def _field_type_names(fields: Iterable[FieldDescriptorProto]) -> Iterator[str]:
    for field in fields:
        if field.type_name:
            yield field.type_name
        if field.extendee:
            yield field.extendee
