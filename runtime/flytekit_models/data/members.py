"""What the data operations know of a model: its members, and the fields of the message behind them.

Everything that depends on how models are stored is here, so the operations themselves do not.
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
from flytekit_models.messages import is_repeated
from flytekit_models.model import Model, describe, message_class
from flytekit_models.model.engine import from_message, to_message
from flytekit_models.model.wrapping import wrap_read


class Member(NamedTuple):
    """A member of a model."""

    name: str
    """Its name in Python."""
    field: str
    """The name of its field."""
    inner: str | None
    """The map inside the field's message that the member gives; None where it gives the field itself."""


def members(cls: type[Model[Any]]) -> Mapping[str, Member]:
    """The members of *cls* by their names. A member without a field (client side only) has the field ""."""
    return _members(cls._fm_generated)


# Kept for the generated classes only: there are as many of them at the end as at the start.
@cache
def _members(generated: type[Model[Any]]) -> Mapping[str, Member]:
    found = {}
    for field in describe(generated).fields:
        inner = field.inner.name if field.inner is not None else None
        found[field.member] = Member(field.member, field.name if field.number else "", inner)
    return found


def members_by_field(cls: type[Model[Any]]) -> Mapping[str, Member]:
    """The members of *cls* by the names of their fields."""
    return _members_by_field(cls._fm_generated)


@cache
def _members_by_field(generated: type[Model[Any]]) -> Mapping[str, Member]:
    return {member.field: member for member in _members(generated).values() if member.field}


def oneofs(cls: type[Model[Any]]) -> Mapping[str, tuple[str, ...]]:
    """The oneofs of *cls*: each one's members."""
    return {name: tuple(arm.member for arm in arms) for name, arms in describe(cls).oneofs.items()}


def message_of(model: Model[Any]) -> Any:
    """The message that says what *model* says, which must not be changed; of a carrier, the message it carries."""
    return to_message(model) if isinstance(model, FlyteCustomIdlEntity) else model._fm_as_message()


def message_type(cls: type[Model[Any]]) -> Any:
    """The protobuf class of *cls*."""
    return message_class(cls._fm_generated)


def model_of(cls: type[Model[Any]], message: Any) -> Any:
    """A model of the class *cls* that says what *message* says."""
    if issubclass(cls, FlyteCustomIdlEntity):
        return wrap_read(cls, message)
    return from_message(cls, message)


def reading(cls: type[Model[Any]] | None, message: Any) -> Any:
    """A model of the generated class of *cls* that reads *message*, which it may keep; the message if there is none."""
    return message if cls is None else wrap_read(cls._fm_generated, message)


def blank(cls: type[Model[Any]]) -> Model[Any]:
    """A model of the class *cls* in which nothing is set."""
    found: Any = cls._fm_generated
    nothing: Model[Any] = from_message(found, message_type(cls)())
    return nothing


def value(model: Model[Any], name: str) -> Any:
    """The value of the member *name*: what a subclass overrides counts."""
    cls = type(model)
    overrides = cls is not cls._fm_generated and getattr(cls, name, None) is not getattr(cls._fm_generated, name, None)
    return getattr(model, name if overrides else _attribute(cls, name))


def assign(model: Model[Any], name: str, given: Any) -> None:
    """Set the member *name* to what the constructor makes of *given*; None unsets it."""
    cls = type(model)
    if given is not None:
        given = _as_constructed(model, name, given)
    setattr(model, _attribute(cls, name), given)


def _attribute(cls: type[Model[Any]], name: str) -> str:
    return name if cls._fm_eager else describe(cls).by_member[name].private


def _as_constructed(model: Model[Any], name: str, given: Any) -> Any:
    """What the constructor stores for *given*: some take a number for a strategy, or a naive time for UTC."""
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
        # What a constructor refuses may have been read, so it can be set; if it can't be written, writing says why.
        return given


