"""The store of flytekit's local cache, a diskcache, on the standard library's SQLite."""

from __future__ import annotations

import errno
import math
import os
import pickle
import time
from collections.abc import Callable, Set
from contextlib import suppress
from typing import Any, TypeVar

from flytekit_models._cache.database import Database
from flytekit_models._cache.errors import BadEntryError, DamagedError
from flytekit_models._cache.files import MissingFileError, ValueFiles
from flytekit_models._cache.reader import unpickle
from flytekit_models._cache.repair import discard, set_aside

__all__ = ["CULL_EVERY", "Store"]

_T = TypeVar("_T")

CULL_EVERY = 32
"""Sets of a process from one look for entries to evict to the next.

flytekit looks at each set, which is a third of the cost. So the store may outgrow its limit by that many entries for
each process.
"""

SWEEP_EVERY = 86_400.0
"""Seconds from one search for files without a row to the next, by whichever process."""

_SWEPT = "swept"
"""The file whose time says when that was last done."""

_LEAST_AGE = 300.0
"""Seconds after which a file without a row is nobody's. Before, its writer may be waiting to insert the row."""

# What the values are, in the column "mode".
_RAW, _BINARY, _TEXT, _PICKLE = 1, 2, 3, 4

_FIND = (
    "SELECT rowid, tag, size, mode, filename, value FROM Cache"
    " WHERE key = ? AND raw = 1 AND (expire_time IS NULL OR expire_time > ?)"
)
_COLUMNS = ("store_time", "access_time", "tag", "size", "mode", "filename", "value")
_KEEP = (
    f"INSERT INTO Cache (key, raw, {', '.join(_COLUMNS)}) VALUES (?, 1, {', '.join('?' * len(_COLUMNS))})"
    f" ON CONFLICT (key, raw) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in _COLUMNS)},"
    " access_count = 0 WHERE filename IS NULL AND expire_time IS NULL"
)
# Naming expire_time would have its index written each time, though flytekit's entries never expire.
_REPLACE = (
    f"UPDATE Cache SET access_count = 0, expire_time = NULL, {', '.join(f'{column} = ?' for column in _COLUMNS)}"
    " WHERE key = ? AND raw = 1 AND filename IS ?"
)
_DROP = "DELETE FROM Cache WHERE rowid = ? AND filename IS ? AND store_time IS ?"
_VOLUME = (
    "SELECT (pages.page_count - free.freelist_count) * size.page_size"
    " + coalesce((SELECT value FROM Settings WHERE key = 'size'), 0)"
    " FROM pragma_page_count AS pages, pragma_freelist_count AS free, pragma_page_size AS size"
)


