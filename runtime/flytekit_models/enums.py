"""The base of the generated enum holders: open enums, as proto3's are."""

from __future__ import annotations

import enum


class IdlEnum(int, enum.Enum):
    """An enum of the IDL. Its values are ints that print their name.

    Proto enums are open: a newer server may send a number that this IDL has no name for. ``Holder(number)`` of such
    a number is a value without a declared name, so that nothing that was read is lost when it is written again.
    """

    @classmethod
    def _missing_(cls, value: object) -> IdlEnum | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = str(value)
        unknown._value_ = value
        return unknown

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<{type(self).__name__}.{self.name}: {int(self)}>"

    def __format__(self, spec: str) -> str:
        return format(int(self), spec) if spec else self.name

    def __reduce_ex__(self, protocol: object) -> tuple[type[IdlEnum], tuple[int]]:
        return type(self), (int(self),)

    def __hash__(self) -> int:
        return int.__hash__(self)

    def __eq__(self, other: object) -> bool:
        return int.__eq__(self, other) if isinstance(other, int) else NotImplemented


UNKNOWN = "<UNKNOWN>"


def name_of(holder: type[IdlEnum], number: int, unknown: str | None = None) -> str:
    """The name of *number* in *holder*; for one that has none *unknown* or, if that is None, the number as text."""
    for member in holder:
        if member == number:
            return member.name
    return str(int(number)) if unknown is None else unknown


def number_of(holder: type[IdlEnum], name: str, unknown: str = UNKNOWN) -> int | str:
    """The number that *holder* has under *name*, or *unknown*."""
    return holder[name] if name in holder.__members__ else unknown
