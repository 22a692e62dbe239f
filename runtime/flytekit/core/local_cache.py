"""Keeps the results of local task executions on disk, so that the same execution isn't done twice.

The store is the one of flytekit 1.16, read and written in the same format: a diskcache at ``~/.flyte/local-cache``
whose values are serialized ``LiteralMap`` messages. Nothing in the store is trusted: values that can't be read, are
damaged, or were planted count as absent.
"""

from __future__ import annotations

import atexit
import hashlib
import io
import os
import pickle
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import diskcache

from flytekit.configuration import LocalConfig
from flytekit.loggers import logger

if TYPE_CHECKING:
    from flyteidl.core import literals_pb2

    from flytekit.models.literals import Literal, LiteralMap

__all__ = ["CACHE_LOCATION", "CACHE_LOCATION_ENV_VAR", "CACHE_TIMEOUT", "LocalTaskCache"]

CACHE_LOCATION = "~/.flyte/local-cache"
"""Where the store is, unless the environment or an argument says otherwise."""

CACHE_LOCATION_ENV_VAR = "FLYTE_LOCAL_CACHE_LOCATION"
"""The environment variable that says where the store is."""

CACHE_TIMEOUT = 60.0
"""How long one call waits for other processes, in seconds, unless an argument says otherwise."""

_DATABASE = "cache.db"

# diskcache looks at each set for entries to evict, which is a third of its cost. Here it is done when the store is
# opened and at every n-th set, so that the store may outgrow its limit by that many entries for each process.
_CULL_EVERY = 32

_T = TypeVar("_T")


# --- keys -------------------------------------------------------------------------------------------------------------


def _place_hashes(literal: literals_pb2.Literal) -> None:
    """Replaces, in place, each literal that carries a hash by that hash alone."""
    if literal.hash:
        digest = literal.hash
        literal.Clear()
        literal.hash = digest
        return
    kind = literal.WhichOneof("value")
    if kind == "collection":
        literal.ClearField("metadata")
        for item in literal.collection.literals:
            _place_hashes(item)
    elif kind == "map":
        literal.ClearField("metadata")
        for item in literal.map.literals.values():
            _place_hashes(item)


def _recursive_hash_placement(literal: Literal) -> Literal:
    """Gives a copy of ``literal`` in which each literal that carries a hash is replaced by that hash alone."""
    from flytekit.models.literals import Literal

    message = literal.to_flyte_idl()
    _place_hashes(message)
    return Literal.from_flyte_idl(message)


def _digest(data: bytes) -> str:
    """Gives the digest by which flytekit names its inputs: joblib's, an md5 over a pickle of protocol 3."""
    framing = b"\x80\x03C" + bytes([len(data)]) if len(data) < 256 else b"\x80\x03B" + len(data).to_bytes(4, "little")
    digest = hashlib.md5(framing, usedforsecurity=False)
    digest.update(data)
    digest.update(b".")
    return digest.hexdigest()


def _calculate_cache_key(
    task_name: str,
    cache_version: str,
    input_literal_map: LiteralMap,
    cache_ignore_input_vars: tuple[str, ...] = (),
) -> str:
    """Gives the key of an execution: task, version and a digest of the inputs that count."""
    from flytekit.models.literals import LiteralMap

    # Inputs that are left out may be large, or such as can't be written at all, so they are dropped first.
    inputs = {name: value for name, value in input_literal_map.literals.items() if name not in cache_ignore_input_vars}
    message = LiteralMap(inputs).to_flyte_idl()
    for literal in message.literals.values():
        _place_hashes(literal)
    prefix = f"{task_name}-{cache_version}"
    key = f"{prefix}-{_digest(message.SerializeToString(deterministic=True))}"
    if prefix.count("-") == 1:
        return key
    # Where a dash is part of the name or the version, flytekit's key fits several pairs of them. The length tells
    # them apart, and no key of flytekit's ends like this: the last part of those has 32 characters.
    return f"{key}-{len(task_name)}"


