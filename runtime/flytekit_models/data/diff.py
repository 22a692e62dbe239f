"""The differences between two models of the same message."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

from google.protobuf.unknown_fields import UnknownFieldSet

from flytekit_models.convert import is_message
from flytekit_models.data.members import members_by_field, message_of, place_of, plain_json, reading, value
from flytekit_models.data.paths import Key, Path, join
from flytekit_models.messages import is_repeated
from flytekit_models.model import Model
from flytekit_models.view.differences import as_html, as_rich, as_text


@dataclass(frozen=True, eq=False)
class Change:
    """One difference."""

    path: str
    """Path of the value, written as in Python; map keys and list indices are in brackets."""
    kind: Literal["added", "removed", "changed"]
    before: Any
    """Value in the first model; None if there is none."""
    after: Any
    """Value in the second model; None if there is none."""
    about: str = ""
    """What differs, if the values do not show it."""
    enum: Any = dataclasses.field(default=None, repr=False)
    """Descriptor of the enum, if the values are enum values."""

    def __str__(self) -> str:
        return as_text([self])


class Diff(Sequence[Change]):
    """The differences between two models. It is empty exactly if they are equal."""

    def __init__(self, heading: str, changes: Sequence[Change]) -> None:
        self._heading = heading
        self._changes = tuple(changes)

    @overload
    def __getitem__(self, index: int) -> Change: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Change]: ...

    def __getitem__(self, index: int | slice) -> Change | Sequence[Change]:
        return self._changes[index]

    def __len__(self) -> int:
        return len(self._changes)

    @property
    def paths(self) -> list[str]:
        """Paths of the differences."""
        return [change.path for change in self._changes]

    def __str__(self) -> str:
        return f"{self._heading}: {self._counted()}" + "".join(f"\n{as_text([one])}" for one in self._changes)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return as_html(self._heading, self._counted(), self._changes)

    def __rich__(self) -> Any:
        return as_rich(f"{self._heading}: {self._counted()}", self._changes)

    def _counted(self) -> str:
        return "no differences" if not self else f"{len(self):,} difference{'s' if len(self) > 1 else ''}"


def diff(model: Any, other: Any) -> Diff:
    """Compare *model* with *other*.

    Raises:
        TypeError: *other* is not a model.
    """
    if not isinstance(other, Model):
        given = type(other).__name__
        if is_message(other):
            given = f"a message of {other.DESCRIPTOR.full_name}: read it with from_flyte_idl first"
        raise TypeError(f"a model is compared with a model, not with {given}")
    heading = type(model).__name__
    if model == other:
        return Diff(heading, ())
    before, after = message_of(model), message_of(other)
    if before.DESCRIPTOR.full_name != after.DESCRIPTOR.full_name:
        about = f"{before.DESCRIPTOR.full_name} is no {after.DESCRIPTOR.full_name}"
        return Diff(heading, [Change("", "changed", model, other, about)])
    found = list(_in_message(type(model), before, after, ()))
    return Diff(heading, found or [Change("", "changed", model, other, "they are not equal by their own account")])


def _in_message(cls: type[Model[Any]] | None, before: Any, after: Any, path: Path) -> Iterator[Change]:
    """Iterate over the differences between two unequal messages of one type."""
    old, new = ({field.name: part for field, part in one.ListFields()} for one in (before, after))
    was, now = reading(cls, before), reading(cls, after)
    for field in before.DESCRIPTOR.fields:
        if field.name not in old and field.name not in new:
            continue
        member = None if cls is None else members_by_field(cls).get(field.name)
        where = (*path, field.name if member is None else member.name)
        yield from _in_field(cls, field, _Side(was, old), _Side(now, new), where)
    if _unknown(before) != _unknown(after):
        yield Change(join(path), "changed", was, now, "unknown fields")


@dataclass(frozen=True)
class _Side:
    """One of the two messages: a model of it, and the fields that are set."""

    model: Any
    fields: Mapping[str, Any]

    def held(self, cls: type[Model[Any]] | None, field: Any) -> Any:
        """Return the Python value of *field*; None if it is not set."""
        if field.name not in self.fields:
            return None
        member = None if cls is None else members_by_field(cls).get(field.name)
        if cls is None or member is None:
            return self.fields[field.name]
        held = value(self.model, member.name)
        # What is set may read as None: an empty Struct, for instance.
        return reading(place_of(cls, member.name).kind, self.fields[field.name]) if held is None else held


def _in_field(cls: type[Model[Any]] | None, field: Any, was: _Side, now: _Side, path: Path) -> Iterator[Change]:
    before, after = was.held(cls, field), now.held(cls, field)
    old, new = was.fields.get(field.name), now.fields.get(field.name)
    member = None if cls is None else members_by_field(cls).get(field.name)
    place = None if cls is None or member is None else place_of(cls, member.name)
    kind = None if place is None else place.kind
    if is_repeated(field):
        yield from _in_many(kind, field, before, after, old, new, path)
    elif old is None or new is None:
        yield _change(path, before, after, field)
    elif field.message_type is None:
        # Compared as protobuf does: -0.0 equals 0.0, NaN does not equal itself.
        if old != new:
            yield _change(path, before, after, field)
    elif old != new:
        if member is not None and member.inner is not None:
            # The member is the inner map: the path has no step for the message around it.
            yield from _in_flattened(kind, member.inner, before, after, old, new, path)
        elif place is not None and place.is_json:
            yield from list(_in_json(plain_json(before), plain_json(after), path)) or [_beyond(path, before, after)]
        elif _is_plain(field.message_type) or is_message(before) or kind is None:
            yield _change(path, before, after, field)
        else:
            yield from list(_in_message(kind, old, new, path)) or [_beyond(path, before, after)]


def _in_flattened(
    kind: type[Model[Any]] | None, inner: str, before: Any, after: Any, old: Any, new: Any, path: Path
) -> Iterator[Change]:
    field = old.DESCRIPTOR.fields_by_name[inner]
    yield from _in_many(kind, field, before, after, getattr(old, inner), getattr(new, inner), path)
    if _unknown(old) != _unknown(new):
        yield Change(join(path), "changed", before, after, "unknown fields")


def _in_many(
    kind: type[Model[Any]] | None, field: Any, before: Any, after: Any, old: Any, new: Any, path: Path
) -> Iterator[Change]:
    is_map = field.message_type is not None and field.message_type.GetOptions().map_entry
    item = field.message_type.fields_by_name["value"] if is_map else field
    if not is_map and (isinstance(before, dict) or isinstance(after, dict)):
        # A list of key-value pairs, which is a dict in Python.
        yield from list(_in_json(before or {}, after or {}, path)) or (
            [_beyond(path, before, after, "the order of its entries, or one that is there twice")]
            if list(old or ()) != list(new or ())
            else []
        )
        return
    old, new = {} if old is None and is_map else old or (), {} if new is None and is_map else new or ()
    for key in _keys(old, new, is_map):
        where = (*path, Key(key))
        in_old, in_new = (key in one if is_map else key < len(one) for one in (old, new))
        was = _item(before, key) if in_old else None
        now = _item(after, key) if in_new else None
        if not (in_old and in_new):
            yield Change(join(where), "added" if in_new else "removed", was, now, enum=item.enum_type)
        elif old[key] != new[key]:
            if kind is None or item.message_type is None:
                yield Change(join(where), "changed", was, now, enum=item.enum_type)
            else:
                yield from list(_in_message(kind, old[key], new[key], where)) or [_beyond(where, was, now)]


def _keys(old: Any, new: Any, is_map: bool) -> list[Any]:
    if not is_map:
        return list(range(max(len(old), len(new))))
    return sorted({*old, *new})


def _item(held: Any, key: Any) -> Any:
    try:
        return held[key]
    except (LookupError, TypeError):
        return None


def _in_json(before: Any, after: Any, path: Path) -> Iterator[Change]:
    """Iterate over the differences between JSON values, in which None is a value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            where = (*path, Key(key))
            if key not in before or key not in after:
                kind: Any = "added" if key in after else "removed"
                yield Change(join(where), kind, before.get(key), after.get(key))
            else:
                yield from _in_json(before[key], after[key], where)
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            where = (*path, Key(index))
            if index >= len(before) or index >= len(after):
                kind = "added" if index < len(after) else "removed"
                yield Change(join(where), kind, _item(before, index), _item(after, index))
            else:
                yield from _in_json(before[index], after[index], where)
    elif type(before) is not type(after) or before != after:
        yield Change(join(path), "changed", before, after)