class Store:
    """A store of values by key, in a folder. Making one of these touches no disk; the first use does.

    It may be used by any number of threads, of forks and of processes, flytekit's among them. Each of its methods
    raises ``TimeoutError`` if other processes keep the database locked for longer than the time-out, and ``OSError`` if
    the store can't be used. A database that is damaged is moved aside, once, and a new one takes its place.

    Args:
        directory: The folder, absolute.
        timeout: How long a call waits for other processes, in seconds.
        warn: Is told when a database was moved aside.
    """

    def __init__(self, directory: str, timeout: float, warn: Callable[[str], None]) -> None:
        self._database = Database(directory, timeout)
        self._files = ValueFiles(directory)
        self._warn = warn
        self._sets = 0

    @property
    def directory(self) -> str:
        """The folder of the store."""
        return self._database.directory

    def open(self, *, to_write: bool) -> None:
        """Make the store if there is none, and see that it can be read, or also written."""
        self._run(self._database.require_writable if to_write else self._database.refresh)

    def close(self) -> None:
        """Close what is open and not in use. The next use opens it again."""
        self._database.close()

    def get(self, key: str, default: Any = None, *, tag: bool = False) -> Any:
        """Give the value of *key*, or *default*; with *tag*, a pair of it and the tag.

        Raises:
            BadEntryError: the value can't be read.
        """
        found = self._run(lambda deadline: self._get(key, deadline))
        value, its_tag = (default, None) if found is None else found
        return (value, its_tag) if tag else value

    def _get(self, key: str, deadline: float) -> tuple[object, object] | None:
        missing: object = None
        while True:
            rows, _ = self._database.run(_FIND, (key, time.time()), deadline=deadline)
            if not rows:
                self._note_use(None, deadline)
                return None
            rowid, tag, size, mode, filename, value = rows[0]
            try:
                content = self._content(mode, filename, size, value)
            except MissingFileError:
                # Between finding a row and opening its file, another process may have replaced both: look again.
                if filename == missing:
                    raise
                missing = filename
                continue
            self._note_use(rowid, deadline)
            return content, tag

    def _content(self, mode: object, filename: object, size: object, value: object) -> object:
        if mode == _RAW:
            return value
        if mode not in (_BINARY, _TEXT, _PICKLE):
            raise BadEntryError(f"its mode is {mode!r:.50}")
        data = value if mode == _PICKLE and filename is None else self._files.read(filename, size)
        if not isinstance(data, bytes):
            raise BadEntryError(f"its value is {type(data).__name__}")
        if mode == _PICKLE:
            return unpickle(data)
        try:
            return data if mode == _BINARY else data.decode()
        except UnicodeDecodeError as error:
            raise BadEntryError(str(error)) from error

    def _note_use(self, rowid: object, deadline: float) -> None:
        """Count and date a use, where the settings ask for it. That isn't worth failing for."""
        settings = self._database.settings
        with suppress(OSError):
            if settings.on_use and rowid is not None:
                change = f"UPDATE Cache SET {settings.on_use} WHERE rowid = :row"
                self._database.run(change, {"row": rowid, "now": time.time()}, deadline=deadline)
            if settings.counts:
                counter = "misses" if rowid is None else "hits"
                change = "UPDATE Settings SET value = value + 1 WHERE key = ?"
                self._database.run(change, (counter,), deadline=deadline)

    def set(self, key: str, value: object, *, tag: str | None = None) -> None:
        """Keep a value: bytes as they are, anything else as a pickle."""
        mode = _RAW if isinstance(value, bytes) else _PICKLE
        data = value if isinstance(value, bytes) else pickle.dumps(value, protocol=5)
        self._run(lambda deadline: self._set(key, mode, data, tag, deadline))
        sets, self._sets = self._sets, self._sets + 1
        if sets % CULL_EVERY == 0:
            with suppress(OSError, DamagedError):  # the value was kept; the next ones are going to meet it
                self.cull()
                self._sweep_if_due()

    def _set(self, key: str, mode: int, data: bytes, tag: str | None, deadline: float) -> None:
        if len(data) < self._database.settings.min_file_size:
            self._insert(key, (tag, 0, mode, None, data), deadline)
            return
        self._database.refresh(deadline)  # which makes the folder, if need be
        name = self._files.write(data)
        try:
            self._insert(key, (tag, len(data), _BINARY if mode == _RAW else mode, name, None), deadline)
        except BaseException:
            self._files.remove(name)
            raise

    def _insert(self, key: str, columns: tuple[object, ...], deadline: float) -> None:
        now = time.time()
        row = (now, now, *columns)
        while not self._database.run(_KEEP, (key, *row), deadline=deadline)[1]:
            # There is a value with a file, or one that expires. Whoever replaces it removes the file.
            for _, old, _ in self._places("key = ? AND raw = 1", (key,), deadline):
                if self._database.run(_REPLACE, (*row, key, old), deadline=deadline)[1]:
                    self._files.remove(old)
                    return

    def delete(self, key: str) -> None:
        """Remove the value of *key*, if there is one."""

        def delete(deadline: float) -> None:
            for place in self._places("key = ? AND raw = 1", (key,), deadline):
                self._drop(place, deadline)

        self._run(delete)

    def _places(self, condition: str, parameters: tuple[object, ...], deadline: float) -> list[Any]:
        """Give row, file and time of what fits a condition: what tells a row from one that takes its place."""
        sql = f"SELECT rowid, filename, store_time FROM Cache WHERE {condition}"
        return self._database.run(sql, parameters, deadline=deadline)[0]

    def _drop(self, place: tuple[int, object, object], deadline: float) -> None:
        self._database.run(_DROP, place, deadline=deadline)
        # Its file goes in any case: if the row has been replaced meanwhile, it has another file.
        if place[1] is not None:
            self._files.remove(place[1])

    def clear(self) -> None:
        """Remove everything, also files that belong to no row. A full disk doesn't keep it from that."""
        began = time.time()

        def clear(deadline: float) -> None:
            try:
                self._database.run("DELETE FROM Cache", deadline=deadline)
                self._files.remove_others(began, lambda: self._known(deadline))
            except TimeoutError:
                raise
            except OSError as error:
                # Removing rows takes space at first.
                if error.errno not in (errno.ENOSPC, errno.EIO):
                    raise
                self._clear_full_disk(deadline)

        self._run(clear)

    def _clear_full_disk(self, deadline: float) -> None:
        self._files.remove_others(math.inf, frozenset)
        try:
            self._database.run("PRAGMA wal_checkpoint(TRUNCATE)", deadline=deadline)
            self._database.run("DELETE FROM Cache", deadline=deadline)
        except TimeoutError:
            raise
        except OSError:
            self.close()
            discard(self.directory, deadline - time.monotonic())

    def cull(self) -> None:
        """Remove what has expired and then, until the limit is kept, what the settings say is to go first."""

        def cull(deadline: float) -> None:
            self._database.refresh(deadline)
            settings = self._database.settings
            for place in self._places("expire_time < ?", (time.time(),), deadline):
                self._drop(place, deadline)
            while settings.evicts and self._volume(deadline) > settings.size_limit:
                places = self._places(f"true ORDER BY {settings.order} LIMIT 10", (), deadline)
                if not places:
                    return
                for place in places:
                    self._drop(place, deadline)
                    if self._volume(deadline) <= settings.size_limit:
                        return

        self._run(cull)

    def sweep(self, age: float = _LEAST_AGE) -> None:
        """Remove files without a row, which processes that were killed left behind.

        Args:
            age: How old a file has to be, in seconds. A young one may be of a process that is just keeping a value.
        """
        before = time.time() - age
        self._run(lambda deadline: self._files.remove_others(before, lambda: self._known(deadline)))

    def _sweep_if_due(self) -> None:
        path = os.path.join(self.directory, _SWEPT)
        with suppress(FileNotFoundError):
            if time.time() - os.lstat(path).st_mtime < SWEEP_EVERY:
                return
            os.unlink(path)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        self.sweep(max(_LEAST_AGE, 2 * self._database.timeout))

    def _known(self, deadline: float) -> Set[str]:
        rows, _ = self._database.run("SELECT filename FROM Cache WHERE filename IS NOT NULL", deadline=deadline)
        return {str(name) for (name,) in rows}

    def volume(self) -> int:
        """Give how many bytes the database and the files take."""
        return self._run(self._volume)

    def _volume(self, deadline: float) -> int:
        ((volume,),) = self._database.run(_VOLUME, deadline=deadline)[0]
        return int(volume)

    def keys(self, start: str = "") -> list[str]:
        """Give the keys that begin with a text. With ``keys.prefix``, those are the entries of a task and version."""
        sql = "SELECT key FROM Cache WHERE raw = 1 AND typeof(key) = 'text' AND key >= ? AND key < ? ORDER BY key"
        rows, _ = self._run(lambda deadline: self._database.run(sql, (start, f"{start}\U0010ffff"), deadline=deadline))
        return [key for (key,) in rows]

    def tags(self, start: str, most: int) -> list[tuple[str, object]]:
        """Give the keys that begin with a text, each with its tag: so many of them at most, those kept last first."""
        sql = (
            "SELECT key, tag FROM Cache WHERE raw = 1 AND typeof(key) = 'text' AND key >= ? AND key < ?"
            " ORDER BY store_time DESC LIMIT ?"
        )
        limits = (start, f"{start}\U0010ffff", most)
        rows, _ = self._run(lambda deadline: self._database.run(sql, limits, deadline=deadline))
        return [(key, tag) for key, tag in rows]

    def __len__(self) -> int:
        rows, _ = self._run(lambda deadline: self._database.run("SELECT count(*) FROM Cache", deadline=deadline))
        return int(rows[0][0])

    def _run(self, action: Callable[[float], _T]) -> _T:
        """Do something, once more if the database had to be replaced."""
        deadline = self._database.deadline()
        try:
            return action(deadline)
        except DamagedError as error:
            place = set_aside(self.directory, error.identity, deadline - time.monotonic())
            self._database.close()
            if place:
                self._warn(f"the database can't be used ({error}); moved it to {place} and started anew")
        try:
            return action(deadline)
        except DamagedError as error:
            raise OSError(f"the new database in {self.directory} can't be used either: {error}") from error
