"""What constructors make of what they are given: nothing, but that what can be read only once is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, cast

V = TypeVar("V")


def as_list(values: Iterable[V] | None) -> list[V]:
    """*values* as they are; those of a generator, which can be read only once, as a list.

    Nothing is checked: what is no list is refused when it is written.
    """
    if values is not None and values.__class__ is not list and isinstance(values, Iterator):
        return list(values)
    return cast("list[V]", values)


def refusal(name: str, hint: str) -> Callable[[Any, Any], None]:
    """The setter of the read-only property *name*, which says by *hint* how a changed copy is made."""

    def refuse(self: Any, value: Any) -> None:
        who = type(self).__name__
        text = f"property {name!r} of {who!r} object has no setter; {hint} gives a changed copy"
        raise AttributeError(text, name=name, obj=self)

    return refuse


def is_refusal(setter: Any) -> bool:
    """Whether *setter*, of a property, only says that there is none."""
    return getattr(setter, "__qualname__", "").startswith(refusal.__qualname__ + ".")
