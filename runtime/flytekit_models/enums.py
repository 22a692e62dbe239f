"""The base of the generated enum holders: open enums, as proto3's are."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator
from typing import Any, TypeVar, cast

from flytekit_models._core import MODULE as CORE

_FRAMED = (3, 10) <= sys.version_info < (3, 14)
"""Whether this Python is one of those whose enums are known from the inside: see `_framed`."""


class _HolderType(enum.EnumMeta):
    """The metaclass of enum holders."""

    # The stubs of type and of EnumMeta cannot both be followed: one takes the names by position only.
    @classmethod
    def __prepare__(metacls, cls: str, bases: tuple[type, ...], **kwds: Any) -> Any:  # type: ignore[override]
        return {} if _FRAMED and _takes_values(bases) else super().__prepare__(cls, bases)

    def __new__(metacls, name: str, bases: tuple[type, ...], namespace: Any, /, **kwargs: Any) -> Any:
        if namespace.__class__ is dict:
            values = _plain_values(namespace)
            if values is not None and not kwargs and _takes_values(bases):
                return _framed(metacls, name, bases, namespace, values)
            given, namespace = namespace, super().__prepare__(name, bases)
            for key, value in given.items():
                namespace[key] = value
        return super().__new__(metacls, name, bases, namespace, **kwargs)

    @property
    def __mro__(cls) -> tuple[type, ...]:
        """The classes it derives from. PyYAML asks for them where it has to find out how to write a value."""
        if "yaml" in sys.modules:
            _tell_yaml()
        return cast("tuple[type, ...]", type.__dict__["__mro__"].__get__(cls))


if CORE is not None:
    CORE.look_up_directly(_HolderType)


def _takes_values(bases: tuple[Any, ...]) -> bool:
    """Whether *bases* are those of a holder; a class that derives from a holder with values is refused by enum."""
    return len(bases) == 1 and not bases[0]._member_names_


class IdlEnum(int, enum.Enum, metaclass=_HolderType):
    """An enum of the IDL. Its values are ints, are written as ints everywhere, and say their name in their ``repr``.

    Proto enums are open: a newer server may send a number that this IDL has no name for. ``Holder(number)`` of such
    a number is a value without a declared name, so that nothing that was read is lost when it is written again.
    """

    @classmethod
    def _missing_(cls, value: object) -> IdlEnum | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        unknown = int.__new__(cls, value)
        unknown._name_ = str(int(value))
        unknown._value_ = int(value)
        return unknown

    __str__ = int.__repr__
    __hash__ = int.__hash__

    def __format__(self, format_spec: str) -> str:
        return int.__format__(self, format_spec)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}.{self.name}: {int(self)}>"

    def __reduce_ex__(self, protocol: object) -> tuple[type[IdlEnum], tuple[int]]:
        return type(self), (int(self),)

    def __eq__(self, other: object) -> bool:
        return int.__eq__(self, other) if isinstance(other, int) else NotImplemented

    def __deepcopy__(self, memo: object) -> IdlEnum:
        return self

    def __copy__(self) -> IdlEnum:
        return self


_OF_ALL_ENUMS = frozenset(dir(IdlEnum)) | {"mro", "name", "value"}
"""Names of values that hide an attribute; an enum finds them in ways of its own."""


def _plain_values(namespace: dict[str, Any]) -> dict[str, int] | None:
    """The values of a holder of ints and methods, as they are generated; None of a class that enum has to look at."""
    values: dict[str, int] = {}
    for key, value in namespace.items():
        if key[:2] == "__":
            is_plain = not hasattr(value, "__get__")
        elif value.__class__ is int:
            values[key], is_plain = value, key[0] != "_" and key not in _OF_ALL_ENUMS
        else:
            is_plain = key[0] != "_" and hasattr(value, "__get__")
        if not is_plain:
            return None
    return values


def _framed(
    metacls: type[_HolderType], name: str, bases: tuple[type, ...], namespace: dict[str, Any], values: dict[str, int]
) -> Any:
    """The holder that :class:`enum.EnumMeta` would make of *values*, which are plain ints, in a third of the time.

    It has to ask much about what it is given, and importing flytekit makes many holders.
    """
    names: list[str] = []
    by_name: dict[str, Any] = {}
    by_number: dict[int, Any] = {}
    namespace.update(_member_names_=names, _member_map_=by_name, _value2member_map_=by_number)
    # Since Python 3.12, `in` looks into these.
    namespace.update(_hashable_values_=[*values.values()], _unhashable_values_=[], _unhashable_values_map_={})
    holder: Any = type.__new__(metacls, name, bases, namespace)
    for each, number in values.items():
        member: Any = by_number.get(number)
        if member is None:
            member = by_number[number] = int.__new__(holder, number)
            member._value_, member._name_ = number, each
            member.__objclass__, member._sort_order_ = holder, len(names)
            names.append(each)
        by_name[each] = member
        type.__setattr__(holder, each, member)
    return holder


E = TypeVar("E", bound=IdlEnum)


class _Numbered(dict[int, E]):
    """The values of a holder by number; those without a name are made when they are asked for."""

    def __init__(self, holder: type[E]) -> None:
        super().__init__({int(value): value for value in holder})
        self._holder = holder

    def __missing__(self, number: int) -> E:
        return self._holder(number)


_NUMBERED: dict[type[IdlEnum], _Numbered[Any]] = {}


def numbered(holder: type[E]) -> dict[int, E]:
    """The values of *holder* by number; a number that has no name gives a value too."""
    found = _NUMBERED.get(holder)
    if found is None:
        found = _NUMBERED[holder] = _Numbered(holder)
    return found


def as_member(holder: type[E], value: Any) -> E:
    """The value of *holder* for what a constructor was given: an int becomes its value; all else stays, unchecked."""
    if value.__class__ is int:
        found = _NUMBERED.get(holder) or numbered(holder)
        member = found.get(value)
        # To subscript a subclass of dict takes twice as long.
        return found[value] if member is None else member
    given: E = value
    return given


if CORE is not None:
    as_member = CORE.make_as_member(_NUMBERED, as_member)


def as_members(holder: type[E], values: Any) -> list[E]:
    """The values of *holder* for a list that a constructor was given; a list without plain ints stays itself."""
    if isinstance(values, Iterator):
        values = list(values)
    if isinstance(values, (list, tuple)) and any(value.__class__ is int for value in values):
        return [as_member(holder, value) for value in values]
    return cast("list[E]", values)


UNKNOWN = "<UNKNOWN>"


def name_of(holder: type[IdlEnum], number: Any, unknown: str | None = None) -> str:
    """The name of *number* in *holder*; for one that has none *unknown* or, if that is None, the number as text."""
    for member in holder:
        if member == number:
            return member.name
    if unknown is not None:
        return unknown
    from flytekit_models.shown import shown

    return shown(int(number) if isinstance(number, int) else number, typed=False)


def number_of(holder: type[IdlEnum], name: str, unknown: str = UNKNOWN) -> int | str:
    """The number that *holder* has under *name*, or *unknown*."""
    return holder[name] if name in holder.__members__ else unknown


def _tell_yaml() -> None:
    """Have PyYAML write the values of holders as ints; it knows only classes that it was told of."""
    representer = getattr(sys.modules["yaml"], "representer", None)
    if representer is None or IdlEnum in representer.SafeRepresenter.yaml_multi_representers:
        return
    for kind in (representer.SafeRepresenter, representer.Representer):
        kind.add_multi_representer(IdlEnum, lambda dumper, value: dumper.represent_int(int(value)))
