"""Models by the compiled core: from and to the wire, without protobuf's messages until somebody asks for one.

What the core does not know goes by the pure path: foreign classes (see :mod:`flytekit_models.model.plans`), models over
a message, and subclasses that override how they are written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flytekit_models._core import MODULE as CORE
from flytekit_models.convert import NULL, is_message
from flytekit_models.entity import FlyteIdlEntity
from flytekit_models.errors import DecodeError
from flytekit_models.model import pure
from flytekit_models.model.checking import explain
from flytekit_models.model.copying import Saved, Wire
from flytekit_models.model.deep import merge_deep
from flytekit_models.model.entities import items_of, mapping_of
from flytekit_models.model.plans import encode_foreign, is_foreign, prepare, serialized
from flytekit_models.model.reading import check_message_given
from flytekit_models.model.state import M, ModelState, message_class, set_state, values_of
from flytekit_models.model.straight import make_reader
from flytekit_models.model.subclass_instances import constructed, takes_members
from flytekit_models.model.writing import WRITE_ERRORS
from flytekit_models.shown import shown

assert CORE is not None
_core = CORE
load = CORE.load
"""Reads the members of a model, if they are not read yet."""

first_write = pure.first_write


def first_read(model: ModelState) -> None:
    """Read the members of the first unread instance of a class: find out what reads all of them."""
    generated = model._fm_generated
    if is_foreign(generated):
        pure.first_read(model)
    else:
        generated._fm_read = load
        load(model)


def _load_foreign(model: ModelState) -> None:
    """Read the members of *model*, which is over a message."""
    generated = model._fm_generated
    kind = message_class(generated)
    read = _READERS.get(kind)
    if read is None:
        read = _READERS[kind] = make_reader(generated)
    read(model)


_READERS: dict[Any, Callable[[Any], None]] = {}
"""The pure path's reader for each message class."""


# Reading.


from_message = CORE.from_message
"""Reads a model of a class from a message, which may change afterwards without any effect."""

_READ_STRAIGHT: dict[type[ModelState], tuple[Any, Callable[[Any], bytes]]] = {}
"""Each generated class that was read from a message and needs no care: its message class, and what serializes one."""


def _read_with_care(cls: type[M], message: Any) -> M:
    """Read a model of the class *cls* from *message*, whatever it is.

    Raises:
        TypeError: *message* is not of the type that *cls* models.
    """
    check_message_given(cls, message)
    generated = cls._fm_generated
    if is_foreign(generated):
        return pure.from_message(cls, message)
    if cls is generated and type(message) is message_class(generated):
        _READ_STRAIGHT[cls] = type(message), type(message).SerializePartialToString
    return _over(cls, message.SerializePartialToString(), _core.from_serialized)


def _over(cls: type[M], data: Any, read: Callable[[Any, Any], Any]) -> M:
    """A model of the class *cls* that *read* makes of *data*."""
    if cls is not cls._fm_generated and takes_members(cls):
        plain = read(cls._fm_generated, data)
        load(plain)
        return constructed(cls, plain)
    model: M = read(cls, data)
    return model


def from_bytes(cls: type[M], data: Any) -> M:
    """Read a model of the class *cls* from wire format.

    Raises:
        TypeError: *data* is not bytes.
        DecodeError: it is no valid message of the type.
    """
    if is_foreign(cls._fm_generated):
        return pure.from_bytes(cls, data)
    if not isinstance(data, (bytes, bytearray, memoryview)):
        hint = f"; {cls.__qualname__}.from_flyte_idl reads a message" if is_message(data) else ""
        raise TypeError(f"{cls.__qualname__}.from_bytes takes bytes, not {shown(data)}{hint}")
    return _over(cls, data, _core.from_bytes)


def set_wire(model: ModelState, wire: Wire) -> None:
    """Make *model*, which is new, stand for the message that *wire* is."""
    if is_foreign(model._fm_generated):
        pure.set_wire(model, wire)
    elif isinstance(wire, bytes):
        set_state(model, wire, True)
    else:
        # Its members follow.
        set_state(model, _core.Residue(*wire[1:]), None)


# Writing.


def is_plain(cls: type[ModelState]) -> bool:
    """Whether instances of *cls* are written by their slots: it is a generated class, or overrides nothing of one."""
    generated = cls._fm_generated
    return not is_foreign(generated) and (cls is generated or not cls._fm_overrides)


def _is_own(model: ModelState) -> bool:
    """Whether the core writes *model*: it is plain, and not over a message."""
    return is_plain(type(model)) and bool(_core.is_own(model))


def to_bytes(model: ModelState, deterministic: bool = True) -> bytes:
    """Write *model* in wire format.

    Raises:
        TypeError: a member holds a value of a wrong type; the error names it.
        ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
    """
    if not _is_own(model):
        return serialized(pure.as_message(model))
    wire: bytes = _written(model, _core.to_bytes, deterministic)
    return wire


