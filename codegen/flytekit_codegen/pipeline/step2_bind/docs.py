"""Docstrings: what the .proto says in its comments, and what it says by its declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    EnumValueDescriptor,
    FieldDescriptor,
    MethodDescriptor,
    OneofDescriptor,
    ServiceDescriptor,
)

from flytekit_codegen.pipeline import ir
from flytekit_codegen.pipeline.step1_read.idl import (
    Schema,
    is_map,
    is_repeated,
    is_required,
    map_key,
    map_value,
    real_oneof,
)

# Of the text itself, to which the indentation of a method's docstring is added.
_WIDTH = 100
_LONGEST_DEFAULT = 60

_TYPE_NAMES = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in vars(FieldDescriptor).items()
    if name.startswith("TYPE_")
}


def module_doc(module: str, package: str, sources: Sequence[str], about: str | None) -> str:
    """The docstring of a module."""
    if about:
        return _joined(about)
    if not sources:
        return f"Models of the IDL, one module for each of its parts: `{package}{'.' + module if module else ''}`."
    return f"Models of {', '.join(f'`{source}`' for source in sources)}."


def part_doc(module: str) -> str:
    """The docstring of the part of a *module* that is loaded on demand."""
    return _filled(f"The part of `{module}` that is loaded on demand.")


def message_doc(message: Descriptor, schema: Schema, since: str | None) -> str:
    """The docstring of a model."""
    return _joined(
        schema.comments.get(message.full_name) or f"The message `{message.name}`.",
        f"Proto: `{message.full_name}`{_since(since)}.",
        _deprecated(message.GetOptions().deprecated),
    )


def to_doc(message: Descriptor, carrier: bool, nothing: bool) -> str:
    """The docstring of a model's `to_flyte_idl`."""
    if carrier:
        return _filled(
            f"Write this model into a new `google.protobuf.Struct`, as the JSON form of `{message.full_name}`."
        )
    unless = ". Return None if nothing is set and it was not read from a message" if nothing else ""
    return _filled(f"Write this model into a new `{message.full_name}` message{unless}.")


def from_doc(message: Descriptor, carrier: bool) -> str:
    """The docstring of a model's `from_flyte_idl`."""
    if carrier:
        return _filled(
            f"Read a model from a `google.protobuf.Struct` that holds the JSON form of `{message.full_name}`."
        )
    return _filled(f"Read a model from a copy of a `{message.full_name}` message.")


def enum_doc(enum: EnumDescriptor, schema: Schema) -> str:
    """The docstring of an enum holder."""
    return _joined(
        schema.comments.get(enum.full_name) or f"The enum `{enum.name}`.",
        f"Proto: `{enum.full_name}`.",
        _deprecated(enum.GetOptions().deprecated),
    )


def value_doc(value: EnumValueDescriptor, schema: Schema) -> str:
    """The comment of an enum value."""
    return _joined(schema.comments.get(f"{value.type.full_name}.{value.name}", ""))


def member_doc(message: Descriptor, field: FieldDescriptor | None, schema: Schema, since: Mapping[str, str]) -> str:
    """The docstring of a member's property."""
    if field is None:
        return "Known locally only; it is not a field of the message."
    full_name = f"{message.full_name}.{field.name}"
    declared = f"{_sentence(declared_type(field))}{_presence(field)}."
    source = f"Proto: `{full_name} = {field.number}`{_since(since.get(full_name))}."
    return _joined(
        schema.comments.get(full_name, ""),
        f"{declared}\n{source}",
        _deprecated(field.GetOptions().deprecated),
    )


def oneof_doc(oneof: OneofDescriptor, arms: Sequence[ir.Member], schema: Schema) -> str:
    """The docstring of a oneof's property."""
    names = ", ".join(f"`{arm.property}`" for arm in arms)
    return _joined(
        schema.comments.get(f"{oneof.containing_type.full_name}.{oneof.name}", ""),
        _filled(f"The arm that is set, one of {names}, or None."),
        f"Proto: the oneof `{oneof.containing_type.full_name}.{oneof.name}`.",
    )


def service_doc(service: ServiceDescriptor, schema: Schema, since: str | None) -> str:
    """The docstring of the classes of a service."""
    return _joined(
        schema.comments.get(service.full_name) or f"The service `{service.name}`.",
        f"Proto: `{service.full_name}`{_since(since)}.",
        _deprecated(service.GetOptions().deprecated),
    )


def rpc_doc(rpc: MethodDescriptor, schema: Schema, since: str | None) -> str:
    """The docstring of the method of an rpc."""
    return _joined(
        schema.comments.get(rpc.full_name) or f"The rpc `{rpc.name}`.",
        f"Proto: `{rpc.full_name}`{_since(since)}.",
        _deprecated(rpc.GetOptions().deprecated),
    )


def declared_type(field: FieldDescriptor) -> str:
    """The type of a field as its .proto declares it: ``repeated flyteidl.core.Node``.."""
    if is_map(field):
        return f"map<{_one_type(map_key(field))}, {_one_type(map_value(field))}>"
    return f"repeated {_one_type(field)}" if is_repeated(field) else _one_type(field)


def _one_type(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return str(field.message_type.full_name)
    if field.enum_type is not None:
        return str(field.enum_type.full_name)
    return _TYPE_NAMES[field.type]


def _sentence(type_name: str) -> str:
    return f"{'An' if type_name[0] in 'aeioAEIO' else 'A'} `{type_name}`"


def _presence(field: FieldDescriptor) -> str:
    oneof = real_oneof(field)
    if oneof is not None:
        return f", an arm of the oneof `{oneof}`"
    if not field.has_presence:
        return ""
    absent = "required" if is_required(field) else "may be absent"
    return f", {absent}, defaults to {_default(field)}" if field.has_default_value else f", {absent}"


def _default(field: FieldDescriptor) -> str:
    """The declared default of a field, as its .proto says it."""
    value = field.default_value
    if field.enum_type is not None:
        return f"`{field.enum_type.values_by_number[value].name}`"
    if isinstance(value, (str, bytes)):
        shown, unit = repr(value).replace("`", "'"), "characters" if isinstance(value, str) else "bytes"
        return f"`{shown}`" if len(shown) <= _LONGEST_DEFAULT else f"a value of {len(value)} {unit}"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _since(version: str | None) -> str:
    return f", since flyteidl {version}" if version else ""


def _deprecated(deprecated: bool) -> str:
    return "Deprecated in the IDL." if deprecated else ""


def _filled(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _joined(*paragraphs: str) -> str:
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    # A NUL is nothing that Python's source may hold.
    literal = text.replace("\\", "\\\\").replace("\0", "\\0").replace('"""', "'''")
    # A quote before the closing quotes would be taken for one of them.
    return f'{literal[:-1]}\\"' if literal.endswith('"') else literal
