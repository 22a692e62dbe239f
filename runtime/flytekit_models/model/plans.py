"""Plans for the compiled core: what the description of a class, or a descriptor of protobuf, says to it.

A class that has something the core does not know is *foreign*: its instances go by protobuf's messages, on the pure
path. Foreign are the carriers, those with a function that reads from, or writes into, the whole
message, and those whose messages have, at any depth, what proto3 has not: extensions, groups, required fields, closed
enums, texts that need not be UTF-8; and those of which the installed IDL lacks a field. Beside it, a single field may
be foreign: the core hands its bytes to a function here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from flytekit_models._core import MODULE as CORE
from flytekit_models.convert import write_any
from flytekit_models.enums import numbered
from flytekit_models.errors import FlyteIdlTooOld, MessagesMissing
from flytekit_models.messages import has_all, is_packed, is_repeated
from flytekit_models.model.description import Description, Field, describe
from flytekit_models.model.entities import write_message
from flytekit_models.model.state import ModelState, is_nothing, message_class
from flytekit_models.model.wrapping import wrap_read

_CLASS_OPTIONS = ("carrier", "extensions")
_FIELD_OPTIONS = (
    "read-message",
    # What proto3 has not, in the field or anywhere in its messages.
    *("delimited", "required", "closed", "unchecked", "not-proto3"),
)

_WRAPPED = {
    f"google.protobuf.{name}Value": name.lower()
    for name in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
}
_PACKABLE = frozenset(
    ("bool", "double", "enum", "fixed32", "fixed64", "float", "int32", "int64", "sfixed32", "sfixed64")
    + ("sint32", "sint64", "uint32", "uint64")
)


class Part(NamedTuple):
    """The message in a field of the message that a class models; its descriptor is asked for when it is needed."""

    model: type[ModelState]
    number: int

    def message_class(self) -> Any:
        """Protobuf's class for the message."""
        from google.protobuf import message_factory

        return message_factory.GetMessageClass(self.descriptor())

    def descriptor(self) -> Any:
        """The descriptor of the message: of a map, of its values."""
        field = message_class(self.model).DESCRIPTOR.fields_by_number[self.number]
        return _element(field).message_type


def is_foreign(model: type[ModelState]) -> bool:
    """Whether the generated class *model* has something that the core does not know."""
    found = _FOREIGN.get(model)
    if found is None:
        description = describe(model)
        found = any(option in description.options for option in _CLASS_OPTIONS) or any(
            field.number == 0 or any(option in field.options for option in _FIELD_OPTIONS)
            for field in description.fields
        )
        found = _FOREIGN[model] = found or not fits_installed(model)
    return found


_FOREIGN: dict[type[ModelState], bool] = {}


def fits_installed(model: type[ModelState]) -> bool:
    """Whether the installed IDL has the message of *model*, and all fields that *model* says it has.

    Where it has not, the pure path knows what reads as unset, and what to raise. Protobuf's class is only imported
    where the version of the package does not tell.
    """
    description = describe(model)
    if model._fm_message_class is None and has_all(description):
        return True
    try:
        known = message_class(model).DESCRIPTOR.fields_by_number
    except (FlyteIdlTooOld, MessagesMissing):
        return False
    return all(
        field.number in known and (field.kind != "wrapper" or known[field.number].message_type is not None)
        for field in description.fields
        if field.number
    )


def prepare(target: Any) -> Any:
    """The plan of *target*, a model class, a part of a message or a descriptor: what the core calls for it."""
    if isinstance(target, type):
        return plan(target)
    return _plan_of_descriptor(target.descriptor() if isinstance(target, Part) else target)


def plan(cls: type[ModelState]) -> Any:
    """The plan of the generated class behind *cls*.

    Raises:
        TypeError: it is foreign.
    """
    assert CORE is not None
    generated = cls._fm_generated
    if is_foreign(generated):
        raise TypeError(f"{generated.__qualname__} is not read and written by the core")
    description = describe(generated)
    oneofs = list(description.oneofs)
    fields = [_Planner(generated, description, field).member(oneofs) for field in description.fields]
    return CORE.plan(
        generated,
        description.message,
        fields,
        oneofs=len(oneofs),
        nothing="nothing" in description.options,
        eager=generated._fm_eager,
    )


