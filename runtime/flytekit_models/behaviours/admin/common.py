"""Behaviour of ``flytekit.models.admin.common``."""

from __future__ import annotations

from typing import Any


class SortBehaviour:
    """Methods of ``Sort``."""

    @classmethod
    def from_python_std(cls: Any, text: str) -> Any:
        """Parse a sort order: ``asc(key)`` or ``desc(key)``.

        Raises:
            ValueError: *text* is neither.
        """
        order, _, rest = text.strip().partition("(")
        directions = {"asc": cls.Direction.ASCENDING, "desc": cls.Direction.DESCENDING}
        if order not in directions or not rest.endswith(")"):
            raise ValueError(f"a sort order is written asc(key) or desc(key), not {text!r}")
        return cls(key=rest[:-1].strip(), direction=directions[order])
