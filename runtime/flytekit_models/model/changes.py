"""The pure path: what a read model says that its baseline does not, and writing just that over the baseline.

A model that was read keeps the message it was read from. Writing it starts from a copy of that message, so whatever the
model does not show (unknown fields, nanoseconds, absence) is written as it was read. A sub-model that still stands for
its part of the message is written over in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import copysign
from operator import attrgetter
from typing import Any, NamedTuple

from flytekit_models.convert import is_message
from flytekit_models.entity import FlyteIdlEntity
from flytekit_models.errors import OneofConflict
from flytekit_models.messages import too_old
from flytekit_models.model.description import Field, describe
from flytekit_models.model.state import ModelState, blank, description_of, is_model
from flytekit_models.model.wrapping import wrap_read

_Place = Callable[[], Any]
"""Gives the part of the message that is being written; asking for it makes it present."""

_Inside = list[tuple[ModelState, _Place]]

_COMPARED = frozenset({bool, bytes, int, str})
"""The types of values that are the same if they are equal (not so floats: -0.0, NaN)."""


def is_changed(model: ModelState) -> bool:
    """Whether *model*, which has a message for its baseline, says anything else than the baseline does."""
    if is_as_read(model):
        return False
    return next(_changed_levels(model, lambda: None), None) is not None


def is_as_read(model: ModelState) -> bool:
    """Whether it shows at a glance that nothing has changed since *model* was read from its baseline."""
    return bool(model._fm_unread) or (model._fm_unread is False and not inside_of(type(model)).fields)


def write_over_baseline(model: ModelState, message: Any) -> None:
    """Write *model* into *message*: its baseline, and over it what has changed."""
    message.SetInParent()
    message.CopyFrom(model._fm_baseline)
    if not is_as_read(model):
        for level, members, place in _changed_levels(model, lambda: message):
            _replace(level, members, place())


def _changed_levels(model: ModelState, place: _Place) -> Iterator[tuple[ModelState, list[Field], _Place]]:
    """Each model in *model*, itself included, that has members to be written anew at its place, and these members."""
    # A stack of our own: messages may nest deeper than Python calls.
    levels: _Inside = [(model, place)]
    while levels:
        level, at = levels.pop()
        members, inside = _compare(level, at)
        levels += inside
        if members:
            yield level, members, at


def _compare(model: ModelState, place: _Place) -> tuple[list[Field], _Inside]:
    """The members of *model* to be written anew, and the sub-models that are where they were read."""
    replaced: list[Field] = []
    inside: _Inside = []
    suspects: list[Field] = []
    if model._fm_unread is None:
        suspects += describe(type(model)).by_number.values()
    else:
        # What was not assigned can only have changed inside, if there is an inside.
        values_of, fields = inside_of(type(model))
        for now, field in zip(values_of(model), fields, strict=False):
            if now is not None:
                found = _where_it_was_read(now, model._fm_baseline, field, place)
                if found is None:
                    suspects.append(field)
                else:
                    inside += found
    if suspects:
        original = wrap_read(model._fm_generated, model._fm_baseline)
        for field in suspects:
            slot = model._fm_slots[field.member]
            now, before = getattr(model, slot, None), getattr(original, slot)
            if now is before:
                continue
            if type(now) in _COMPARED and type(now) is type(before):
                if now != before:
                    replaced.append(field)
                continue
            if now is None and _is_as_unset(before, model._fm_baseline, field):
                continue
            found = []
            if _kept(now, before, _at(place, _path(field)), found):
                inside += found
            else:
                replaced.append(field)
    return replaced, inside


def _is_as_unset(before: Any, baseline: Any, field: Field) -> bool:
    """Whether None says the same as what was read: nothing was set, or what is written as nothing."""
    if not before and field.options.get("written") == "truthy":
        return True
    return all(each.number != field.number for each, _ in baseline.ListFields())


def _where_it_was_read(now: Any, baseline: Any, field: Field, place: _Place) -> _Inside | None:
    """The sub-models in *now*, which nobody assigned, if all in it is what was read; else, or if unsure, None."""
    kind = type(now)
    if kind is list or kind is dict:
        try:
            part = attrgetter(_path(field))(baseline)
            items = _items_in_place(now, part)
        except (AttributeError, TypeError, ValueError):
            # An older flyteidl lacks the field, or it is read as something else than it is.
            return None
        if items is None:
            return None
        at = _at(place, _path(field))
        return [(item, _item(at, key)) for key, item in items]
    # One that reading built (a launch plan's role, from what is deprecated), or the compiled core read, has no part of
    # the message.
    if not is_model(now) or not is_message(now._fm_baseline):
        return None
    return [] if is_as_read(now) else [(now, _at(place, _path(field)))]


def _items_in_place(now: Any, part: Any) -> list[tuple[Any, ModelState]] | None:
    """The models in the list or dict *now* that were read, if all in it is what reading made of *part*, else None."""
    if len(now) != len(part):
        return None
    found = []
    for key, item in now.items() if type(now) is dict else enumerate(now):
        if type(now) is dict and key not in part:
            # Looking it up would make an entry of it.
            return None
        one = part[key]
        if type(item) in _COMPARED:
            if type(one) is not type(item) or one != item:
                return None
        elif getattr(item, "_fm_baseline", None) is one:
            if not is_as_read(item):
                found.append((key, item))
        else:
            return None
    return found


def _path(field: Field) -> str:
    return field.name if field.inner is None else f"{field.name}.{field.inner.name}"


def _at(place: _Place, path: str) -> _Place:
    def inside() -> Any:
        found = place()
        for name in path.split("."):
            found = getattr(found, name)
        return found

    return inside


def _item(place: _Place, key: Any) -> _Place:
    return lambda: place()[key]


def _kept(now: Any, before: Any, place: _Place, inside: _Inside) -> bool:
    """Whether *now* says what *before* said, but for the sub-models that are put into *inside*."""
    if type(now) in _COMPARED and type(now) is type(before):
        return bool(now == before)
    if is_model(now) and is_model(before) and _reads_same_part(now, before):
        if not is_as_read(now):
            inside.append((now, place))
        return True
    if isinstance(now, list) and isinstance(before, list):
        pairs = zip(now, before, strict=False)
        return len(now) == len(before) and all(_kept(n, b, _item(place, i), inside) for i, (n, b) in enumerate(pairs))
    if isinstance(now, dict) and isinstance(before, dict):
        same_keys = now.keys() == before.keys()
        return same_keys and all(_kept(n, before[key], _item(place, key), inside) for key, n in now.items())
    return _same(now, before)


def _reads_same_part(now: ModelState, before: ModelState) -> bool:
    return now._fm_baseline is not None and now._fm_baseline is before._fm_baseline and type(now) is type(before)


def _same(now: Any, before: Any) -> bool:
    if isinstance(now, bool) is not isinstance(before, bool):
        return False
    for kind in (int, str, bytes, list):
        if isinstance(before, kind) and not isinstance(now, kind):
            # A wrong value may be equal to the right one: 0.0, a bytearray, a ListValue.
            return False
    if isinstance(now, float) and isinstance(before, float):
        return (now == before and copysign(1, now) == copysign(1, before)) or (now != now and before != before)
    try:
        if isinstance(now, FlyteIdlEntity):
            # Two that cannot be written may be equal by their members: a wrong value to a right one.
            return isinstance(before, FlyteIdlEntity) and bool(now._fm_as_message() == before._fm_as_message())
        return bool(now == before)
    except Exception:
        # The value of somebody's own type; writing it will say what is wrong with it.
        return False


def _replace(model: ModelState, members: list[Field], message: Any) -> None:
    """Write *members* into *message* in the place of what is there."""
    generated = model._fm_generated
    slots = generated._fm_slots
    partial = blank(generated)
    known = message.DESCRIPTOR.fields_by_name
    arms: list[Field] = []
    # An absent message stays absent, unless there is something to write; clearing a field of it would change that.
    holds_any = bool(message.ListFields())
    for field in members:
        slot = slots[field.member]
        value = getattr(model, slot, None)
        if field.name in known:
            if holds_any:
                _clear(field, value, message)
        elif value:
            raise too_old(describe(generated), field.member, generated.__qualname__)
        setattr(partial, slot, value)
        if field.oneof is not None and value is not None:
            arms.append(field)
    for arm in arms:
        if _gives_way(model, arm, message):
            setattr(partial, slots[arm.member], None)
    if holds_any:
        generated._fm_write(partial, message)
        return
    written = type(message)()
    generated._fm_write(partial, written)
    if written.ByteSize():
        message.MergeFrom(written)


def _gives_way(model: ModelState, arm: Field, message: Any) -> bool:
    """Whether an *arm* that is set anew is left out for the arm that *message* has, and the model still says.

    Raises:
        OneofConflict: neither gives way to the other.
    """
    assert arm.oneof is not None
    kept = message.WhichOneof(arm.oneof) if arm.oneof in message.DESCRIPTOR.oneofs_by_name else None
    if kept is None:
        return False
    slots = model._fm_slots
    if not takes_the_oneof(arm, getattr(model, slots[arm.member])):
        return True
    for other in description_of(model).oneofs[arm.oneof]:
        if other.name == kept and not takes_the_oneof(other, getattr(model, slots[other.member])):
            return False
    raise oneof_conflict(model, arm.oneof)


def takes_the_oneof(arm: Field, value: Any) -> bool:
    """Whether an arm with this value leaves no room for another one."""
    yields = arm.options.get("yields")
    return value is not None and (yields is None or (yields == "false" and bool(value)))


def _clear(field: Field, value: Any, message: Any) -> None:
    if field.inner is not None and value is not None and message.HasField(field.name):
        # What an unknown field says beside the map stays.
        getattr(message, field.name).ClearField(field.inner.name)
    else:
        message.ClearField(field.name)


def oneof_conflict(model: ModelState, oneof: str) -> OneofConflict:
    """The error for a *model* in which more than one arm of *oneof* is set."""
    slots = model._fm_slots
    arms = [arm.member for arm in description_of(model).oneofs[oneof] if getattr(model, slots[arm.member]) is not None]
    return OneofConflict(f"expected one arm of the oneof {oneof} at most, got {' and '.join(arms)}")


class Inside(NamedTuple):
    """The members of a model that can change without being assigned, since they hold something: a model, a list."""

    values_of: Callable[[Any], tuple[Any, ...]]
    """A function of C that gives the values of these members (and the flag after them, lest there be none)."""
    fields: tuple[Field, ...]
    """These members."""


def inside_of(model: type[ModelState]) -> Inside:
    """What there is inside an instance of the class *model* that has a baseline."""
    return _INSIDE.get(model) or _find_inside(model)


_INSIDE: dict[type, Inside] = {}

_PLAIN_VALUES = frozenset(("datetime", "enum", "naive-datetime", "none", "scalar", "timedelta", "wrapper"))


def _find_inside(model: type[ModelState]) -> Inside:
    generated = model._fm_generated
    found = _INSIDE.get(generated)
    if found is None:
        fields = tuple(
            field for field in describe(generated).fields if field.label != "one" or field.kind not in _PLAIN_VALUES
        )
        slots = [generated._fm_slots[field.member] for field in fields]
        found = _INSIDE[generated] = Inside(attrgetter(*slots, "_fm_unread", "_fm_unread"), fields)
    return found