# --- reading what may be damaged or planted ---------------------------------------------------------------------------


class _BadEntryError(Exception):
    """A stored value can't be read. Not an OSError, which diskcache would take for an absent entry."""


class _MissingFileError(_BadEntryError):
    """The file of a value is gone: another process has just replaced the value, or the file is lost."""


_PLAIN_TYPES = {
    "builtins": frozenset(
        ("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int")
        + ("list", "object", "set", "str", "tuple")
    ),
    "collections": frozenset({"OrderedDict", "defaultdict"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "google.protobuf.struct_pb2": frozenset({"ListValue", "Struct", "Value"}),
}
_MODELS = "flytekit.models"


def _new_object(cls: type[_T], base: type, state: object) -> _T:
    """Stands in for ``copyreg._reconstructor``, as the pickles of models and messages call it."""
    if base is not object or state is not None:
        raise pickle.UnpicklingError(f"a {cls.__name__} is not built from a {base.__name__}")
    return cls.__new__(cls)


class _ModelUnpickler(pickle.Unpickler):
    """Reads pickled models. It admits model classes and types of plain data, and no function whatever."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("copyreg", "_reconstructor"):
            return _new_object
        if name in _PLAIN_TYPES.get(module, ()):
            return super().find_class(module, name)
        if module == _MODELS or module.startswith(f"{_MODELS}."):
            found = super().find_class(module, name)
            # A dotted name may lead out of the module again, to whatever the module itself imports.
            if isinstance(found, type) and found.__module__.startswith(_MODELS):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is neither a model nor plain data")


class _ModelDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """How diskcache reads and writes values, made safe against what another program may have put there."""

    def get(self, key: Any, raw: bool) -> Any:
        return super().get(key, raw) if raw else _ModelUnpickler(io.BytesIO(key)).load()

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:
        if filename is not None:
            self._require_inside(filename)
        try:
            if mode != diskcache.core.MODE_PICKLE:
                return super().fetch(mode, filename, value, read)
            if filename is None:
                return _ModelUnpickler(io.BytesIO(value)).load()
            with open(os.path.join(self._directory, filename), "rb") as file:
                return _ModelUnpickler(file).load()
        except FileNotFoundError as error:
            raise _MissingFileError(filename) from error
        except OSError:
            raise
        except Exception as error:  # a damaged pickle may raise anything
            raise _BadEntryError(f"{type(error).__name__}: {error}") from error

    def remove(self, file_path: str) -> None:
        try:
            self._require_inside(file_path)
        except _BadEntryError as error:
            logger.warning("Local cache: not removing %r: %s", file_path, error)
        else:
            super().remove(file_path)

    def _require_inside(self, filename: str) -> None:
        drive, path = os.path.splitdrive(os.path.normpath(filename))
        if drive or os.path.isabs(path) or path.split(os.sep)[0] == os.pardir:
            raise _BadEntryError("the file is outside of the cache")


def _checksum(key: str, value: bytes) -> str:
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16)
    digest.update(value)
    return digest.hexdigest()


def _decode(key: str, value: object, checksum: object) -> LiteralMap:
    """Turns a stored value into a model.

    :raises _BadEntryError: it is damaged, or nothing that a cache of results holds.
    """
    from flyteidl.core import literals_pb2

    from flytekit.models.literals import LiteralMap

    # flytekit's own entries have no checksum.
    if isinstance(value, bytes) and isinstance(checksum, str) and checksum != _checksum(key, value):
        raise _BadEntryError("its checksum is wrong")
    try:
        if isinstance(value, bytes):
            return LiteralMap.from_flyte_idl(literals_pb2.LiteralMap.FromString(value))
        if isinstance(value, LiteralMap):
            # Writing it out checks an old model, and makes a current one of it.
            return LiteralMap.from_flyte_idl(value.to_flyte_idl())
    except Exception as error:  # an old model holds whatever its pickle says, and may fail in any way
        raise _BadEntryError(f"{type(error).__name__}: {error}") from error
    raise _BadEntryError(f"it is a {type(value).__name__}")


# --- the database -----------------------------------------------------------------------------------------------------


class _DamagedError(sqlite3.DatabaseError):
    """The database can't be used."""


def _sorted_error(error: Exception) -> Exception:
    """Turns an error of SQLite or diskcache into one that is acted upon; gives any other back."""
    text = str(error)
    if isinstance(error, diskcache.Timeout):
        return TimeoutError("another process holds the lock")
    if isinstance(error, sqlite3.OperationalError):
        if "locked" in text:
            return TimeoutError(text)
        # A table or column is missing, so this is no diskcache; or a text holds bytes that are none.
        return _DamagedError(text) if text.startswith(("no such", "table ", "Could not decode")) else error
    # The other two blame the caller.
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, (_DamagedError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)
    ):
        return _DamagedError(text)
    return error


def _identity(directory: str) -> tuple[int, int] | None:
    """Tells one database file from another that later has the same name."""
    try:
        status = os.stat(os.path.join(directory, _DATABASE))
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _open_store(directory: str, timeout: float) -> diskcache.Cache:
    """Opens the store, and makes it if there is none.

    :raises TimeoutError: the database is locked.
    :raises _DamagedError: the database can't be used.
    :raises OSError: the folder can't be made.
    """
    # Who may write here decides what tasks return, so nobody else may.
    os.makedirs(directory, mode=0o700, exist_ok=True)
    store = diskcache.Cache.__new__(diskcache.Cache)
    try:
        # diskcache opens with a time-out of its own. Whether the lock can be had is found out before, within ours.
        with closing(
            sqlite3.connect(os.path.join(directory, _DATABASE), timeout=timeout, isolation_level=None)
        ) as probe:
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("ROLLBACK")
        try:
            # Without mmap, since a file that is cut short behind an mmap kills the process.
            store.__init__(directory, timeout=timeout, disk=_ModelDisk, sqlite_mmap_size=0)
            store.cull()
        except BaseException:
            store.close()
            raise
    except (sqlite3.Error, diskcache.Timeout) as error:
        raise _sorted_error(error) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _DamagedError(f"its settings make no sense: {error!r}") from error
    # For this object only: a reset() would write it into the store, for flytekit to read.
    store.cull_limit = 0
    return store


def _set_aside(directory: str, reason: object) -> None:
    """Moves a damaged database and its values into a folder beside it."""
    target = os.path.join(directory, f"damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}")
    os.makedirs(target, mode=0o700, exist_ok=True)
    # SQLite applies a log that it finds beside a database, so the log of the old one goes first.
    names = [f"{_DATABASE}-wal", f"{_DATABASE}-shm", _DATABASE]
    names += sorted(entry.name for entry in os.scandir(directory) if len(entry.name) == 2 and entry.is_dir())
    for name in names:
        try:
            os.replace(os.path.join(directory, name), os.path.join(target, name))
        except FileNotFoundError:
            continue
    logger.warning("Local cache: the database can't be used (%s); moved it to %s and started anew", reason, target)


@contextmanager
def _repair_lock(directory: str, timeout: float) -> Iterator[None]:
    """Lets one process at a time repair the store. The lock is SQLite's, which ends with its owner, even if killed.

    :raises TimeoutError: another process is repairing it.
    """
    with closing(
        sqlite3.connect(os.path.join(directory, "repair.lock"), timeout=timeout, isolation_level=None)
    ) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise _sorted_error(error) from error
        yield


# --- the cache --------------------------------------------------------------------------------------------------------


class LocalTaskCache:
    """A store of task results that outlives the process.

    All methods are static: a process has one local cache. It may be used from any thread, and by several processes at
    once, flytekit's among them. No call waits for other processes longer than the time-out.
    """

    _cache: ClassVar[Any]
    _initialized: ClassVar[bool] = False
    _lock: ClassVar[threading.RLock] = threading.RLock()
    _database: ClassVar[tuple[int, int] | None] = None
    _enabled: ClassVar[bool | None] = None
    _overwrite: ClassVar[bool | None] = None
    _timeout: ClassVar[float] = CACHE_TIMEOUT
    _sets: ClassVar[int] = 0

    @staticmethod
    def initialize(
        location: str | os.PathLike[str] | None = None,
        *,
        enabled: bool | None = None,
        overwrite: bool | None = None,
        timeout: float = CACHE_TIMEOUT,
    ) -> None:
        """Opens the store. The other methods do so by themselves, with the defaults, when it isn't open yet.

        :param location: the folder of the store, in which ``~`` and variables are expanded; by default
            ``$FLYTE_LOCAL_CACHE_LOCATION``, else ``~/.flyte/local-cache``. It is made if need be, with access for its
            owner only.
        :param enabled: False makes :meth:`get` find nothing and :meth:`set` keep nothing; by default
            ``$FLYTE_LOCAL_CACHE_ENABLED`` decides, at each call.
        :param overwrite: True makes :meth:`get` find nothing; by default ``$FLYTE_LOCAL_CACHE_OVERWRITE`` decides, at
            each call.
        :param timeout: how long a call may wait for other processes, in seconds.
        :raises TimeoutError: other processes kept the store locked for that long.
        :raises OSError: the store can't be made or opened at this place.
        """
        chosen = os.fspath(location or os.environ.get(CACHE_LOCATION_ENV_VAR) or CACHE_LOCATION)
        directory = os.path.abspath(os.path.expandvars(os.path.expanduser(chosen)))
        with LocalTaskCache._lock:
            LocalTaskCache._enabled = enabled
            LocalTaskCache._overwrite = overwrite
            LocalTaskCache._timeout = timeout
            LocalTaskCache._open(directory)

    @staticmethod
    def clear() -> None:
        """Removes all entries.

        :raises TimeoutError: other processes kept the store locked for longer than the time-out.
        """
        LocalTaskCache._run(lambda store: store.clear())

    @staticmethod
    def get(
        task_name: str,
        cache_version: str,
        input_literal_map: LiteralMap,
        cache_ignore_input_vars: tuple[str, ...],
    ) -> LiteralMap | None:
        """Looks up the result of an execution.

        :param task_name: name of the task.
        :param cache_version: version of the task's results; another version has other entries.
        :param input_literal_map: the inputs.
        :param cache_ignore_input_vars: names of inputs that have no bearing on the result.
        :return: the outputs; None if there are none, they can't be read, or the store stayed locked (the last two are
            logged), or if the cache is switched off or to be overwritten.
        """
        enabled, overwrite = LocalTaskCache._switches()
        if not enabled or overwrite:
            return None
        key = _calculate_cache_key(task_name, cache_version, input_literal_map, cache_ignore_input_vars)
        try:
            return LocalTaskCache._run(lambda store: LocalTaskCache._read(store, key))
        except TimeoutError as error:
            logger.warning("Local cache: took entry %s as absent: %s", key, error)
            return None

    @staticmethod
    def set(
        task_name: str,
        cache_version: str,
        input_literal_map: LiteralMap,
        cache_ignore_input_vars: tuple[str, ...],
        value: LiteralMap,
    ) -> None:
        """Keeps the result of an execution. If the store stays locked, it isn't kept, and a warning is logged.

        :param task_name: name of the task.
        :param cache_version: version of the task's results.
        :param input_literal_map: the inputs.
        :param cache_ignore_input_vars: names of inputs that have no bearing on the result.
        :param value: the outputs.
        """
        enabled, _ = LocalTaskCache._switches()
        if not enabled:
            return
        key = _calculate_cache_key(task_name, cache_version, input_literal_map, cache_ignore_input_vars)
        data = value.to_flyte_idl().SerializeToString()
        try:
            # flytekit leaves the tag unused; a checksum there doesn't change what it reads.
            LocalTaskCache._run(lambda store: store.set(key, data, tag=_checksum(key, data)))
            LocalTaskCache._sets += 1
            if LocalTaskCache._sets % _CULL_EVERY == 0:
                LocalTaskCache._run(lambda store: store.cull())
        except TimeoutError as error:
            logger.warning("Local cache: entry %s was not kept: %s", key, error)

    @staticmethod
    def _switches() -> tuple[bool, bool]:
        """Whether the cache is enabled, and whether it is to be overwritten."""
        enabled, overwrite = LocalTaskCache._enabled, LocalTaskCache._overwrite
        if enabled is None or overwrite is None:
            config = LocalConfig.auto()
            enabled = config.cache_enabled if enabled is None else enabled
            overwrite = config.cache_overwrite if overwrite is None else overwrite
        return enabled, overwrite

    @staticmethod
    def _read(store: diskcache.Cache, key: str) -> LiteralMap | None:
        missing = None
        while True:
            try:
                value, checksum = store.get(key, tag=True)
                return None if value is None else _decode(key, value, checksum)
            except _MissingFileError as error:
                # Between finding an entry and opening its file, another process may have replaced it: look again.
                if str(error) != missing:
                    missing = str(error)
                    continue
                reason: Exception = error
            except _BadEntryError as error:
                reason = error
            logger.warning("Local cache: entry %s can't be read (%s); dropped it", key, reason)
            # Gone, so that it is reported once and its space is free.
            store.delete(key)
            return None

    @staticmethod
    def _run(action: Callable[[Any], _T]) -> _T:
        """Does something with the store, once more if its database had to be replaced."""
        if not LocalTaskCache._initialized:
            with LocalTaskCache._lock:
                if not LocalTaskCache._initialized:
                    LocalTaskCache.initialize()
        store = LocalTaskCache._cache
        try:
            return action(store)
        except (sqlite3.Error, diskcache.Timeout) as error:
            reason = _sorted_error(error)
            # Somebody may also have removed the whole folder.
            if not isinstance(reason, _DamagedError) and _identity(store.directory) is not None:
                raise reason from error
        with LocalTaskCache._lock:
            # Another thread may have replaced it already.
            if LocalTaskCache._cache is store:
                LocalTaskCache._open(store.directory, reason)
        try:
            return action(LocalTaskCache._cache)
        except (sqlite3.Error, diskcache.Timeout) as error:
            raise _sorted_error(error) from error

    @staticmethod
    def _open(directory: str, reason: Exception | None = None) -> None:
        """Opens the store, replacing its database if that is damaged.

        :param reason: what is known to be wrong with the database that is open now.
        """
        if LocalTaskCache._initialized:
            LocalTaskCache._cache.close()
        # A call may meet a lock twice, when it connects and when it acts.
        timeout = LocalTaskCache._timeout / 2
        damaged = LocalTaskCache._database
        if reason is None or _identity(directory) != damaged:
            damaged, reason = _identity(directory), None
            try:
                store = _open_store(directory, timeout)
            except _DamagedError as error:
                reason = error
        if reason is not None:
            with _repair_lock(directory, timeout):
                # Another process may have replaced it while this one waited for the lock.
                if _identity(directory) == damaged:
                    _set_aside(directory, reason)
                store = _open_store(directory, timeout)
        LocalTaskCache._cache = store
        LocalTaskCache._database = _identity(directory)
        LocalTaskCache._initialized = True


def _close() -> None:
    if LocalTaskCache._initialized:
        LocalTaskCache._cache.close()


def _renew_lock() -> None:
    # Another thread may have held it when the process was forked; that thread doesn't exist in the child.
    LocalTaskCache._lock = threading.RLock()


atexit.register(_close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)
