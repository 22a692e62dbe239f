"""The pure path: what a read model says that its baseline does not, and writing just that over the baseline.

A model that was read keeps the message it was read from. Writing it starts from a copy of that message, so whatever the
model does not show (unknown fields, nanoseconds, absence) is written as it was read. A sub-model that still stands for
its part of the message is written over in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import count
from operator import attrgetter
from struct import pack
from typing import Any, NamedTuple

from flytekit_models.convert import is_message
from flytekit_models.entity import FlyteIdlEntity
from flytekit_models.errors import OneofConflict
from flytekit_models.messages import too_old
from flytekit_models.model.description import Field, describe
from flytekit_models.model.state import ModelState, blank, description_of, is_generated, is_model
from flytekit_models.model.wrapping import wrap_read

_Place = tuple[Any, ...]
"""Where a part of the message is: the message itself ``()``, a field ``(place, path)``, an item ``(place, None, key)``.

Most places are never asked for, so they are no more than that."""


class Change(NamedTuple):
    """A model, the one that is written or one inside it, that has members to be written anew."""

    model: ModelState
    members: list[Field]
    place: _Place


_Inside = list[tuple[ModelState, _Place]]

_COMPARED = frozenset({bool, bytes, int, str})
"""The types of values that are the same if they are equal (not so floats: -0.0, NaN)."""


def is_as_read(model: ModelState) -> bool:
    """Whether it shows at a glance that nothing has changed since *model* was read from its baseline."""
    unread = model._fm_unread
    return bool(unread) or (unread is False and not inside_of(type(model)).fields)


def write_over_baseline(model: ModelState, message: Any) -> None:
    """Write *model* into *message*: its baseline, and over it what has changed."""
    write_changes(model, changes_of(model), message)


def write_changes(model: ModelState, changes: list[Change], message: Any) -> None:
    """Write *model*, of which nothing but *changes* has changed, into *message*."""
    message.SetInParent()
    message.CopyFrom(model._fm_baseline)
    for level, members, place in changes:
        _replace(level, members, _part(message, place))


def changes_of(model: ModelState) -> list[Change]:
    """What *model*, which has a message for its baseline, says anew."""
    found: list[Change] = []
    if is_as_read(model):
        return found
    # A stack of our own: messages may nest deeper than Python calls.
    levels: _Inside = [(model, ())]
    while levels:
        level, place = levels.pop()
        if level._fm_unread is None:
            suspects = list(describe(type(level)).by_number.values())
        else:
            suspects = _suspects(level, place, levels)
        if suspects:
            members = _changed_members(level, suspects, place, levels)
            if members:
                found.append(Change(level, members, place))
    return found


def level_of(model: ModelState) -> tuple[Any, list[ModelState]] | None:
    """The baseline of *model*, if it says of the fields of *model* itself what they are now, and the models inside it
    that may say anything else than their parts of the baseline. None if it has to be written."""
    if is_as_read(model):
        return model._fm_baseline, []
    levels: _Inside = []
    is_assigned = model._fm_unread is None
    suspects = list(describe(type(model)).by_number.values()) if is_assigned else _suspects(model, (), levels)
    if suspects and _changed_members(model, suspects, (), levels):
        return None
    for one, place in levels:
        # What is absent becomes present by a change inside it.
        is_item = len(place) == 3
        if not is_item and not model._fm_baseline.HasField(place[1]) and changes_of(one):
            return None
    return model._fm_baseline, [one for one, _ in levels]


def _suspects(model: ModelState, place: _Place, levels: _Inside) -> list[Field]:
    """The members of *model* that may not be what was read; sub-models that are where they were read go to *levels*.

    This is asked of each model in what is written, so it is written for speed.
    """
    # What was not assigned can only have changed inside, if there is an inside.
    values_of, fields, paths, parts_of = inside_of(type(model))
    baseline = model._fm_baseline
    suspects = []
    for now, field, path, part_of in zip(values_of(model), fields, paths, parts_of, strict=False):
        if now is None:
            continue
        kind = type(now)
        if kind is list or kind is dict:
            try:
                items = _items_in_place(now, part_of(baseline))
            except (AttributeError, TypeError, ValueError):
                # An older flyteidl lacks the field, or it is read as something else than it is.
                items = None
            if items is None:
                suspects.append(field)
            elif items:
                at = (place, path)
                levels += [(item, (at, None, key)) for key, item in items]
        elif is_model(now) and _is_over_message(now):
            unread = now._fm_unread
            if unread is None or (not unread and inside_of(kind).fields):
                levels.append((now, (place, path)))
        else:
            # One that reading built (a launch plan's role, from what is deprecated), or the compiled core read, has no
            # part of the message.
            suspects.append(field)
    return suspects


def _changed_members(model: ModelState, suspects: list[Field], place: _Place, levels: _Inside) -> list[Field]:
    """Those of the *suspects* that are to be written anew; sub-models where they were read go to *levels*."""
    changed = []
    original = wrap_read(model._fm_generated, model._fm_baseline)
    for field in suspects:
        slot = model._fm_slots[field.member]
        now, before = _now(model, slot), getattr(original, slot)
        if now is before:
            continue
        if type(now) in _COMPARED and type(now) is type(before):
            if now != before:
                changed.append(field)
            continue
        if now is None and _is_as_unset(before, model._fm_baseline, field):
            continue
        inside: _Inside = []
        if _kept(now, before, (place, _path(field)), inside):
            levels += inside
        elif not _written_alike(original, field, now, before):
            changed.append(field)
    return changed


def _now(model: ModelState, slot: str) -> Any:
    """What *model* holds in *slot*. Subclasses need not call the constructor."""
    return getattr(model, slot) if is_generated(model) else getattr(model, slot, None)


def _is_converted(field: Field) -> bool:
    return (field.inner or field).kind not in ("enum", "key-values", "model", "scalar")


def _written_alike(original: ModelState, field: Field, now: Any, before: Any) -> bool:
    """Whether *now* is written just as what was read, *before*, is: then what was read stays."""
    if now is None or before is None or not (field.label == "one" or "sorted" in field.options or _is_converted(field)):
        # What a list or map of models or plain values is written as says no less than what was read.
        return False
    if is_model(now) and is_model(before):
        # These were compared by what they are written as already.
        return False
    written = []
    for value in (before, now):
        generated = original._fm_generated
        partial, message = blank(generated), type(original._fm_baseline)()
        setattr(partial, generated._fm_slots[field.member], value)
        try:
            generated._fm_write(partial, message)
        except Exception:
            # Writing it for good will say what is wrong.
            return False
        written.append(message.SerializePartialToString(deterministic=True))
    return bool(written[0] == written[1])


def _part(message: Any, place: _Place) -> Any:
    """The part of *message* at *place*, which becomes present."""
    steps = []
    while place:
        steps.append(place[1:])
        place = place[0]
    for path, *key in reversed(steps):
        if key:
            message = message[key[0]]
        else:
            for name in path.split("."):
                message = getattr(message, name)
    return message


def _is_as_unset(before: Any, baseline: Any, field: Field) -> bool:
    """Whether None says the same as what was read: nothing was set, or what is written as nothing."""
    if not before and field.options.get("written") == "truthy":
        return True
    return all(each.number != field.number for each, _ in baseline.ListFields())


def _is_over_message(model: ModelState) -> bool:
    kind = type(model._fm_baseline)
    found = _OF_MESSAGES.get(kind)
    if found is None:
        found = _OF_MESSAGES[kind] = is_message(model._fm_baseline)
    return found


_OF_MESSAGES: dict[type, bool] = {}
"""Each type of a baseline: whether it is one of messages."""


def _items_in_place(now: Any, part: Any) -> list[tuple[Any, ModelState]] | None:
    """The models that were read in the list or dict *now*, which nobody assigned, if all in it is what reading made
    of *part*; else None."""
    if len(now) != len(part):
        return None
    found = []
    items: Iterable[tuple[Any, Any, Any]] = zip(now, part, count(), strict=False)
    if type(now) is dict:
        # A look-up in brackets would make an entry of a key that is not there.
        items = ((item, part.get(key, _NOTHING), key) for key, item in now.items())
    for item, one, key in items:
        if type(item) in _COMPARED:
            if type(one) is not type(item) or one != item:
                return None
        elif getattr(item, "_fm_baseline", None) is one:
            unread = item._fm_unread
            if unread is None or (not unread and inside_of(type(item)).fields):
                found.append((key, item))
        else:
            return None
    return found


_NOTHING = object()


def _path(field: Field) -> str:
    return field.name if field.inner is None else f"{field.name}.{field.inner.name}"


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
        return len(now) == len(before) and all(_kept(n, b, (place, None, i), inside) for i, (n, b) in enumerate(pairs))
    if isinstance(now, dict) and isinstance(before, dict):
        same_keys = now.keys() == before.keys()
        return same_keys and all(_kept(n, before[key], (place, None, key), inside) for key, n in now.items())
    return _same(now, before)


def _reads_same_part(now: ModelState, before: ModelState) -> bool:
    return now._fm_baseline is not None and now._fm_baseline is before._fm_baseline and type(now) is type(before)


def _same(now: Any, before: Any) -> bool:
    try:
        if isinstance(now, FlyteIdlEntity):
            # Two that cannot be written may be equal by their members: a wrong value to a right one.
            return isinstance(before, FlyteIdlEntity) and bool(now._fm_as_message() == before._fm_as_message())
        if type(now) is not type(before):
            # Another value may be equal, and be written otherwise, or not at all: True and 1, 0 and -0.0, a bytearray.
            return False
        if isinstance(now, float):
            return pack("d", now) == pack("d", before)
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
    # ByteSize() refuses a message that lacks a required field.
    if written.SerializePartialToString():
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
    paths: tuple[str, ...]
    """Where the message has each of them."""
    parts_of: tuple[Callable[[Any], Any], ...]
    """Functions that give these parts of the message."""


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
        paths = tuple(map(_path, fields))
        values_of = attrgetter(*slots, "_fm_unread", "_fm_unread")
        found = _INSIDE[generated] = Inside(values_of, fields, paths, tuple(map(attrgetter, paths)))
    return found
