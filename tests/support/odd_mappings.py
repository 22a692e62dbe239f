"""What may be given for a map and is no plain dict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Apart(str):
    """A str that is equal to nothing but itself."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = str.__hash__


class Items(Mapping[Any, Any]):
    """A mapping of these items, whatever they are."""

    def __init__(self, *items: Any) -> None:
        self._items = items

    def __getitem__(self, key: Any) -> Any:
        return dict(self._items)[key]

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"Items{self._items}"

    def items(self) -> Any:
        """The items as they are."""
        return self._items
