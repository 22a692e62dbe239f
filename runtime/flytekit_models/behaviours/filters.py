"""Filters for admin's list requests: ``comparator(key,value)``, joined with ``+``."""

from __future__ import annotations

from typing import Any, ClassVar

from flytekit_models.entity import FlyteIdlEntity


class _TextEntity(FlyteIdlEntity):
    """Base of models that are written as a string instead of a message."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TextEntity) and other.to_flyte_idl() == self.to_flyte_idl()

    def __hash__(self) -> int:
        return hash(self.to_flyte_idl())

    @property
    def is_empty(self) -> bool:
        """Whether the string is empty."""
        return not self.to_flyte_idl()

    def serialize_to_string(self) -> bytes:
        """Return the string in UTF-8."""
        text: str = self.to_flyte_idl()
        return text.encode()


class Filter(_TextEntity):
    """A filter that compares the column *key* with *value*."""

    _comparator: ClassVar[str] = "nil"
    _by_comparator: ClassVar[dict[str, type[Filter]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_comparator" in cls.__dict__:
            Filter._by_comparator.setdefault(cls._comparator, cls)

    def __init__(self, key: str, value: Any) -> None:
        self._key = key
        self._value = value

    def to_flyte_idl(self) -> str:
        """Convert the filter to a string, such as ``eq(key,value)``."""
        return f"{type(self)._comparator}({self._key},{self._value})"

    @classmethod
    def from_flyte_idl(cls, pb2_object: str) -> Filter:
        """Parse a filter.

        Raises:
            ValueError: *pb2_object* is not a valid filter.
        """
        return cls.from_python_std(pb2_object)

    @classmethod
    def from_python_std(cls, string: str) -> Filter:
        """Parse a filter. The comparator determines its class.

        Raises:
            ValueError: *string* is not a valid filter.
        """
        found = Filter._by_comparator.get(string.partition("(")[0])
        if found is None or "(" not in string:
            known = ", ".join(Filter._by_comparator)
            raise ValueError(f"a filter is written comparator(key,value), with one of {known}; this is {string!r}")
        return found._parse_from_string(string)

    @classmethod
    def _parse_from_string(cls, string: str) -> Filter:
        inner = string[len(cls._comparator) + 1 :]
        if not inner.endswith(")"):
            raise ValueError(f"the filter {string!r} has no closing bracket")
        key, comma, value = inner[:-1].partition(",")
        if not comma or "," in value:
            raise ValueError(f"the filter {string!r} needs one key and one value, as in eq(name,value)")
        return cls(key.strip(), cls._parse_value(value.strip()))

    @classmethod
    def _parse_value(cls, value: str) -> Any:
        return value


class SetFilter(Filter):
    """A filter that compares the column *key* with several *values*."""

    def __init__(self, key: str, values: list[str]) -> None:
        if not isinstance(values, list):
            raise TypeError(f"{type(self).__name__}: values must be a list. but got {type(values).__name__}")
        super().__init__(key, ";".join(values))

    @classmethod
    def _parse_value(cls, value: str) -> list[str]:
        return value.split(";")


class FilterList(_TextEntity):
    """A list of filters, all of which must match."""

    def __init__(self, filter_list: list[Filter]) -> None:
        self._filter_list = filter_list

    def to_flyte_idl(self) -> str:
        """Convert the filters to a string, joined with ``+``."""
        return "+".join(one.to_flyte_idl() for one in self._filter_list)

    @classmethod
    def from_flyte_idl(cls, pb2_object: str) -> FilterList:
        """Parse a list of filters.

        Raises:
            ValueError: a part of *pb2_object* is not a valid filter.
        """
        return cls([Filter.from_python_std(part) for part in pb2_object.split("+") if part])
