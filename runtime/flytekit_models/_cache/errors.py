"""What can be wrong with the store. Whatever else keeps it from being used is an ``OSError``."""

from __future__ import annotations

import errno
import sqlite3

__all__ = ["BadEntryError", "DamagedError", "is_busy", "sorted_error"]


class BadEntryError(Exception):
    """A stored value can't be read, or is nothing that a cache of results holds."""


class DamagedError(Exception):
    """The database is none, or none of a local cache.

    Args:
        identity: Which database file it is about, as :func:`flytekit_models._cache.database.identity` tells.
    """

    def __init__(self, reason: object, identity: tuple[int, int] | None = None) -> None:
        super().__init__(str(reason))
        self.identity = identity


_ERRNOS = {"disk is full": errno.ENOSPC, "disk I/O error": errno.EIO}


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection is in the way, so that it may work a moment later."""
    return isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "locking protocol" in str(error))


def sorted_error(error: sqlite3.Error, path: str, identity: tuple[int, int] | None) -> Exception:
    """Turn an error of SQLite into one that is acted upon. Python 3.10 gives no codes, so it goes by the texts.

    Args:
        path: The database.
        identity: Which file that was.
    """
    text = str(error)
    if is_busy(error):
        return TimeoutError(f"another process holds the lock of {path}: {text}")
    if isinstance(error, sqlite3.OperationalError):
        # A table or column is missing, so this is no cache; or a text holds bytes that are none.
        wrong = ("no such", "table ", "Could not decode", "unsupported file format")
        if text.startswith(wrong):
            return DamagedError(text, identity)
        number = next((number for part, number in _ERRNOS.items() if part in text), None)
        said = f"{text}: {path}"
        return OSError(said) if number is None else OSError(number, said)
    # The others blame the caller.
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, (sqlite3.DataError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)
    ):
        return DamagedError(text, identity)
    return OSError(f"{text}: {path}")
