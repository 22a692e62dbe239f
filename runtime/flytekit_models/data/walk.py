"""The models inside a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flytekit_models.data.members import Member, members, message_of, place_of, reachable, value
from flytekit_models.data.paths import Key, Path, join
from flytekit_models.model import Model, describe


def walk(model: Any, of: type[Any] | tuple[type[Any], ...] | None = None) -> Iterator[tuple[str, Any]]:
    """The models inside *model*, in the order of their members, with their paths; only those *of* a type, if given.

    Raises:
        TypeError: *of* is no class, nor several in a tuple.
    """
    if of is not None and not isinstance(of, (type, tuple)):
        raise TypeError(f"expected a class of models, got {of!r:.50}")
    return _walk(model, of, _Ways(of))


class _Ways:
    """Which members lead to what is looked for, so that the others need not be read."""

    def __init__(self, of: Any) -> None:
        kinds = of if isinstance(of, tuple) else (of,)
        # Whatever is no model class may be a base of any.
        self._kinds = kinds if all(kind is not None and issubclass(kind, Model) for kind in kinds) else None
        self._found: dict[type[Model[Any]], list[Member]] = {}

    def of(self, cls: type[Model[Any]]) -> list[Member]:
        """The members of *cls* that lead there."""
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
    # What is left is kept here, not in nested generators: a chain of conditions may be deep.
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
    """The models right inside *model*, which *message* says, each with its path and its own message."""
    # The message says what is there: a model that is absent may read as an empty one.
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
    """The message of *model*: its *part* of what its parent wrote, unless that wrote something else in its place."""
    descriptor = getattr(part, "DESCRIPTOR", None)
    return (
        part if descriptor is not None and descriptor.full_name == describe(type(model)).message else message_of(model)
    )
