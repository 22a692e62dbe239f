"""What may stand for a model, a list or a dict when it is written, and what may not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flytekit_models.convert import as_dict, is_message, write_struct
from flytekit_models.model.description import describe
from flytekit_models.model.state import ModelState, is_model, is_nothing
from flytekit_models.shown import shown


def write_message(value: Any, message: Any) -> None:
    """Write *value*, what :func:`write_entity` takes or a dict of fields, into the sub-message *message*.

    Raises:
        TypeError: *value* is nothing that is written as a message of this type.
    """
    if isinstance(value, Mapping) and not is_message(value):
        message.SetInParent()
        _write_fields(value, message)
    else:
        write_entity(value, message)


def write_entity(value: Any, message: Any) -> None:
    """Write *value*, any model, entity or message, into the sub-message *message*, which becomes present.

    Raises:
        TypeError: *value* is a model of another message, or nothing that is written as a message of this type.
    """
    # Looked up on the class: a mock answers for any attribute of an instance.
    model = type(value)
    write = getattr(model, "_fm_write", None)
    if write is not None:
        check_message(model, message)
        write(value, message)
        return
    message.SetInParent()
    if isinstance(value, type):
        raise TypeError(f"expected {a_message(message)}, got the class {value.__name__} itself, not an instance")
    else:
        written = written_by_itself(value, message)
        if written is not None:
            message.CopyFrom(written)


def written_by_itself(value: Any, message: Any) -> Any:
    """The message that *value* is, or that its ``to_flyte_idl`` gives; None where that gives None.

    Raises:
        TypeError: it is no message of the type of *message*.
    """
    written = value
    if hasattr(value, "to_flyte_idl"):
        try:
            written = value.to_flyte_idl()
        except Exception as error:
            # Whoever explains this error finds by it which value the error is about, without asking it again.
            error.__dict__["_fm_raised_by"] = value
            raise
    if written is None and written is not value:
        return None
    wanted = message.DESCRIPTOR.full_name
    if not is_message(written) or written.DESCRIPTOR.full_name != wanted:
        refused = TypeError(f"expected {a_message(message)}, got {shown(written)}")
        if written is not value:
            refused.__dict__.update(_fm_raised_by=value, _fm_refused=True)
        raise refused
    return written


def a_message(message: Any) -> str:
    """What is expected where *message* stands."""
    return f"a model or message of {message.DESCRIPTOR.full_name}"


def _write_fields(value: Mapping[Any, Any], message: Any) -> None:
    name = message.DESCRIPTOR.full_name
    if name == "google.protobuf.Struct":
        write_struct(value, message)
        return
    try:
        message.MergeFrom(type(message)(**value))
    except (TypeError, ValueError) as error:
        raise type(error)(f"expected {a_message(message)}, or a dict of its fields: {error}") from None


def check_message(model: type[ModelState], message: Any) -> None:
    """Refuse a model of another message: it would write those of its members that this one has by chance.

    Raises:
        TypeError: it is one.
    """
    modelled = describe(model).message
    if message.DESCRIPTOR.full_name != modelled:
        raise TypeError(f"expected {a_message(message)}, got {model.__name__}, a model of {modelled}")


def write_nothing_or(model: type[ModelState], value: Any, message: Any) -> None:
    """Write *value*, or leave *message* absent if *value* is a model that is written as None by itself."""
    if not (is_model(value) and is_nothing(value)):
        model._fm_write(value, message)


def items_of(values: Any) -> Iterable[Any]:
    """The *values* of a list that was given as something else.

    Raises:
        TypeError: they are no list, or a str, which has items but is never meant as a list.
    """
    if isinstance(values, (str, bytes, bytearray, memoryview)):
        raise TypeError(f"expected a list, got {type(values).__name__}; put it into a list")
    if isinstance(values, Mapping) or not isinstance(values, Iterable) or is_message(values):
        raise TypeError(f"expected a list, got {type(values).__name__}")
    return values


def mapping_of(values: Any) -> dict[Any, Any]:
    """The *values* of a dict that was given as something else.

    Raises:
        TypeError: they are no mapping, or an item is no sequence.
        ValueError: an item is no pair.
    """
    if not isinstance(values, Mapping):
        raise TypeError(f"expected a dict, got {type(values).__name__}")
    return as_dict(values)


def in_order(values: Iterable[Any], key: str) -> list[Any]:
    """*values* as they are written where the contract has them sorted: by themselves, or by the attribute *key*.

    What is unset on the way to the attribute comes first.
    """
    if key == "value":
        return sorted(values)
    return sorted(values, key=lambda value: _attribute(value, key))


def _attribute(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name, None)
        if value is None:
            return ""
    return value