@cache
def _parameters(generated: type[Model[Any]]) -> Mapping[str, bool]:
    """The parameters of the constructor, and whether they must be given."""
    taken = list(signature(generated.__init__).parameters.values())[1:]
    return {each.name: each.default is each.empty for each in taken}


class Place(NamedTuple):
    """What a member holds."""

    kind: type[Model[Any]] | None
    """The class of the models in it, if these are models."""
    is_list: bool
    """Whether its field is a list (in Python, one of keys and values may be a dict)."""
    is_map: bool
    """Whether it is a dict in Python."""
    is_json: bool
    """Whether it is JSON data: any value may be anywhere, None too."""


_UNKNOWN_FIELD = b"\x82\xe5\x08\x00"
_JSON = frozenset({"google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"})


def plain_json(held: Any) -> Any:
    """JSON data, of a member that may hold them as such or as a message."""
    if not is_message(held):
        return held
    readers = {"Struct": read_struct, "ListValue": read_list_value, "Value": read_value}
    return readers[held.DESCRIPTOR.name](held)


def like(held: Any, data: Any) -> Any:
    """JSON *data*, as a message if those that are *held* are one."""
    if not is_message(held):
        return data
    writers = {"Struct": write_struct, "ListValue": write_list_value, "Value": write_value}
    written = type(held)()
    writers[held.DESCRIPTOR.name](data, written)
    return written


def place_of(cls: type[Model[Any]], name: str) -> Place:
    """What the member *name* of *cls* holds."""
    return _place_of(cls._fm_generated, name)


@cache
def _place_of(generated: type[Model[Any]], name: str) -> Place:
    member, sample = _members(generated)[name], message_type(generated)()
    inside, field = sample, sample.DESCRIPTOR.fields_by_name.get(member.field)
    if field is not None and member.inner is not None:
        inside, field = getattr(sample, field.name), field.message_type.fields_by_name[member.inner]
    if field is None or field.message_type is None:
        return Place(None, field is not None and is_repeated(field), False, False)
    # One that has something there says what reading makes of it.
    is_map, is_list = bool(field.message_type.GetOptions().map_entry), is_repeated(field)
    if is_map:
        _add_entry(getattr(inside, field.name), field.message_type)
    elif is_list:
        getattr(inside, field.name).add()
    else:
        # Something has to be in it: there are members that read an empty message as None.
        getattr(inside, field.name).MergeFromString(_UNKNOWN_FIELD)
    held = one = value(wrap_read(generated, sample), name)
    if is_map:
        (one,) = held.values()
    elif is_list and isinstance(held, list):
        (one,) = held
    kind = type(one) if isinstance(one, Model) else None
    is_json = field.message_type.full_name in _JSON
    return Place(kind, is_list and not is_map, is_map or isinstance(held, dict), is_json)


def _add_entry(entries: Any, entry: Any) -> None:
    key, item = entry.fields_by_name["key"], entry.fields_by_name["value"]
    if item.message_type is None:
        entries[key.default_value] = item.default_value
    else:
        entries[key.default_value].SetInParent()


def kind_of(cls: type[Model[Any]] | None, field: str) -> type[Model[Any]] | None:
    """The class of the models that *cls* has in *field*, at whatever depth of lists and maps; None if it has none."""
    member = None if cls is None else members_by_field(cls).get(field)
    return None if cls is None or member is None else place_of(cls, member.name).kind


def reachable(cls: type[Model[Any]]) -> frozenset[type[Model[Any]]]:
    """The classes of all models that may be inside one of *cls*, at any depth."""
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
    """The first paragraph of the documentation of the member that has *field*."""
    return "" if cls is None else _documentation(cls._fm_generated, field)


@cache
def _documentation(generated: type[Model[Any]], field: str) -> str:
    member = _members_by_field(generated).get(field)
    text = getattr(getattr(generated, member.name, None), "__doc__", None) if member else None
    return " ".join((text or "").strip().partition("\n\n")[0].split())
