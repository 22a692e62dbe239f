"""What constructors make of what they are given: nothing, but that what can be read only once is read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from flytekit_models._core import MODULE as CORE

V = TypeVar("V")


def as_list(values: Iterable[V] | None) -> list[V]:
    """*values* as they are; those of a generator, which can be read only once, as a list.

    Nothing is checked: what is no list is refused when it is written.
    """
    if values is not None and values.__class__ is not list and isinstance(values, Iterator):
        return list(values)
    # A cast would be a call.
    given: Any = values
    return given  # type: ignore[no-any-return]


if CORE is not None:
    as_list = CORE.make_as_list(as_list)
