"""The pure path, whole: models over protobuf's messages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flytekit_models.convert import is_message
from flytekit_models.entity import FlyteIdlEntity, hash_of_message
from flytekit_models.errors import DecodeError
from flytekit_models.model.changes import level_of
from flytekit_models.model.copying import Saved, Wire
from flytekit_models.model.deep import merge_deep
from flytekit_models.model.reading import first_read, from_message, load, over
from flytekit_models.model.state import (
    M,
    ModelState,
    description_of,
    is_generated,
    message_class,
    set_state,
    values_of,
)
from flytekit_models.model.straight import make_writer
from flytekit_models.model.subclass_instances import plain_copy
from flytekit_models.model.writing import changed_message, settle_oneof, to_message, write_with_care
from flytekit_models.shown import shown


def first_write(generated: type[ModelState]) -> Callable[[Any, Any], None]:
    """What writes the first instance of *generated*: it makes the function that writes all of them."""

    def write(value: Any, message: Any) -> None:
        if generated._fm_write is write:
            generated._fm_write = generated._fm_write_own = make_writer(generated, write_with_care, settle_oneof)
        generated._fm_write(value, message)

    return write


def to_bytes(model: ModelState) -> bytes:
    """Write *model* in wire format, deterministically.

    Raises:
        TypeError: a member holds a value of a wrong type; the error names it.
        ValueError: a value is out of range, two arms of one oneof are set, or the installed IDL lacks a field.
    """
    wire: bytes = as_message(model).SerializePartialToString(deterministic=True)
    return wire


def from_bytes(cls: type[M], data: Any) -> M:
    """Read a model of the class *cls* from wire format.

    Raises:
        TypeError: *data* is not bytes.
        DecodeError: it is no valid message of the type.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        hint = f"; {cls.__qualname__}.from_flyte_idl reads a message" if is_message(data) else ""
        raise TypeError(f"{cls.__qualname__}.from_bytes takes bytes, not {shown(data)}{hint}")
    return over(cls, parsed(cls._fm_generated, bytes(data)))


def parsed(generated: type[ModelState], wire: bytes) -> Any:
    """The message that *wire* is.

    Raises:
        DecodeError: it is no valid message of the type.
    """
    kind = message_class(generated)
    try:
        return kind.FromString(wire)
    except Exception as error:
        name = kind.DESCRIPTOR.full_name
        raise DecodeError(f"these {len(wire)} bytes are no valid {name}: {error}") from error


def as_message(model: ModelState) -> Any:
    """The message to compare, hash and show; callers must not change it."""
    baseline = model._fm_baseline
    if baseline is not None and is_generated(model) and is_message(baseline):
        return changed_message(model)
    if type(model).to_flyte_idl is model._fm_generated.to_flyte_idl:
        return to_message(model)
    return model.to_flyte_idl()


def level(model: ModelState) -> tuple[Any, list[ModelState]]:
    """The message of *model* that says what its own fields are, and the models inside it whose parts of that message
    may not be up to date; callers must not change it."""
    found = None
    if is_generated(model) and is_message(model._fm_baseline):
        # Of a member that was deleted, writing says that it has no value.
        with suppress(AttributeError):
            found = level_of(model)
    return found or (as_message(model), [])


def equal(model: ModelState, other: object) -> bool:
    """Whether *other* is an entity that is written as an equal message."""
    return FlyteIdlEntity.__eq__(model, other)


def hash_of(model: ModelState) -> int:
    """The hash of the message."""
    message = model._fm_as_message()
    return hash_of_message(message, is_generated(model) and message is not model._fm_baseline)


def set_wire(model: ModelState, wire: Wire) -> None:
    """Make *model*, which is new, stand for the message that *wire* is."""
    message = message_class(model._fm_generated)()
    merge_deep(wire if isinstance(wire, bytes) else wire[0], message)
    set_state(model, message, True)


def save(model: ModelState) -> Saved:
    """What *model* keeps of itself in a copy."""
    if model._fm_unread:
        return Saved(model._fm_baseline.SerializePartialToString(deterministic=True), None)
    members = values_of(model)
    # A model that may be nothing at all is told from one in which nothing is set by what it was read from.
    may_be_nothing = "nothing" in description_of(model).options
    if model._fm_baseline is None or (_say_all(model) and not may_be_nothing):
        return Saved(None, members)
    return Saved(model._fm_baseline.SerializePartialToString(deterministic=True), members)


def _say_all(model: ModelState) -> bool:
    """Whether the members of a read *model* say all that its baseline does."""
    generated = model._fm_generated
    # A subclass may write itself in a way of its own; what a copy keeps is not that.
    plain, built = plain_copy(model, ()), plain_copy(model, ())
    built._fm_baseline = built._fm_unread = None
    message, whole = message_class(generated)(), message_class(generated)()
    try:
        generated._fm_write(built, message)
        generated._fm_write(plain, whole)
    except Exception:
        # Values of others may raise anything.
        return False
    return bool(
        message.SerializePartialToString(deterministic=True) == whole.SerializePartialToString(deterministic=True)
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
