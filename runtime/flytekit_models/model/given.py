"""What constructors make of what they are given: nothing, but that what can be read only once is read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

K = TypeVar("K")
V = TypeVar("V")


def as_list(values: Iterable[V] | None) -> list[V]:
    """*values* as they are; those of a generator, which can be read only once, as a list.

    Nothing is checked: what is no list is refused when it is written.
    """
    if values is not None and values.__class__ is not list and isinstance(values, Iterator):
        return list(values)
    return cast("list[V]", values)


def as_dict(values: Mapping[K, V] | None) -> dict[K, V]:
    """*values* as they are; what is no mapping is refused when it is written."""
    return cast("dict[K, V]", values)


def refuse_assignment(model: Any, name: str) -> None:
    """Say how the member *name*, which has no setter, is changed.

    Raises:
        AttributeError: always.
    """
    who = type(model).__name__
    raise AttributeError(
        f"property {name!r} of {who!r} object has no setter; replace({name}=...) gives a changed copy",
        name=name,
        obj=model,
    )
