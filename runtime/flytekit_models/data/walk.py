"""The models inside a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flytekit_models.data.members import members, message_of, value
from flytekit_models.data.paths import Key, Path, join
from flytekit_models.model import Model, describe


def walk(model: Any, of: type[Any] | None = None) -> Iterator[tuple[str, Any]]:
    """The models inside *model*, in the order of their members, with their paths; only those *of* a type, if given."""
    # What is left is kept here, not in nested generators: a chain of conditions may be deep.
    left = [_inside(model, message_of(model), ())]
    while left:
        found = next(left[-1], None)
        if found is None:
            left.pop()
            continue
        path, one, message = found
        if of is None or isinstance(one, of):
            yield join(path), one
        left.append(_inside(one, message, path))


def _inside(model: Model[Any], message: Any, path: Path) -> Iterator[tuple[Path, Model[Any], Any]]:
    """The models right inside *model*, which *message* says, each with its path and its own message."""
    # The message says what is there: a model that is absent may read as an empty one.
    present = {field.name: part for field, part in message.ListFields() if field.message_type is not None}
    for member in members(type(model)).values():
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
