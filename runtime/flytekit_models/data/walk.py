"""Iteration over the models inside a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flytekit_models.data.members import Member, members, message_of, place_of, reachable, value
from flytekit_models.data.paths import Key, Path, join
from flytekit_models.model import Model, describe


def walk(model: Any, of: type[Any] | tuple[type[Any], ...] | None = None) -> Iterator[tuple[str, Any]]:
    """Iterate over the models inside *model* with their paths; only over instances *of* a class, if given.

    Raises:
        TypeError: *of* is neither a class nor a tuple of classes.
    """
    if of is not None and not isinstance(of, (type, tuple)):
        raise TypeError(f"expected a class of models, got {of!r:.50}")
    return _walk(model, of, _Ways(of))


class _Ways:
    """The members that can lead to an instance of the wanted class; the others need not be read."""

    def __init__(self, of: Any) -> None:
        kinds = of if isinstance(of, tuple) else (of,)
        # A class that is not a model class may be a mixin of any model.
        self._kinds = kinds if all(kind is not None and issubclass(kind, Model) for kind in kinds) else None
        self._found: dict[type[Model[Any]], list[Member]] = {}

    def of(self, cls: type[Model[Any]]) -> list[Member]:
        """Return the members of *cls* that can lead there."""
        if cls not in self._found:
            held = members(cls).values()
            self._found[cls] = [member for member in held if self._leads(place_of(cls, member.name).kind)]
        return self._found[cls]

    def _leads(self, kind: type[Model[Any]] | None) -> bool:
        if kind is None or self._kinds is None:
            return kind is not None
        found = (kind, *reachable(kind))
        return any(issubclass(one, wanted) or issubclass(wanted, one) for one in found for wanted in self._kinds)


def _walk(model: Any, of: Any, ways: _Ways) -> Iterator[tuple[str, Any]]:
    # An explicit stack, not nested generators: boolean expressions can be deep.
    left = [_inside(model, message_of(model), (), ways)]
    while left:
        found = next(left[-1], None)
        if found is None:
            left.pop()
            continue
        path, one, message = found
        if of is None or isinstance(one, of):
            yield join(path), one
        left.append(_inside(one, message, path, ways))


def _inside(model: Model[Any], message: Any, path: Path, ways: _Ways) -> Iterator[tuple[Path, Model[Any], Any]]:
    """Iterate over the direct sub-models of *model*, each with its path and its part of *message*."""
    # Presence is taken from the message: an absent sub-message may read as an empty model.
    present = {field.name: part for field, part in message.ListFields() if field.message_type is not None}
    for member in ways.of(type(model)):
        if member.field not in present:
            continue
        part = present[member.field]
        if member.inner is not None:
            part = getattr(part, member.inner)
        held, where = value(model, member.name), (*path, member.name)
        if isinstance(held, Model):
            yield where, held, _own(held, part)
        elif isinstance(held, dict):
            for key, one in held.items():
                if isinstance(one, Model):
                    yield (*where, Key(key)), one, _own(one, part.get(key))
        elif isinstance(held, (list, tuple)):
            for index, one in enumerate(held):
                if isinstance(one, Model):
                    yield (*where, Key(index)), one, _own(one, part[index] if index < len(part) else None)


def _own(model: Model[Any], part: Any) -> Any:
    """Return the message of *model*: *part* of that of its parent, unless the parent wrote something else there."""
    descriptor = getattr(part, "DESCRIPTOR", None)
    return (
        part if descriptor is not None and descriptor.full_name == describe(type(model)).message else message_of(model)
    )
