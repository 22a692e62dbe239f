"""Access to the members of a model and to the fields behind them, for the data operations and the views.

Everything that depends on how models store their values is in this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from inspect import signature
from typing import Any, NamedTuple

from flytekit_models.convert import (
    is_message,
    read_list_value,
    read_struct,
    read_value,
    write_list_value,
    write_struct,
    write_value,
)
from flytekit_models.entity import FlyteCustomIdlEntity
from flytekit_models.model import Model, describe, engine, message_class
from flytekit_models.model.parts import Parts
from flytekit_models.model.wrapping import wrap_read
from flytekit_models.text import WholeMessage


class Member(NamedTuple):
    """A member of a model."""

    name: str
    """Its name in Python."""
    field: str
    """The name of its field."""
    inner: str | None
    """The map inside the field's message that the member gives; None where it gives the field itself."""


def members(cls: type[Model[Any]]) -> Mapping[str, Member]:
    """Return the members of *cls* by name. A member without a field (client side only) has the field ""."""
    return _members(cls._fm_generated)


# Cached by generated class, not by subclass: their number is fixed.
@cache
def _members(generated: type[Model[Any]]) -> Mapping[str, Member]:
    found = {}
    for field in describe(generated).fields:
        inner = field.inner.name if field.inner is not None else None
        found[field.member] = Member(field.member, field.name if field.number else "", inner)
    return found


def members_by_field(cls: type[Model[Any]]) -> Mapping[str, Member]:
    """Return the members of *cls* by field name."""
    return _members_by_field(cls._fm_generated)


@cache
def _members_by_field(generated: type[Model[Any]]) -> Mapping[str, Member]:
    return {member.field: member for member in _members(generated).values() if member.field}


def oneofs(cls: type[Model[Any]]) -> Mapping[str, tuple[str, ...]]:
    """Return the members of each oneof of *cls*."""
    return {name: tuple(arm.member for arm in arms) for name, arms in describe(cls).oneofs.items()}


def message_of(model: Model[Any]) -> Any:
    """Return the message of *model*, which must not be changed; for a carrier, the message it carries."""
    return engine.to_message(model) if is_carrier(model) else model._fm_as_message()


def parts_of(model: Model[Any]) -> WholeMessage:
    """Return the same as :func:`message_of`, to be looked at part by part."""
    return WholeMessage(message_of(model)) if is_carrier(model) else Parts(model)


def is_carrier(model: Model[Any]) -> bool:
    """Tell whether *model* travels in a Struct: that is what ``short_string`` shows."""
    return isinstance(model, FlyteCustomIdlEntity)


def message_type(cls: type[Model[Any]]) -> Any:
    """Return the protobuf class of *cls*."""
    return message_class(cls._fm_generated)


def model_of(cls: type[Model[Any]], message: Any) -> Any:
    """Read a model of the class *cls* from *message*."""
    if issubclass(cls, FlyteCustomIdlEntity):
        return wrap_read(cls, message)
    return engine.from_message(cls, message)


def reading(cls: type[Model[Any]] | None, message: Any) -> Any:
    """Wrap *message* in a model of the generated class of *cls*; return it as it is if *cls* is None."""
    return message if cls is None else wrap_read(cls._fm_generated, message)


def blank(cls: type[Model[Any]]) -> Model[Any]:
    """Make a model of the generated class of *cls* in which nothing is set."""
    found: Any = cls._fm_generated
    nothing: Model[Any] = engine.from_message(found, message_type(cls)())
    return nothing


def value(model: Model[Any], name: str) -> Any:
    """Return the value of the member *name*; a property that a subclass overrides takes precedence."""
    cls = type(model)
    overrides = cls is not cls._fm_generated and getattr(cls, name, None) is not getattr(cls._fm_generated, name, None)
    if overrides:
        return getattr(model, name)
    try:
        return getattr(model, _attribute(cls, name))
    except AttributeError:
        # Its constructor never ran.
        return None


def assign(model: Model[Any], name: str, given: Any) -> None:
    """Set the member *name* to *given*, converted as the constructor does; None unsets it."""
    cls = type(model)
    if given is not None:
        given = _as_constructed(model, name, given)
    setattr(model, _attribute(cls, name), given)


