"""Classes for the compiled core to work on, one for every message there is: made here, from the descriptors.

They stand on nothing but the core, so what fails here fails in the core.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flytekit_models_core as core
from google.protobuf.descriptor import Descriptor, FieldDescriptor

SCALARS = {
    getattr(FieldDescriptor, f"TYPE_{name.upper()}"): name
    for name in ("double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64")
    + ("fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string", "bytes", "enum")
}
CONVERTED = {
    "google.protobuf.Timestamp": {"kind": "datetime"},
    "google.protobuf.Duration": {"kind": "timedelta"},
    "google.protobuf.Struct": {"kind": "struct"},
    "google.protobuf.ListValue": {"kind": "list-value"},
    "google.protobuf.Value": {"kind": "value"},
}
CONVERTED |= {
    f"google.protobuf.{name}Value": {"kind": "wrapper", "type": name.lower()}
    for name in ("Double", "Float", "Int32", "Int64", "UInt32", "UInt64", "Bool", "String", "Bytes")
}


def is_repeated(field: FieldDescriptor) -> bool:
    found = getattr(field, "is_repeated", None)
    return bool(field.label == field.LABEL_REPEATED if found is None else found)


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


class Classes:
    """The classes of messages; *converted* ones hold Python values where there are some for a message, and *eager* ones
    are read at once, into attributes in place of slots."""

    def __init__(self, converted: bool, eager: bool = False) -> None:
        self.converted = converted
        self.eager = eager
        self._made: dict[str, Any] = {}

    def of(self, descriptor: Descriptor) -> Any:
        """The class of a message."""
        made = self._made.get(descriptor.full_name)
        if made is None:
            made = self._made[descriptor.full_name] = self._make(descriptor)
        return made

    def _make(self, descriptor: Descriptor) -> Any:
        slots = [f"f_{field.name}" for field in descriptor.fields]

        def init(self: Any) -> None:
            for slot in slots:
                setattr(self, slot, None)

        members = {"__init__": init, "descriptor": descriptor, "classes": self}
        if self.eager:
            members |= {f"m_{field.name}": _attribute(f"f_{field.name}") for field in descriptor.fields}
            return type(core.State)(descriptor.name, (core.State,), members)
        cls = type(core.State)(descriptor.name, (core.State,), members | {"__slots__": slots})
        for field in descriptor.fields:
            slot = cls.__dict__[f"f_{field.name}"]
            member = core.Member(slot.__get__, slot.__set__, None, f"f_{field.name}")
            setattr(cls, f"m_{field.name}", member)
            member.__set_name__(cls, f"m_{field.name}")
        return cls

    def plan(self, cls: Any) -> Any:
        """The plan of a class, made when it is first asked for."""
        descriptor = cls.descriptor
        oneofs = [oneof.name for oneof in descriptor.oneofs]
        places = [f"f_{field.name}" for field in descriptor.fields]
        if not self.eager:
            places = [cls.__dict__[place] for place in places]
        fields = [self._field(*each, oneofs) for each in zip(descriptor.fields, places, strict=True)]
        return core.plan(cls, descriptor.full_name, fields, oneofs=len(oneofs), eager=self.eager)

    def _field(self, field: FieldDescriptor, place: Any, oneofs: list[str]) -> dict[str, Any]:
        said: dict[str, Any] = {"number": field.number, "name": field.name, "place": place}
        element = field
        if is_map(field):
            said["label"] = "map"
            said["key"] = SCALARS[field.message_type.fields_by_name["key"].type]
            element = field.message_type.fields_by_name["value"]
        elif is_repeated(field):
            said["label"] = "list"
            said["packed"] = field.is_packed
        elif field.containing_oneof is not None:
            said["oneof"] = oneofs.index(field.containing_oneof.name)
        else:
            said["explicit"] = field.has_presence
        if element.message_type is None:
            said["type"] = SCALARS[element.type]
        elif self.converted and element.message_type.full_name in CONVERTED:
            said |= CONVERTED[element.message_type.full_name]
        else:
            said["kind"] = "model"
            said["target"] = self.of(element.message_type)
        return said


def _attribute(name: str) -> property:
    return property(lambda model: getattr(model, name))


def prepare(target: Any) -> Any:
    return target.classes.plan(target)


def encode_foreign(cls: Any, value: Any) -> Any:
    raise TypeError(f"expected a {cls.__name__}, got {value!r}")


def encode_message(name: str, value: Any) -> bytes:
    if getattr(getattr(value, "DESCRIPTOR", None), "full_name", None) != name:
        raise TypeError(f"expected a {name}, got {value!r}")
    return value.SerializeToString()


def decode_message(name: str, data: bytes) -> Any:
    from google.protobuf import duration_pb2, timestamp_pb2

    found = {"google.protobuf.Timestamp": timestamp_pb2.Timestamp, "google.protobuf.Duration": duration_pb2.Duration}
    return found[name].FromString(data)


def load_foreign(model: Any) -> None:
    raise TypeError(f"{model!r} is not over bytes")


def items_of(value: Any) -> Any:
    if isinstance(value, (str, bytes, dict)):
        raise TypeError(f"expected a list, got {value!r}")
    return value


def mapping_of(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected a dict, got {value!r}")
    return dict(value.items())


class DecodeError(ValueError):
    """Bytes are no message."""


NULL = object()


STRAIGHT: dict[Any, Any] = {}
"""The classes that are read from a message straight."""


def read_with_care(cls: Any, message: Any) -> Any:
    """Stand for what reads a message of which nothing is known."""
    return "with care", cls, message


def set_hooks() -> None:
    core.set_hooks(
        prepare=prepare,
        load_foreign=load_foreign,
        encode_foreign=encode_foreign,
        encode_message=encode_message,
        decode_message=decode_message,
        items_of=items_of,
        mapping_of=mapping_of,
        decode_error=DecodeError,
        null=NULL,
        straight=STRAIGHT,
        read_with_care=read_with_care,
    )


def read_all(model: Any) -> Any:
    """Read everything in a model."""
    for field in model.descriptor.fields:
        value = getattr(model, f"m_{field.name}")
        inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
        for item in inside:
            if isinstance(item, core.State):
                read_all(item)
    return model


def rebuild(model: Any) -> Any:
    """A model of the same values, built anew all the way down."""

    def anew(value: Any) -> Any:
        if isinstance(value, core.State):
            return rebuild(value)
        if isinstance(value, list):
            return [anew(item) for item in value]
        if isinstance(value, dict):
            return {key: anew(item) for key, item in value.items()}
        return value

    built = type(model)()
    for field in model.descriptor.fields:
        setattr(built, f"f_{field.name}", anew(getattr(model, f"m_{field.name}")))
    return built