def _written(model: ModelState, write: Callable[..., Any], *arguments: Any) -> Any:
    """What the function *write* of the core makes of *model*; the error says what cannot be written."""
    try:
        return write(model, *arguments)
    except WRITE_ERRORS as error:
        explained = explain(model, error)
        if explained is error:
            raise
        raise explained from error


def to_message(model: ModelState) -> Any:
    """Write *model* into a new message.

    Raises:
        TypeError: a member holds a value of a wrong type; the error names it.
        ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
    """
    cls = type(model)
    known = _WRITE_STRAIGHT.get(cls)
    if known is not None and known[0] is cls._fm_message_class:
        try:
            return known[1](_core.to_bytes(model, False))
        except Exception:
            # It is not the core's, is wrong, or nests too deep: that is found out below.
            pass
    if not _is_own(model):
        return pure.to_message(model)
    wire = to_bytes(model, False)
    kind = message_class(model._fm_generated)
    if cls is model._fm_generated:
        _WRITE_STRAIGHT[cls] = kind, kind.FromString
    message = kind()
    merge_deep(wire, message)
    return message


_WRITE_STRAIGHT: dict[type[ModelState], tuple[Any, Callable[[bytes], Any]]] = {}
"""Each generated class that was written into a message and needs no care: its message class, and what parses one."""


def as_message(model: ModelState) -> Any:
    """The message to compare, hash and show; callers must not change it."""
    return to_message(model) if _is_own(model) else pure.as_message(model)


def level(model: ModelState) -> tuple[Any, list[ModelState]]:
    """The message of *model* that says what its own fields are, and the models inside it whose parts of that message
    may not be up to date; callers must not change it."""
    return (to_message(model), []) if _is_own(model) else pure.level(model)


def _encode_foreign(model: type[ModelState], value: Any) -> Any:
    """What the core writes for *value*, which is no instance of *model* that it knows."""
    if issubclass(type(value), model) and _is_own(value):
        return True
    return encode_foreign(model, value)


# Comparing.


def equal(model: ModelState, other: object) -> bool:
    """Whether *other* is an entity that is written as an equal message."""
    if isinstance(other, type(model)) and type(other) is type(model) and _is_own(model) and _is_own(other):
        try:
            return bool(_core.equal(model, other))
        except Exception:
            # Whatever is wrong with one of them (a foreign object may raise anything).
            pass
    return FlyteIdlEntity.__eq__(model, other)


def hash_of(model: ModelState) -> int:
    """The hash of the message."""
    if _is_own(model):
        found: int = _written(model, _core.hash)
        return found
    return FlyteIdlEntity.__hash__(model)


# Copying.


def save(model: ModelState) -> Saved:
    """What *model* keeps of itself in a copy."""
    if not _core.is_own(model) or is_foreign(model._fm_generated):
        return pure.save(model)
    if model._fm_unread:
        return Saved(model._fm_baseline, None)
    members = values_of(model)
    if model._fm_baseline is not None:
        residue = model._fm_baseline
        try:
            baseline = _core.to_baseline(model)
        except Exception:
            # Its members, and what they do not say, are what there is to copy: values of others may raise anything.
            baseline = b"".join([*(raw for _, raw, *_ in residue.notes), residue.unknown or b""])
        return Saved((baseline, residue.unknown, residue.notes), members)
    return Saved(None, members)


def _encode_message(name: str, value: Any) -> bytes:
    """The bytes of *value*, a message that stands for a Python value: of the type *name*, or of an arm of a JSON value.

    Raises:
        TypeError: it is no such message.
    """
    from flytekit_models import convert

    message = _converted(name)()
    writers = {"Timestamp": convert.write_datetime, "Duration": convert.write_timedelta}
    writers |= {"Struct": convert.write_struct, "ListValue": convert.write_list_value, "Value": convert.write_value}
    writers.get(name.rpartition(".")[2], convert.write_wrapped)(value, message)
    return serialized(message)


def _decode_message(name: str, data: bytes) -> Any:
    return _converted(name).FromString(data)


def _converted(name: str) -> Any:
    """Protobuf's class for a message that Python has values for."""
    from google.protobuf import duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2

    short = name.rpartition(".")[2]
    return next(
        getattr(module, short)
        for module in (duration_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
        if hasattr(module, short)
    )


CORE.set_hooks(
    prepare=prepare,
    load_foreign=_load_foreign,
    encode_foreign=_encode_foreign,
    encode_message=_encode_message,
    decode_message=_decode_message,
    items_of=items_of,
    mapping_of=mapping_of,
    decode_error=DecodeError,
    null=NULL,
    straight=_READ_STRAIGHT,
    read_with_care=_read_with_care,
)

__all__ = [
    "as_message",
    "equal",
    "first_read",
    "first_write",
    "from_bytes",
    "from_message",
    "hash_of",
    "level",
    "load",
    "save",
    "set_wire",
    "to_bytes",
    "to_message",
]
