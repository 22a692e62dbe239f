"""Those in line, as a value: whoever joins or leaves makes a new line that shares nearly all with the old one."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

_BITS = 5
_WIDTH = 1 << _BITS
_NOBODY: tuple[None, ...] = (None,) * _WIDTH


class Numbered(Protocol):
    """What can stand in line."""

    number: int
    """Given when it joins, rising; nobody else has it."""
    count: int
    """1: a leaf of the tree stands for one."""


W = TypeVar("W", bound=Numbered)


class _Branch:
    """A part of the line: 32 smaller ones, or 32 places."""

    __slots__ = ("below", "count")

    def __init__(self, below: tuple[Any, ...], count: int) -> None:
        self.below = below
        self.count = count


class Line(Generic[W]):
    """A line in the order of joining, a tree by the digits of the numbers; every step costs O(log n)."""

    __slots__ = ("_height", "_root", "next_number")

    def __init__(self, next_number: int = 0, root: _Branch | None = None, height: int = 1) -> None:
        self.next_number = next_number
        self._root = root
        self._height = height

    def __len__(self) -> int:
        return 0 if self._root is None else self._root.count

    def joined_by(self, waiter: W) -> Line[W]:
        """The line with one more at its end, whose number is :attr:`next_number`."""
        number, root, height = self.next_number, self._root, self._height
        while number >> height * _BITS:
            root = None if root is None else _Branch((root, *_NOBODY[1:]), root.count)
            height += 1
        return Line(number + 1, _put(root, (height - 1) * _BITS, number, waiter), height)

    def without(self, number: int) -> Line[W]:
        """The line without the one of that number, who is in it."""
        return Line(self.next_number, _put(self._root, (self._height - 1) * _BITS, number, None), self._height)

    def place(self, waiter: W) -> int | None:
        """How many are ahead of it; None if it is not in line."""
        ahead = 0
        part: Any = self._root
        for shift in range((self._height - 1) * _BITS, -1, -_BITS):
            if part is None:
                return None
            digit = waiter.number >> shift & _WIDTH - 1
            for each in part.below[:digit]:
                if each is not None:
                    ahead += each.count
            part = part.below[digit]
        # An interrupted one may bear a number that another was quicker to get.
        return ahead if part is waiter else None

    def part(self, place: int, most: int) -> list[W]:
        """Those in line, from the one with so many ahead on; so many at most."""
        found: list[W] = []
        if self._root is not None:
            _collect(self._root, (self._height - 1) * _BITS, place, most, found)
        return found


def _put(branch: _Branch | None, shift: int, number: int, waiter: Any) -> _Branch | None:
    """The part of the line with another at that number; None if nobody is in it."""
    below: list[Any] = list(_NOBODY if branch is None else branch.below)
    digit = number >> shift & _WIDTH - 1
    before = below[digit]
    after = _put(before, shift - _BITS, number, waiter) if shift else waiter
    below[digit] = after
    count = 0 if branch is None else branch.count
    count += (0 if after is None else after.count) - (0 if before is None else before.count)
    return _Branch(tuple(below), count) if count else None


def _collect(branch: _Branch, shift: int, skip: int, most: int, found: list[Any]) -> None:
    parts = [each for each in branch.below if each is not None]
    if not shift:
        found += parts[skip : skip + most - len(found)]
        return
    for each in parts:
        if skip >= each.count:
            skip -= each.count
        elif len(found) < most:
            _collect(each, shift - _BITS, skip, most, found)
            skip = 0
        else:
            return