def _attribute(cls: type[Model[Any]], name: str) -> str:
    return name if cls._fm_eager else describe(cls).by_member[name].private


def _as_constructed(model: Model[Any], name: str, given: Any) -> Any:
    """Convert *given* as the constructor does: some take an int as a retry strategy, or a naive datetime as UTC."""
    generated: Any = type(model)._fm_generated
    parameters = _parameters(generated)
    if name not in parameters:
        return given
    if generated._fm_eager:
        arguments = {each: value(model, each) for each in parameters}
    else:
        arguments = {each: None for each, is_required in parameters.items() if is_required}
    try:
        return getattr(generated(**{**arguments, name: given}), _attribute(generated, name))
    except (TypeError, ValueError):
        # What the constructor refuses may come from the wire, so it can be set. Writing reports what is invalid.
        return given


@cache
def _parameters(generated: type[Model[Any]]) -> Mapping[str, bool]:
    """Return the parameters of the constructor, and whether each is required."""
    taken = list(signature(generated.__init__).parameters.values())[1:]
    return {each.name: each.default is each.empty for each in taken}


class Place(NamedTuple):
    """What kind of value a member holds."""

    kind: type[Model[Any]] | None
    """Class of the models in it, or None."""
    is_list: bool
    """Whether its field is repeated. A list of key-value pairs is a dict in Python."""
    is_map: bool
    """Whether it is a dict in Python."""
    is_json: bool
    """Whether it is JSON, in which None is a value."""


_JSON_KINDS = frozenset({"struct", "value", "list-value"})
_JSON_MESSAGES = frozenset({"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"})


def plain_json(held: Any) -> Any:
    """Convert the JSON value *held* by a member, a message or plain data, to plain data."""
    if not is_message(held):
        return held
    readers = {"Struct": read_struct, "ListValue": read_list_value, "Value": read_value}
    return readers[held.DESCRIPTOR.name](held)


def like(held: Any, data: Any) -> Any:
    """Convert JSON *data* to the type of *held*: a message if that is one."""
    if not is_message(held):
        return data
    writers = {"Struct": write_struct, "ListValue": write_list_value, "Value": write_value}
    written = type(held)()
    writers[held.DESCRIPTOR.name](data, written)
    return written


def place_of(cls: type[Model[Any]], name: str) -> Place:
    """Return what kind of value the member *name* of *cls* holds."""
    return _place_of(cls._fm_generated, name)


@cache
def _place_of(generated: type[Model[Any]], name: str) -> Place:
    described = describe(generated)
    field = described.by_member[name]
    held = field.inner or field
    return Place(
        kind=described.resolve(held.type) if held.kind == "model" else None,
        is_list=field.label == "list",
        is_map=held.label == "map" or field.kind in ("struct", "key-values"),
        is_json=field.kind in _JSON_KINDS or field.type in _JSON_MESSAGES,
    )


def kind_of(cls: type[Model[Any]] | None, field: str) -> type[Model[Any]] | None:
    """Return the class of the models in *field* of *cls*: also those in a list or map. None for others."""
    member = None if cls is None else members_by_field(cls).get(field)
    return None if cls is None or member is None else place_of(cls, member.name).kind


def reachable(cls: type[Model[Any]]) -> frozenset[type[Model[Any]]]:
    """Return the classes of all models that can occur inside one of *cls*, at any depth."""
    return _reachable(cls._fm_generated)


@cache
def _reachable(generated: type[Model[Any]]) -> frozenset[type[Model[Any]]]:
    found: set[type[Model[Any]]] = set()
    left = [generated]
    while left:
        cls = left.pop()
        kinds = {place_of(cls, name).kind for name in _members(cls)} - {None} - found
        found |= kinds  # type: ignore[arg-type]
        left += kinds  # type: ignore[arg-type]
    return frozenset(found)


def documentation(cls: type[Model[Any]] | None, field: str) -> str:
    """Return the first paragraph of the documentation of *field*."""
    return "" if cls is None else _documentation(cls._fm_generated, field)


@cache
def _documentation(generated: type[Model[Any]], field: str) -> str:
    member = _members_by_field(generated).get(field)
    text = getattr(getattr(generated, member.name, None), "__doc__", None) if member else None
    return " ".join((text or "").strip().partition("\n\n")[0].split())
