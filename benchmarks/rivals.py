"""Other Python libraries that generate code from .proto files, or wrap protobuf: what they take for the same."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from benchmarks.cases import Case, ready
from benchmarks.reading import protobuf_py_reader
from benchmarks.subjects import Subject

RIVALS = ("betterproto2", "proto-plus", "protobuf-py")


def rival_cases(rival: str, subject: Subject, wire: bytes) -> dict[str, Callable[[], Case]]:
    """The cases that have a meaning where there is no message beside the model: those that begin with bytes."""
    parse, write, step = _ADAPTERS[rival](subject)
    one, other = parse(wire), parse(wire)
    if len(write(one)) != len(wire):
        raise SystemExit(f"{rival} writes {len(write(one))} bytes for {len(wire)}")

    def leaf() -> Any:
        value = parse(wire)
        for hop in subject.leaf:
            value = step(value, hop[1:]) if isinstance(hop, str) and hop.startswith(".") else value[hop]
        return value

    def unpickle() -> Case:
        dumped = pickle.dumps(one, 5)
        return lambda: pickle.loads(dumped)

    def everything() -> Case:
        walk = protobuf_py_reader(type(one).desc())
        return lambda: walk(parse(wire))

    leaf()
    more = {"everything from bytes": everything} if rival == "protobuf-py" else {}
    straight: dict[str, Case] = {
        "from bytes": lambda: parse(wire),
        "to bytes": lambda: write(one),
        "leaf from bytes": leaf,
        "==": lambda: one == other,
        "pickle": lambda: pickle.dumps(one, 5),
        "short_string": lambda: str(one),
    }
    return ready(straight) | {"unpickle": unpickle} | more


_Adapter = tuple[Callable[[bytes], Any], Callable[[Any], bytes], Callable[[Any, str], Any]]


def _betterproto2(subject: Subject) -> _Adapter:
    module, _, name = subject.message.partition(":")
    kind = getattr(import_module(f"betterproto2_models.flyteidl.{module.partition('.')[0]}"), name)
    return kind.parse, bytes, getattr


def _protobuf_py(subject: Subject) -> _Adapter:
    module, _, name = subject.message.partition(":")
    kind = getattr(import_module(f"flyteidl.{module.removesuffix('2')}"), name)

    def step(value: Any, name: str) -> Any:
        if hasattr(value, name):
            return getattr(value, name)
        # The arms of a oneof are one attribute, named after the oneof.
        arms = [getattr(value, oneof.name) for oneof in value.desc().oneofs]
        return next(arm.value for arm in arms if arm is not None and arm.field == name)

    return kind.from_binary, lambda message: bytes(message.to_binary()), step


def _proto_plus(subject: Subject) -> _Adapter:
    module, _, name = subject.message.partition(":")
    kind = _proto_plus_class(getattr(import_module(f"flyteidl.{module}"), name).DESCRIPTOR)
    return kind.deserialize, kind.serialize, getattr


def _proto_plus_class(root: Any) -> Any:
    """The proto-plus class for the message *root*: nobody writes one by hand, so it is made of the descriptors.

    Enums are declared as the int32 they are on the wire, which spares proto-plus a conversion.
    """
    import proto
    from google.protobuf import message_factory

    reached = _reachable(root)
    home = ModuleType("benchmarks.proto_plus_models")
    sys.modules[home.__name__] = home
    home.__dict__["__protobuf__"] = proto.module(package="bench", manifest={_flat(each) for each in reached})

    def one(field: Any) -> tuple[Any, dict[str, Any]]:
        more: dict[str, Any] = {}
        if field.message_type is not None:
            is_google = field.message_type.full_name.startswith("google.")
            target = field.message_type
            more["message"] = message_factory.GetMessageClass(target) if is_google else _flat(target)
            return proto.MESSAGE, more
        return (proto.INT32 if field.enum_type is not None else proto.ProtoType(field.type)), more

    for message in reached:
        body: dict[str, Any] = {"__module__": home.__name__, "__qualname__": _flat(message)}
        for field in message.fields:
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
                kind, more = one(value)
                made = proto.MapField(proto.ProtoType(key.type), kind, number=field.number, **more)
            elif field.is_repeated:
                kind, more = one(field)
                made = proto.RepeatedField(kind, number=field.number, **more)
            else:
                kind, more = one(field)
                oneof = field.containing_oneof.name if field.containing_oneof is not None else None
                made = proto.Field(kind, number=field.number, oneof=oneof, **more)
            body[field.name] = made
        setattr(home, _flat(message), type(proto.Message)(_flat(message), (proto.Message,), body))
    return getattr(home, _flat(root))


def _flat(message: Any) -> str:
    return str(message.full_name).replace("flyteidl.", "").replace(".", "_")


def _reachable(root: Any) -> list[Any]:
    """The messages of the IDL below *root*, map entries left out."""
    found: dict[str, Any] = {}
    waiting = [root]
    while waiting:
        message = waiting.pop()
        if message.full_name in found or message.full_name.startswith("google."):
            continue
        is_entry = message.GetOptions().map_entry
        if not is_entry:
            found[message.full_name] = message
        waiting += [field.message_type for field in message.fields if field.message_type is not None]
    return list(found.values())


_ADAPTERS: dict[str, Callable[[Subject], _Adapter]] = {
    "betterproto2": _betterproto2,
    "proto-plus": _proto_plus,
    "protobuf-py": _protobuf_py,
}
