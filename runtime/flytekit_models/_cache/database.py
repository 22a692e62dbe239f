"""The database of the store: who is connected to it, and how it is asked.

Each change is one statement that commits by itself. SQLite takes its lock, writes and gives the lock back within one
call, in which no Python code runs; so a signal handler or a ``__del__`` that uses the cache, in the middle of the
cache itself, never finds the lock taken by the code that it interrupts. It finds the connection in use, and takes
another one: connections are lent for a statement, not tied to threads.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.request import pathname2url

from flytekit_models._cache.errors import BadEntryError, DamagedError, is_busy, sorted_error
from flytekit_models._cache.files import require_plain
from flytekit_models._cache.forks import unforked
from flytekit_models._cache.schema import complete, create, verify
from flytekit_models._cache.settings import Settings

__all__ = ["DATABASE", "Database", "identity"]

DATABASE = "cache.db"
COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite calls the files that it keeps beside a database."""

Parameters = Sequence[object] | Mapping[str, object]
_T = TypeVar("_T")

_PATIENCE = 0.1
"""How long SQLite itself waits for a lock, in seconds; while it does, Ctrl-C has to wait too."""

_IDLE = 8
"""How many connections are kept for later."""

_inherited: list[sqlite3.Connection] = []
"""Connections of a process that was forked. They may be neither used nor closed in the child."""


class _Connection(sqlite3.Connection):
    identity: tuple[int, int] | None = None
    process = 0
    reason: OSError | None = None
    """Why nothing can be written by it."""


def identity(directory: str) -> tuple[int, int] | None:
    """Tell one database file from another that later has the same name."""
    return _identity(os.path.join(directory, DATABASE))


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Database:
    """The database in a folder. Making one of these touches no disk.

    Args:
        directory: The folder, which is made when the database is first used.
        timeout: How long a call waits for other processes, in seconds.
    """

    def __init__(self, directory: str, timeout: float) -> None:
        self.directory = directory
        self.timeout = timeout
        self.settings = Settings.read(())
        self._path = os.path.join(directory, DATABASE)
        self._idle: list[_Connection] = []

    def deadline(self) -> float:
        """When a call that begins now has to be done with waiting."""
        return time.monotonic() + self.timeout

    def run(self, sql: str, parameters: Parameters = (), *, deadline: float) -> tuple[list[Any], int]:
        """Execute one statement. Gives the rows that it found, and how many it changed.

        Raises:
            TimeoutError: the database stayed locked.
            DamagedError: it is no database, or none of a local cache.
            OSError: it can't be used.
        """
        connection = self._take(deadline)

        def ask() -> tuple[list[Any], int]:
            cursor = connection.execute(sql, parameters)
            return cursor.fetchall(), cursor.rowcount

        try:
            return _patiently(ask, deadline)
        except sqlite3.Error as error:
            raise connection.reason or sorted_error(error, self._path, connection.identity) from error
        finally:
            self._give_back(connection)

    def refresh(self, deadline: float) -> None:
        """Read the settings again. That opens the database, and makes it if there is none."""
        rows, _ = self.run("SELECT key, value FROM Settings", deadline=deadline)
        try:
            self.settings = Settings.read(rows)
        except sqlite3.Error as error:
            raise sorted_error(error, self._path, _identity(self._path)) from error

    def require_writable(self, deadline: float) -> None:
        """Raise an OSError if nothing can be written, and a TimeoutError if that isn't to be found out in time."""
        # Changes nothing, but asks for all that a change asks for.
        self.run("DELETE FROM Cache WHERE rowid IS NULL", deadline=deadline)

    def close(self) -> None:
        """Close the connections that nobody uses. The next use opens one."""
        process = os.getpid()
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return
            if connection.process == process:
                _close(connection)
            else:
                _inherited.append(connection)

    def __del__(self) -> None:
        # One that was lent when the database was closed has come back since.
        self.close()

    def _take(self, deadline: float) -> _Connection:
        current, process = _identity(self._path), os.getpid()
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._connect(deadline)
            if connection.process != process:
                _inherited.append(connection)
            elif connection.identity != current:
                # The database was moved away, or removed.
                _close(connection)
            else:
                return connection

    def _give_back(self, connection: _Connection) -> None:
        # One without an identity sees the database as it was when it was opened.
        if connection.identity is None or len(self._idle) >= _IDLE:
            _close(connection)
        else:
            self._idle.append(connection)

    def _connect(self, deadline: float) -> _Connection:
        if not os.path.isabs(self.directory):
            raise FileNotFoundError(f"no home folder is known for {self.directory}")
        # Who may write here decides what tasks return, so nobody else may.
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        before = _identity(self._path)
        try:
            for name in (DATABASE, *(DATABASE + end for end in COMPANIONS)):
                require_plain(os.path.join(self.directory, name), stat.S_ISREG)
        except BadEntryError as error:
            raise DamagedError(error, before) from error
        try:
            connection = self._opened(self._path, deadline)
        except OSError as error:
            if isinstance(error, TimeoutError) or before is None:
                raise
            connection = self._opened_to_read(error, deadline)
        else:
            connection.identity = _identity(self._path)
            if before is not None and before != connection.identity:
                _close(connection)
                return self._connect(deadline)
        return connection

    def _opened(self, path: str, deadline: float, uri: bool = False) -> _Connection:
        seen = _identity(self._path)
        connection: _Connection | None = None
        try:
            with unforked():
                connection = sqlite3.connect(
                    path,
                    timeout=min(_PATIENCE, self.timeout),
                    isolation_level=None,
                    check_same_thread=False,
                    factory=_Connection,
                    uri=uri,
                )
            connection.process = os.getpid()
            self.settings = _patiently(_prepare(connection), deadline)
            return connection
        except BaseException as error:
            if connection is not None:
                _close(connection)
            if isinstance(error, sqlite3.Error):
                raise sorted_error(error, self._path, seen or _identity(self._path)) from error
            raise

    def _opened_to_read(self, reason: OSError, deadline: float) -> _Connection:
        """Open what can't be written: on a full disk, or for want of permission.

        While somebody writes, there is a log beside the database. Without one, the file is all there is, and can be
        read as it stands.
        """
        log = f"{self._path}-wal"
        if os.path.exists(log) and os.path.getsize(log):
            raise reason
        try:
            connection = self._opened(f"file:{pathname2url(self._path)}?mode=ro&immutable=1", deadline, uri=True)
            connection.reason = reason
            return connection
        except (OSError, DamagedError):
            raise reason from None


def _close(connection: _Connection) -> None:
    # Closing the last one writes its log into the database.
    with unforked():
        connection.close()


def _prepare(connection: sqlite3.Connection) -> Callable[[], Settings]:
    def prepare() -> Settings:
        # SQLite's own advice on files that others may have written. Without mmap, since a file that is cut short behind
        # an mmap kills the process.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not complete(connection):
            create(connection)
        verify(connection)
        return Settings.read(connection.execute("SELECT key, value FROM Settings").fetchall())

    return prepare


def _patiently(action: Callable[[], _T], deadline: float) -> _T:
    """Do something with the database, again and again while somebody else has it locked."""
    while True:
        try:
            with unforked():
                return action()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= deadline:
                raise
            # SQLite doesn't wait in every case.
            time.sleep(0.001)
