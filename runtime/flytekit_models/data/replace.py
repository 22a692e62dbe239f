"""Copying a model with changes."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from flytekit_models.data.members import Place, assign, blank, like, members, oneofs, place_of, plain_json, value
from flytekit_models.data.paths import Key, Path, join, near, parse
from flytekit_models.model import Model
from flytekit_models.text import visible

_BETWEEN_STEPS = re.compile(r"__(?=[^_])")
"""Separator of members in a keyword. The name of a member may itself end in underscores."""


class _Changes:
    """The changes of one part: its replacement, or changes inside it by step."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.inside: dict[str | Key, _Changes] = {}
        self.is_whole = False
        self.given: Any = None

    def add(self, steps: Path, given: Any) -> None:
        if self.is_whole or (not steps and self.inside):
            raise ValueError(f"{join(self.path)} is to be replaced, and so is what is inside it: give one of the two")
        if not steps:
            self.is_whole, self.given = True, given
            return
        self.inside.setdefault(steps[0], _Changes((*self.path, steps[0]))).add(steps[1:], given)

    @property
    def sets(self) -> bool:
        return not self.is_whole or self.given is not None


def replace(model: Any, paths: Mapping[str, Any] | None, given: Mapping[str, Any]) -> Any:
    """Copy *model*, with changes given by path or by member.

    Raises:
        TypeError: there is no such member, or a value on the path has no members.
        ValueError: a path is malformed, two paths conflict, or an index is out of range.
    """
    if paths is not None and not isinstance(paths, Mapping):
        raise TypeError(f"expected a dict of paths and values, got {type(paths).__name__}")
    changes = _Changes(())
    for path, one in (paths or {}).items():
        if not isinstance(path, str):
            raise TypeError(f"expected paths as text, got {path!r:.50}")
        changes.add(parse(path), one)
    for name, one in given.items():
        changes.add(tuple(_BETWEEN_STEPS.split(name)), one)
    return _changed_model(model, changes)


def _changed_model(model: Model[Any], changes: _Changes) -> Any:
    cls = type(model)
    changed = copy.copy(model)
    for step, change in changes.inside.items():
        if isinstance(step, Key) or step not in members(cls):
            problem = _hint(cls, step) if isinstance(step, str) else "a model has members, not items"
            raise TypeError(
                f"there is no {join(change.path)}: {cls.__qualname__} has no member {visible(str(step))}; {problem}"
            )
    for oneof, arms in oneofs(cls).items():
        arms_set = [arm for arm in arms if arm in changes.inside and changes.inside[arm].sets]
        if len(arms_set) > 1:
            raise ValueError(
                f"{' and '.join(arms_set)} exclude each other: they are arms of {cls.__qualname__}.{oneof}"
            )
        if arms_set:
            for arm in arms:
                if arm not in changes.inside and value(changed, arm) is not None:
                    assign(changed, arm, None)
    for step, change in changes.inside.items():
        assert isinstance(step, str)
        now = change.given if change.is_whole else _changed_member(model, step, change)
        assign(changed, step, now)
    return changed


def _hint(cls: type[Model[Any]], name: str) -> str:
    """Return a hint for a member that *cls* lacks: where it has one of that name inside, or similar names."""
    kinds = {member: place_of(cls, member) for member in members(cls)}
    inside = [
        f"{member}__{name}"
        for member, place in kinds.items()
        if place.kind is not None and not place.is_list and not place.is_map and name in members(place.kind)
    ]
    return f"did you mean {' or '.join(inside[:3])}?" if inside else near(name, members(cls))


def _changed_member(model: Model[Any], name: str, change: _Changes) -> Any:
    held, place = value(model, name), place_of(type(model), name)
    if held is None and (place.is_map or place.is_list):
        held = {} if place.is_map else []
    elif held is None and place.kind is not None and not place.is_list:
        held = blank(place.kind)
    elif place.is_json:
        return like(held, _changed({} if held is None else plain_json(held), change, place))
    return _changed(held, change, place)


def _changed(held: Any, changes: _Changes, place: Place) -> Any:
    """Return a copy of *held* with the *changes* applied."""
    if isinstance(held, Model):
        return _changed_model(held, changes)
    if isinstance(held, Mapping):
        return _changed_entries(held, changes, place)
    if isinstance(held, (list, tuple)):
        return _changed_items(held, changes, place)
    inside = join(next(iter(changes.inside.values())).path)
    what = "is unset" if held is None else f"is of the type {type(held).__name__}, which is replaced as a whole"
    raise TypeError(f"there is no {inside}: {join(changes.path)} {what}")


def _changed_entries(held: Mapping[Any, Any], changes: _Changes, place: Place) -> dict[Any, Any]:
    changed = dict(held)
    for step, change in changes.inside.items():
        key = step.key if isinstance(step, Key) else step
        if not change.is_whole:
            now = changed.get(key)
            if now is None and place.kind is not None:
                now = blank(place.kind)
            elif now is None and place.is_json:
                now = {}
            changed[key] = _changed(now, change, place)
        elif change.given is None and not place.is_json:
            changed.pop(key, None)
        else:
            changed[key] = change.given
    return changed


def _changed_items(held: Sequence[Any], changes: _Changes, place: Place) -> list[Any]:
    changed = list(held)
    for step, change in changes.inside.items():
        index = step.key if isinstance(step, Key) else step
        if not isinstance(index, int) or isinstance(index, bool):
            raise TypeError(f"{join(changes.path)} is a list: expected an index, got {step!r}")
        if not -len(changed) <= index < len(changed):
            raise ValueError(f"there is no {join(change.path)}: the list has {len(changed)} items")
        if not change.is_whole:
            changed[index] = _changed(changed[index], change, place)
        elif change.given is None and not place.is_json:
            raise ValueError(
                f"{join(change.path)} can't be unset: replace the list {join(changes.path)} by one without it"
            )
        else:
            changed[index] = change.given
    return changed