class _Planner:
    """Says to the core what it has to know of a field."""

    def __init__(self, model: type[ModelState], description: Description, field: Field) -> None:
        self.model = model
        self.description = description
        self.field = field

    def member(self, oneofs: list[str]) -> dict[str, Any]:
        """A member of the class, in its slot or, of a dataclass, in its attribute."""
        field = self.field
        said = self.values()
        place = self.model._fm_slots[field.member]
        said["place"] = place if self.model._fm_eager else self.model.__dict__[place]
        if field.oneof is not None:
            said["oneof"] = oneofs.index(field.oneof)
        said["explicit"] = field.explicit
        said["absent_default"] = field.absent == "default"
        said["empty_is_none"] = field.empty_is_none
        said["truthy"] = field.options.get("written") == "truthy"
        said["none_as_empty"] = field.options.get("written") == "none-as-empty"
        said["yields"] = field.options.get("yields", "never")
        order = field.options.get("sorted")
        if order is not None:
            said["order"] = _sorting(order)
        return said

    def values(self) -> dict[str, Any]:
        """How the values of the field stand on the wire."""
        field = self.field
        said: dict[str, Any] = {"number": field.number, "name": field.name, "label": field.label}
        if field.key is not None:
            said["key"] = field.key
        kind = getattr(self, f"_{field.kind.replace('-', '_')}", None)
        said |= {"kind": field.kind} if kind is None else kind()
        said["packed"] = (
            field.label == "list" and said.get("type") in _PACKABLE and said["kind"] == "scalar"
        ) and "expanded" not in field.options
        return said

    def _scalar(self) -> dict[str, Any]:
        return {"kind": "scalar", "type": self.field.type}

    def _enum(self) -> dict[str, Any]:
        holder = self.description.resolve(self.field.type)
        return {"kind": "scalar", "type": "enum", "holder": holder, "members": dict(numbered(holder))}

    def _wrapper(self) -> dict[str, Any]:
        return {"kind": "wrapper", "type": _WRAPPED[self.field.type]}

    def _model(self) -> dict[str, Any]:
        child = self.description.resolve(self.field.type)
        if not is_foreign(child):
            return {"kind": "model", "target": child}
        part = Part(self.model, self.field.number)

        def read(data: bytes) -> Any:
            return wrap_read(child, message_class(child).FromString(data))

        def write(value: Any) -> bytes | None:
            return encode_foreign(child, value)

        # It keeps the message that it was read from, so it says all of it.
        return {"kind": "foreign", "target": part, "read": read, "write": write, "lossless": True}

    def _message(self) -> dict[str, Any]:
        readers = [
            self.description.resolve(self.field.options[name]) for name in ("read",) if name in self.field.options
        ]
        writer = write_message
        if "write" in self.field.options:
            writer = self.description.resolve(self.field.options["write"])
        return self._by_message(writer, readers)

    def _any(self) -> dict[str, Any]:
        return self._by_message(write_any, [])

    def _by_message(self, writer: Callable[[Any, Any], None], readers: list[Callable[[Any], Any]]) -> dict[str, Any]:
        part = Part(self.model, self.field.number)

        def read(data: bytes) -> Any:
            value = part.message_class().FromString(data)
            for reader in readers:
                value = reader(value)
            return value

        def write(value: Any) -> bytes:
            message = part.message_class()()
            writer(value, message)
            return serialized(message)

        return {"kind": "foreign", "target": part, "read": read, "write": write, "lossless": not readers}

    def _key_values(self) -> dict[str, Any]:
        assert CORE is not None and self.field.pair is not None
        key_number, key, value_number, value = self.field.pair
        parts = [
            {"number": key_number, "name": "key", "type": key},
            {"number": value_number, "name": "value", "type": value},
        ]
        return {"kind": "key-values", "target": CORE.plan(None, self.field.type, parts)}

    def _flattened(self) -> dict[str, Any]:
        assert CORE is not None and self.field.inner is not None
        inner = _Planner(self.model, self.description, self.field.inner).values()
        return {"kind": "flattened", "target": CORE.plan(None, self.field.type, [inner])}


def _sorting(key: str) -> Callable[[Iterable[Any]], list[Any]]:
    from flytekit_models.model.entities import in_order

    return lambda values: in_order(values, key)


def serialized(message: Any) -> bytes:
    """The bytes of *message*, in one order."""
    wire: bytes = message.SerializePartialToString(deterministic=True)
    return wire


def encode_foreign(model: type[ModelState], value: Any) -> bytes | None:
    """The bytes of *value*, which stands for an instance of *model*; None if nothing is to be written.

    Raises:
        TypeError: it is a model of another message, or nothing that is written as a message of this type.
    """
    if "nothing" in describe(model).options and issubclass(type(value), ModelState) and is_nothing(value):
        return None
    message = message_class(model)()
    model._fm_write(value, message)
    return serialized(message)


# Messages that no model has.


def _plan_of_descriptor(descriptor: Any) -> Any:
    assert CORE is not None
    found = _BY_NAME.get(descriptor.full_name)
    if found is None:
        oneofs = [oneof.full_name for oneof in descriptor.oneofs]
        fields = [_field(field, oneofs) for field in descriptor.fields if field.type != field.TYPE_GROUP]
        found = CORE.plan(None, descriptor.full_name, fields, oneofs=len(oneofs))
        found = _BY_NAME.setdefault(descriptor.full_name, found)
    return found


_BY_NAME: dict[str, Any] = {}


def _field(field: Any, oneofs: list[str]) -> dict[str, Any]:
    said: dict[str, Any] = {"number": field.number, "name": field.name}
    element = _element(field)
    if element is not field:
        said |= {"label": "map", "key": _scalar_name(field.message_type.fields_by_name["key"])}
    elif is_repeated(field):
        said |= {"label": "list", "packed": is_packed(field)}
    elif field.containing_oneof is not None:
        said["oneof"] = oneofs.index(field.containing_oneof.full_name)
    else:
        said["explicit"] = field.has_presence
    if element.message_type is None:
        return said | {"type": _scalar_name(element)}
    return said | {"kind": "model", "target": element.message_type}


def _element(field: Any) -> Any:
    """The field of one value of *field*: of a map, that of its values."""
    message = field.message_type
    if message is not None and is_repeated(field) and message.GetOptions().map_entry:
        return message.fields_by_name["value"]
    return field


def _scalar_name(field: Any) -> str:
    return _SCALARS[field.type]


_SCALARS = {
    **{1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32", 8: "bool"},
    **{9: "string", 12: "bytes", 13: "uint32", 14: "enum", 15: "sfixed32", 16: "sfixed64", 17: "sint32", 18: "sint64"},
}
"""The numbers of types in descriptors."""
