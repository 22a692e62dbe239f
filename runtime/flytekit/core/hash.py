"""Hashing: objects that are hashed by identity, and hash functions for values as type annotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class HashOnReferenceMixin:
    """Make instances hashable by identity, even if the class defines ``__eq__``.

    List it before the class that would otherwise remove the hash::

        class RemoteTask(HashOnReferenceMixin, TaskSpec): ...

    Two objects that are equal may so have different hashes. That is meant: the mixin is for objects of which one
    asks "is it this one", such as the nodes of a graph.
    """

    def __hash__(self) -> int:
        return hash(id(self))


class HashMethod(Generic[T]):
    """A function that hashes values of one type, as an annotation of that type.

    ``Annotated[pandas.DataFrame, HashMethod(digest)]`` means that a data frame is identified by ``digest(frame)``.

    :param function: takes the value and returns its hash as a string.
    """

    def __init__(self, function: Callable[[T], str]) -> None:
        self._function = function

    def calculate(self, obj: T) -> str:
        """Hash ``obj``. Exceptions of the function are passed on."""
        return self._function(obj)
