"""Hashing: objects that count as keys by what they are, and a named way to hash a value by what it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class HashOnReferenceMixin:
    """Makes the objects of a class hashable by identity, also where the class defines its own ``__eq__``.

    Put it before the class that would otherwise take the hash away::

        class RemoteTask(HashOnReferenceMixin, TaskSpec): ...

    Two objects that are equal may so have different hashes. That is meant: the mixin is for objects of which one
    asks "is it this one", such as the nodes of a graph.
    """

    def __hash__(self) -> int:
        return hash(id(self))


class HashMethod(Generic[T]):
    """A function that hashes values of one type, as an annotation of that type.

    ``Annotated[pandas.DataFrame, HashMethod(digest)]`` says that a data frame is to be known by ``digest(frame)``.

    :param function: takes the value and returns its hash as text.
    """

    def __init__(self, function: Callable[[T], str]) -> None:
        self._function = function

    def calculate(self, obj: T) -> str:
        """Hash ``obj``; whatever the function raises is passed on."""
        return self._function(obj)
