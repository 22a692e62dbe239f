"""Which member made a model unwritable: found after the fact, so that it costs nothing while nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flytekit_models.changes import blank
from flytekit_models.messages import FlyteIdlTooOld, is_field_of, is_repeated, too_old
from flytekit_models.model import Model, message_class

_WRITE_ERRORS = (TypeError, ValueError, AttributeError)


def explain(model: Model, error: Exception) -> Exception:
    """The *error* of writing *model*, with the path to the member and what was expected of it.

    An error that came out of somebody's own ``to_flyte_idl`` is given back as it is.
    """
    return _explain(model, type(model).__name__, error)


def _explain(model: Model, path: str, error: Exception) -> Exception:
    for member in model._FIELDS:
        value = _value(model, member)
        failed = _attempt(_only(model, member, value))
        if failed is None:
            continue
        if not is_field_of(model._GENERATED, member):
            return too_old(model._GENERATED, member)
        return _explain_value(model, member, value, f"{path}.{member}", failed)
    if isinstance(error, FlyteIdlTooOld) or _is_overridden(model):
        return error
    return _same_kind(error, f"{path}: {error}")


def _explain_value(model: Model, member: str, value: Any, path: str, error: Exception) -> Exception:
    field = _field(model, member)
    for where, item in _items(value, path, field):
        if isinstance(item, Model):
            failed = _attempt(item)
            if failed is not None:
                return _explain(item, where, failed)
        elif hasattr(item, "to_flyte_idl"):
            try:
                item.to_flyte_idl()
            except Exception:
                return error
        elif item is not value:
            # A plain item of a list or map: is it this one alone?
            alone = [item] if not isinstance(value, dict) else {_key(value, item): item}
            failed = _attempt(_only(model, member, alone))
            if failed is not None:
                return _same_kind(failed, f"{where}: {_expected(_describe_item(field), item, failed)}")
    return _same_kind(error, f"{path}: {_expected(_describe(field), value, error)}")


def _items(value: Any, path: str, field: Any) -> Iterator[tuple[str, Any]]:
    """The parts of the value of a member: the items of a list or map where the field takes one, or else itself."""
    if isinstance(value, dict) and field.message_type is not None:
        yield from ((f"{path}[{key!r}]", item) for key, item in value.items())
    elif isinstance(value, (list, tuple)) and is_repeated(field) and not _is_map(field):
        yield from ((f"{path}[{index}]", item) for index, item in enumerate(value))
    else:
        yield path, value


def _key(value: dict[Any, Any], item: Any) -> Any:
    return next(key for key, other in value.items() if other is item)


def _value(model: Model, member: str) -> Any:
    """What is written for *member*: a subclass may override its property."""
    attribute = model._SLOTS[member]
    if type(model) is not model._GENERATED and getattr(type(model), member, None) is not getattr(
        model._GENERATED, member, None
    ):
        attribute = member
    return getattr(model, attribute, None)


def _only(model: Model, member: str, value: Any) -> Model:
    partial = blank(model._GENERATED)
    setattr(partial, model._SLOTS[member], value)
    return partial


def _attempt(model: Model) -> Exception | None:
    """The error that writing *model* ends in, if it does."""
    try:
        type(model)._write(model, message_class(model._GENERATED)())
    except _WRITE_ERRORS as error:
        return error
    return None


def _is_overridden(model: Model) -> bool:
    return type(model)._write is not model._GENERATED._write


def _same_kind(error: Exception, text: str) -> Exception:
    if isinstance(error, FlyteIdlTooOld):
        return error
    return ValueError(text) if isinstance(error, ValueError) else TypeError(text)


def _field(model: Model, member: str) -> Any:
    """The field that holds the values of *member*: of a message around one map, the map."""
    message, field = message_class(model._GENERATED).DESCRIPTOR, None
    for name in model._FIELDS[member].split("."):
        field = message.fields_by_name[name]
        message = field.message_type
    return field


def _expected(what: str, value: Any, error: Exception) -> str:
    # The runtime's own errors say what they expected, and what they got.
    if str(error).startswith("expected ") and ", got " in str(error):
        return str(error)
    return f"expected {what}, got {type(value).__name__} {_shown(value)}"


def _describe(field: Any) -> str:
    item = _describe_item(field)
    if _is_map(field):
        return f"a dict of {item}"
    return f"a list of {item}" if is_repeated(field) else item


def _describe_item(field: Any) -> str:
    return _describe_one(field.message_type.fields_by_name["value"] if _is_map(field) else field)


def _is_map(field: Any) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _describe_one(field: Any) -> str:
    if field.message_type is not None:
        return f"a model or message of {field.message_type.full_name}"
    if field.enum_type is not None:
        return f"int ({field.enum_type.full_name})"
    return {
        field.TYPE_DOUBLE: "float",
        field.TYPE_FLOAT: "float",
        field.TYPE_BOOL: "bool",
        field.TYPE_STRING: "str",
        field.TYPE_BYTES: "bytes",
    }.get(field.type, "int in the range of the field")


def _shown(value: Any) -> str:
    text = repr(value) if not isinstance(value, Model) else "model"
    return text if len(text) <= 80 else text[:77] + "..."
