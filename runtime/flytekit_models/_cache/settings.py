"""The settings of a store, which are kept in the store itself; flytekit reads them too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

__all__ = ["DEFAULTS", "Settings"]

DEFAULTS: dict[str, int | str] = {
    "statistics": 0,
    "tag_index": 0,
    "eviction_policy": "least-recently-stored",
    "size_limit": 2**30,
    "cull_limit": 10,
    "sqlite_auto_vacuum": 1,
    "sqlite_cache_size": 2**13,
    "sqlite_journal_mode": "wal",
    "sqlite_mmap_size": 2**26,
    "sqlite_synchronous": 1,
    "disk_min_file_size": 2**15,
    "disk_pickle_protocol": 5,
    "count": 0,
    "size": 0,
    "hits": 0,
    "misses": 0,
}
"""What a new store says, as flytekit's do; some of it only flytekit heeds. The last four are counters."""

_POLICIES = {
    "least-recently-stored": ("store_time", ""),
    "least-recently-used": ("access_time", "access_time = :now"),
    "least-frequently-used": ("access_count", "access_count = access_count + 1"),
    "none": ("", ""),
}
_DISK = ("disk_min_file_size", "disk_pickle_protocol")


class Settings(NamedTuple):
    """What of it is heeded here."""

    size_limit: int
    """Bytes that the database and the files may take."""
    min_file_size: int
    """Values of this many bytes are kept in a file."""
    evicts: bool
    """Whether entries are removed when the limit is reached."""
    order: str
    """The column by which entries are removed, smallest first."""
    on_use: str
    """What changes in a row that is read, as SQL; empty if nothing does."""
    counts: bool
    """Whether hits and misses are counted."""

    @classmethod
    def read(cls, rows: Iterable[Any]) -> Settings:
        """Make sense of the rows of the table.

        Raises:
            sqlite3.DatabaseError: they make none, or are those of a store that keeps values in another form.
        """
        found = {**DEFAULTS, **dict(rows)}
        unknown = [name for name in found if str(name).startswith("disk_") and name not in _DISK]
        if unknown or found["eviction_policy"] not in _POLICIES:
            raise sqlite3.DatabaseError(f"its settings make no sense: {unknown or found['eviction_policy']!r}")
        numbers = ("size_limit", "disk_min_file_size", "cull_limit", "statistics", "count", "size")
        for name in numbers:
            if not isinstance(found[name], int):
                raise sqlite3.DatabaseError(f"its settings make no sense: {name} is {found[name]!r:.50}")
        order, on_use = _POLICIES[str(found["eviction_policy"])]
        evicts = bool(order) and int(found["cull_limit"]) > 0
        return cls(
            size_limit=int(found["size_limit"]),
            min_file_size=int(found["disk_min_file_size"]),
            evicts=evicts,
            order=order,
            on_use=on_use,
            counts=bool(found["statistics"]),
        )
