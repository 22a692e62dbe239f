"""What of a read model differs from its baseline, and writing just that over a copy of the baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import copysign
from operator import attrgetter
from typing import Any

from flytekit_models.entity import FlyteIdlEntity
from flytekit_models.messages import inside_of, too_old
from flytekit_models.model import Model, new, wrap_read, write_entity

_Place = Callable[[], Any]

_COMPARED = frozenset({bool, bytes, int, str})
"""The types of values that are the same if they are equal (not so floats: -0.0, NaN)."""


class OneofConflict(ValueError):
    """Two arms of one oneof are set."""


def oneof_conflict(model: Model, oneof: str) -> OneofConflict:
    """The error for a *model* in which more than one arm of *oneof* is set."""
    arms = [member for member in model._ONEOFS[oneof] if getattr(model, model._SLOTS[member]) is not None]
    return OneofConflict(f"expected one arm of the oneof {oneof} at most, got {' and '.join(arms)}")


def settle_oneof(model: Model, oneof: str, arms: int, message: Any) -> None:
    """Have *message* present though no arm of *oneof* is set, or refuse to write several *arms*."""
    if arms > 1:
        raise oneof_conflict(model, oneof)
    message.SetInParent()


def is_changed(model: Model) -> bool:
    """Whether any member of the read *model* is not, or holds something that is not, what the baseline says."""
    return next(_differences(model, None), None) is not None


def changed(model: Model) -> list[str]:
    """The members of *model* that are not, or hold something that is not, what the baseline says."""
    return list(_differences(model, None))


def write_with_care(model: type[Model], value: Any, message: Any) -> None:
    """Write *value*, which is no *model* that was built, into *message*, which becomes present.

    Raises:
        TypeError: *value* is a model of another message, or has no ``to_flyte_idl`` and is no message of this type.
    """
    if type(value) is model:
        _write_over_baseline(value, message)
    else:
        write_entity(value, message)


def _write_over_baseline(model: Model, message: Any) -> None:
    """Write *model* into *message*: its baseline, and over it what has changed."""
    message.SetInParent()
    message.CopyFrom(model._baseline)
    if not model._unread:
        _write_changes(model, lambda: message)


def _write_changes(model: Model, place: _Place) -> None:
    replaced = list(_differences(model, place))
    if replaced:
        _replace(model, replaced, place())


def _differences(model: Model, place: _Place | None) -> Iterator[str]:
    """The members to write anew into the message at *place*, a copy of the baseline.

    Sub-models that are still where they were read are written over in place on the way, and not listed; with no
    place, they are listed.
    """
    suspects = model._FIELDS
    # What was not assigned can only have changed inside, if there is an inside.
    if model._unread is not None:
        values_of, places = inside_of(model)
        suspects = {}
        for now, (member, path) in zip(values_of(model), places, strict=False):
            if now is not None:
                kept = _is_kept_where_it_was_read(now, model._baseline, path, place)
                if kept is None:
                    suspects[member] = path
                elif not kept:
                    yield member
    if suspects:
        original = wrap_read(model._GENERATED, model._baseline)
        for member, path in suspects.items():
            slot = model._SLOTS[member]
            now, before = getattr(model, slot), getattr(original, slot)
            if now is not before and not _kept(now, before, _at(place, path)):
                yield member


def _is_kept_where_it_was_read(now: Any, baseline: Any, path: str, place: _Place | None) -> bool | None:
    """Like :func:`_kept` for a value that nobody assigned; None if it takes a second reading to tell."""
    kind = type(now)
    if kind is list or kind is dict:
        try:
            part = attrgetter(path)(baseline)
            items = _items_in_place(now, part)
        except (AttributeError, TypeError, ValueError):
            # An older flyteidl lacks the field, or it is read as something else than it is.
            return None
        if items is None:
            return None
        inside = _at(place, path)
        return all(_is_kept(item, _item(inside, key)) for key, item in items)
    # One that reading built (a launch plan's role, from what is deprecated) has no part of the message.
    if getattr(now, "_baseline", None) is None:
        return None
    return _is_kept(now, _at(place, path))


def _items_in_place(now: Any, part: Any) -> list[tuple[Any, Model]] | None:
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
        elif getattr(item, "_baseline", None) is one:
            if not item._is_as_read():
                found.append((key, item))
        else:
            return None
    return found


def _at(place: _Place | None, path: str) -> _Place | None:
    if place is None:
        return None

    def inside() -> Any:
        found = place()
        for name in path.split("."):
            found = getattr(found, name)
        return found

    return inside


def _item(place: _Place | None, key: Any) -> _Place | None:
    return None if place is None else lambda: place()[key]


def _kept(now: Any, before: Any, place: _Place | None) -> bool:
    """Whether *now* says what *before* said; with a place, sub-models read from there are brought up to date."""
    if type(now) in _COMPARED and type(now) is type(before):
        return bool(now == before)
    if isinstance(now, Model) and isinstance(before, Model) and _reads_same_part(now, before):
        return _is_kept(now, place)
    if isinstance(now, list) and isinstance(before, list):
        pairs = zip(now, before, strict=False)
        return len(now) == len(before) and all(_kept(n, b, _item(place, i)) for i, (n, b) in enumerate(pairs))
    if isinstance(now, dict) and isinstance(before, dict):
        return now.keys() == before.keys() and all(_kept(n, before[key], _item(place, key)) for key, n in now.items())
    return _same(now, before)


def _is_kept(now: Model, place: _Place | None) -> bool:
    """Whether *now*, a sub-model that is where it was read, is as it was read; with a place, it is from now on."""
    if now._is_as_read():
        return True
    if place is None:
        return not is_changed(now)
    _write_changes(now, place)
    return True


def _reads_same_part(now: Model, before: Model) -> bool:
    return now._baseline is not None and now._baseline is before._baseline and type(now) is type(before)


def _same(now: Any, before: Any) -> bool:
    if isinstance(now, bool) is not isinstance(before, bool):
        return False
    if isinstance(now, float) and isinstance(before, float):
        return (now == before and copysign(1, now) == copysign(1, before)) or (now != now and before != before)
    if isinstance(now, FlyteIdlEntity):
        return isinstance(before, FlyteIdlEntity) and _equal(now, before)
    return bool(now == before)


def _equal(now: FlyteIdlEntity, before: FlyteIdlEntity) -> bool:
    try:
        return now == before
    except (TypeError, ValueError, AttributeError):
        # It cannot be written; writing it will say why.
        return False


def _replace(model: Model, members: list[str], message: Any) -> None:
    """Write *members* into *message* in the place of what is there."""
    generated = model._GENERATED
    partial = blank(generated)
    known = message.DESCRIPTOR.fields_by_name
    for member in members:
        field = generated._FIELDS[member].partition(".")[0]
        value = getattr(model, generated._SLOTS[member])
        if field in known:
            message.ClearField(field)
        elif value:
            raise too_old(generated, member)
        setattr(partial, generated._SLOTS[member], value)
    for oneof, arms in generated._ONEOFS.items():
        kept = message.WhichOneof(oneof) if oneof in message.DESCRIPTOR.oneofs_by_name else None
        if kept and any(getattr(partial, generated._SLOTS[arm]) is not None for arm in arms):
            raise oneof_conflict(model, oneof)
    generated._write(partial, message)


def blank(generated: type[Model]) -> Model:
    """A built *generated* model in which nothing is set."""
    model = new(generated)
    model._baseline, model._unread = None, False
    for attribute in generated._SLOTS.values():
        setattr(model, attribute, None)
    return model