def _change(path: Path, before: Any, after: Any, field: Any) -> Change:
    # Only what is not set is None here.
    kind: Any = "added" if before is None else "removed" if after is None else "changed"
    about = "the part of it below a microsecond" if kind == "changed" and _looks_equal(before, after) else ""
    return Change(join(path), kind, before, after, about, field.enum_type)


def _looks_equal(before: Any, after: Any) -> bool:
    return not is_message(before) and not isinstance(before, (float, Model)) and bool(before == after)


def _beyond(path: Path, before: Any, after: Any, about: str = "what is not shown") -> Change:
    return Change(join(path), "changed", before, after, about)


_PLAIN = frozenset(
    f"google.protobuf.{name}"
    for name in ("Timestamp", "Duration", "Any", "BoolValue", "StringValue", "BytesValue", "DoubleValue", "FloatValue")
    + ("Int32Value", "Int64Value", "UInt32Value", "UInt64Value")
)


def _is_plain(message: Any) -> bool:
    return message.full_name in _PLAIN


def _unknown(message: Any) -> list[Any]:
    """Return the unknown fields of *message*."""
    return _of_set(UnknownFieldSet(message))


def _of_set(found: Any) -> list[Any]:
    return sorted(
        (
            (one.field_number, one.wire_type, repr(_of_set(one.data)) if one.wire_type == 3 else one.data)
            for one in found
        ),
        key=repr,
    )
