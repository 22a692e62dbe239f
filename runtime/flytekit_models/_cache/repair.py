"""Puts a database that can't be used out of the way."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from flytekit_models._cache.database import COMPANIONS, DATABASE, identity
from flytekit_models._cache.errors import BadEntryError, sorted_error
from flytekit_models._cache.files import require_plain
from flytekit_models._cache.forks import unforked

__all__ = ["discard", "set_aside"]

# SQLite applies a log that it finds beside a database, so the log of the old one goes first.
_NAMES = (*(DATABASE + end for end in COMPANIONS), DATABASE)

_busy: set[int] = set()
"""The threads that repair. A signal handler in the middle of that must not wait for its own thread."""


def set_aside(directory: str, damaged: tuple[int, int] | None, timeout: float) -> str | None:
    """Move a damaged database and its values into a folder beside it.

    Args:
        damaged: The identity of the database that is meant.

    Returns:
        The folder; None if another process was first, and there is another database now.

    Raises:
        TimeoutError: another process is at it.
        OSError: it can't be moved.
    """
    with _lock(directory, timeout):
        if identity(directory) != damaged:
            return None
        target = _make_folder(os.path.join(directory, f"damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"))
        with os.scandir(directory) as entries:
            values = sorted(entry.name for entry in entries if len(entry.name) == 2 and entry.is_dir())
        for name in (*_NAMES, *values):
            with suppress(FileNotFoundError):
                os.replace(os.path.join(directory, name), os.path.join(target, name))
        return target


def discard(directory: str, timeout: float) -> None:
    """Remove the database, which frees its space where nothing else does.

    Raises:
        TimeoutError: another process is repairing it.
        OSError: it can't be removed.
    """
    with _lock(directory, timeout):
        for name in _NAMES:
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(directory, name))


def _make_folder(start: str) -> str:
    """Make a new folder. One that is there already, or a link of that name, is somebody else's."""
    number = 0
    while True:
        target = f"{start}-{os.getpid()}" + (f"-{number}" if number else "")
        try:
            os.mkdir(target, 0o700)
            return target
        except FileExistsError:
            number += 1


@contextmanager
def _lock(directory: str, timeout: float) -> Iterator[None]:
    """Let one process at a time repair the store. The lock is SQLite's, which ends with its owner, even if killed."""
    thread = threading.get_ident()
    if thread in _busy:
        raise TimeoutError("it is being repaired")
    path = os.path.join(directory, "repair.lock")
    _busy.add(thread)
    try:
        require_plain(path, stat.S_ISREG)
        with unforked(), closing(sqlite3.connect(path, timeout=timeout, isolation_level=None)) as lock:
            # On a full disk, there is no room for a journal.
            lock.execute("PRAGMA journal_mode = MEMORY")
            lock.execute("BEGIN EXCLUSIVE")
            yield
    except BadEntryError as error:
        raise OSError(f"{directory} can't be repaired: {error}") from error
    except sqlite3.Error as error:
        raise sorted_error(error, path, None) from error
    finally:
        _busy.discard(thread)
