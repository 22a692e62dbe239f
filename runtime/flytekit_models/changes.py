"""What of a read model differs from its baseline, and writing just that over a copy of the baseline."""

from __future__ import annotations

from collections.abc import Callable
from math import copysign
from typing import Any

from flytekit_models.entity import FlyteIdlEntity
from flytekit_models.messages import too_old
from flytekit_models.model import UNCHANGEABLE, Model, new, wrap_read

_Place = Callable[[], Any]


class OneofConflict(ValueError):
    """Two arms of one oneof are set."""


def oneof_conflict(model: Model, oneof: str) -> OneofConflict:
    """The error for a *model* in which more than one arm of *oneof* is set."""
    arms = [member for member in model._ONEOFS[oneof] if getattr(model, model._SLOTS[member]) is not None]
    return OneofConflict(f"expected one arm of the oneof {oneof} at most, got {' and '.join(arms)}")


def changed(model: Model) -> list[str]:
    """The members of *model* that are not, or hold something that is not, what the baseline says."""
    return _differences(model, None)


def write_over_baseline(model: Model, message: Any) -> None:
    """Write *model* into *message*: its baseline, and over it what has changed."""
    message.SetInParent()
    message.CopyFrom(model._baseline)
    if not model._unread:
        _write_changes(model, lambda: message)


def _write_changes(model: Model, place: _Place) -> None:
    replaced = _differences(model, place)
    if replaced:
        _replace(model, replaced, place())


def _differences(model: Model, place: _Place | None) -> list[str]:
    """The members to write anew into the message at *place*, a copy of the baseline.

    Sub-models that are still where they were read are written over in place on the way, and not listed; with no
    place, they are listed.
    """
    generated = model._GENERATED
    # What was not assigned can only have changed inside, if there is an inside.
    assigned = model._unread is None or generated._EAGER
    original = None
    listed = []
    for member, path in generated._FIELDS.items():
        attribute = generated._SLOTS[member]
        now = getattr(model, attribute)
        if not assigned:
            if type(now) in UNCHANGEABLE:
                continue
            # One that reading built (a launch plan's role, from what is deprecated) has no part of the message.
            if isinstance(now, Model) and now._baseline is not None:
                if not _is_kept(now, _at(place, path)):
                    listed.append(member)
                continue
        if original is None:
            original = wrap_read(generated, model._baseline)
        before = getattr(original, attribute)
        if now is not before and not _kept(now, before, _at(place, path)):
            listed.append(member)
    return listed


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
    if not now._unread:
        if place is None:
            return not _differences(now, None)
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
