"""Cache of local task executions on disk, so that the same execution is not repeated.

The store is the one of flytekit 1.16, read and written in the same format: at ``~/.flyte/local-cache``, with values
that are serialized ``LiteralMap`` messages. Nothing in the store is trusted: values that can't be read, are damaged, or
were planted count as absent. And nothing that is wrong with the store fails a task.
"""

from __future__ import annotations

import atexit
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from flytekit.configuration import LocalConfig
from flytekit.loggers import logger
from flytekit_models._cache.errors import BadEntryError
from flytekit_models._cache.inputs import pack
from flytekit_models._cache.keys import calculate as _calculate_cache_key
from flytekit_models._cache.keys import of_inputs, written
from flytekit_models._cache.keys import with_hashes_alone as _recursive_hash_placement
from flytekit_models._cache.reader import checksum, decode
from flytekit_models._cache.store import Store
from flytekit_models.model.state import is_model

if TYPE_CHECKING:
    from flytekit.models.literals import LiteralMap
    from flytekit_models._cache.misses import Explanation

__all__ = [
    "CACHE_LOCATION",
    "CACHE_LOCATION_ENV_VAR",
    "CACHE_TIMEOUT",
    "LocalTaskCache",
    "_calculate_cache_key",
    "_recursive_hash_placement",
]

CACHE_LOCATION = "~/.flyte/local-cache"
"""Where the store is, unless the environment or an argument says otherwise."""

CACHE_LOCATION_ENV_VAR = "FLYTE_LOCAL_CACHE_LOCATION"
"""The environment variable that says where the store is."""

CACHE_TIMEOUT = 60.0
"""How long one call waits for other processes, in seconds, unless an argument says otherwise."""


class LocalTaskCache:
    """A persistent store of task results.

    All methods are static: a process has one local cache. It may be used from any thread, from signal handlers and from
    ``__del__``, and by several processes at once, flytekit's among them. No call waits for other processes longer than
    the time-out.
    """

    # flytekit's code and tests know the first two of these.
    _cache: ClassVar[Any]
    _initialized: ClassVar[bool] = False
    _enabled: ClassVar[bool | None] = None
    _overwrite: ClassVar[bool | None] = None
    _timeout: ClassVar[float] = CACHE_TIMEOUT

    @staticmethod
    def initialize(
        location: str | os.PathLike[str] | None = None,
        *,
        enabled: bool | None = None,
        overwrite: bool | None = None,
        timeout: float = CACHE_TIMEOUT,
    ) -> None:
        """Open the store. The other methods open it with the defaults if necessary.

        If the cache is disabled, nothing is opened. A failed call changes nothing.

        This method requires a writable store; the other methods can also use a read-only one.

        :param location: the folder of the store, in which ``~`` and variables are expanded; by default
            ``$FLYTE_LOCAL_CACHE_LOCATION``, else ``~/.flyte/local-cache``. It is made if need be, with access for its
            owner only.
        :param enabled: False makes :meth:`get` find nothing and :meth:`set` keep nothing; by default
            ``$FLYTE_LOCAL_CACHE_ENABLED`` decides, at each call.
        :param overwrite: True makes :meth:`get` find nothing; by default ``$FLYTE_LOCAL_CACHE_OVERWRITE`` decides, at
            each call.
        :param timeout: how long a call may wait for other processes, in seconds.
        :raises TimeoutError: other processes kept the store locked for that long.
        :raises OSError: the store can't be made, opened or written at this place.
        """
        asked_for = threading.get_ident() not in _opening
        store = Store(_place(location), timeout, _warn)
        if LocalConfig.auto().cache_enabled if enabled is None else enabled:
            store.open(to_write=asked_for)
        before = LocalTaskCache._cache if LocalTaskCache._initialized else None
        if before is not None and not asked_for:
            # Somebody chose a store while this one was being opened for want of any.
            store.close()
            return
        LocalTaskCache._enabled = enabled
        LocalTaskCache._overwrite = overwrite
        LocalTaskCache._timeout = timeout
        LocalTaskCache._cache = store
        LocalTaskCache._initialized = True
        if before is not None:
            before.close()

    @staticmethod
    def clear() -> None:
        """Remove all entries. If the cache is disabled and there is no store, none is created.

        :raises TimeoutError: other processes kept the store locked for longer than the time-out.
        :raises OSError: the store can't be opened, or not be written.
        """
        store = _store()
        if _switches()[0] or os.path.exists(os.path.join(store.directory, "cache.db")):
            store.clear()

    @staticmethod
    def get(
        task_name: str,
        cache_version: str,
        input_literal_map: LiteralMap,
        cache_ignore_input_vars: tuple[str, ...],
    ) -> LiteralMap | None:
        """Look up the result of an execution.

        :param task_name: name of the task.
        :param cache_version: version of the task's results; another version has other entries.
        :param input_literal_map: the inputs.
        :param cache_ignore_input_vars: names of inputs that have no bearing on the result.
        :return: the outputs; None if there are none, they can't be read, or the store can't be used (the last two are
            logged), or if the cache is switched off or to be overwritten.
        """
        enabled, overwrite = _switches()
        if not enabled or overwrite:
            return None
        key = _calculate_cache_key(task_name, cache_version, input_literal_map, cache_ignore_input_vars)
        try:
            return _read(_store(), key)
        except Exception as error:  # whatever is wrong with a cache, the task can do without
            logger.warning("Local cache: took entry %s as absent: %s", _shown(key), _said(error))
            return None

    @staticmethod
    def set(
        task_name: str,
        cache_version: str,
        input_literal_map: LiteralMap,
        cache_ignore_input_vars: tuple[str, ...],
        value: LiteralMap,
    ) -> None:
        """Store the result of an execution. If the store is unusable, log a warning instead.

        :param task_name: name of the task.
        :param cache_version: version of the task's results.
        :param input_literal_map: the inputs.
        :param cache_ignore_input_vars: names of inputs that have no bearing on the result.
        :param value: the outputs.
        """
        if not _switches()[0]:
            return
        inputs = written(input_literal_map, cache_ignore_input_vars)
        key = of_inputs(task_name, cache_version, inputs)
        data = _serialized(value)
        try:
            # flytekit leaves the tag unused; a checksum and the inputs there don't change what it reads.
            _store().set(key, data, tag=checksum(key, data) + pack(inputs))
        except Exception as error:  # whatever is wrong with a cache, the task has its result
            logger.warning("Local cache: entry %s was not kept: %s", _shown(key), _said(error))

    @staticmethod
    def explain(
        task_name: str,
        cache_version: str,
        input_literal_map: LiteralMap,
        cache_ignore_input_vars: tuple[str, ...] = (),
    ) -> Explanation:
        """Explain a cache miss: compare the inputs with those of the nearest entry.

        The result prints well. Entries written by flytekit do not contain their inputs.

        :param task_name: name of the task.
        :param cache_version: version of the task's results.
        :param input_literal_map: the inputs.
        :param cache_ignore_input_vars: names of inputs that have no bearing on the result.
        :return: whether there is an entry, the reason, and the differences.
        :raises TimeoutError: other processes kept the store locked for longer than the time-out.
        :raises OSError: the store can't be opened or read.
        """
        from flytekit_models._cache.misses import Explanation, explain

        inputs = written(input_literal_map, cache_ignore_input_vars)
        enabled, overwrite = _switches()
        if not enabled or overwrite:
            reason = "The local cache is switched off." if not enabled else "The local cache is to be overwritten."
            return Explanation(of_inputs(task_name, cache_version, inputs), False, reason)
        return explain(_store(), task_name, cache_version, inputs)


def _place(location: str | os.PathLike[str] | None) -> str:
    chosen = os.fspath(location or os.environ.get(CACHE_LOCATION_ENV_VAR) or CACHE_LOCATION)
    expanded = os.path.expandvars(os.path.expanduser(chosen))
    # Where no home is known, the tilde stays; nobody means a folder of that name, and the store refuses it.
    return expanded if expanded.startswith("~") else os.path.abspath(expanded)


def _serialized(value: Any) -> bytes:
    wire: bytes = value.to_bytes() if is_model(value) else value.to_flyte_idl().SerializeToString()
    return wire


def _switches() -> tuple[bool, bool]:
    """Whether the cache is enabled, and whether it is to be overwritten."""
    enabled, overwrite = LocalTaskCache._enabled, LocalTaskCache._overwrite
    if enabled is None or overwrite is None:
        config = LocalConfig.auto()
        enabled = config.cache_enabled if enabled is None else enabled
        overwrite = config.cache_overwrite if overwrite is None else overwrite
    return enabled, overwrite


_opening: set[int] = set()
"""The threads that open the store because they need one."""


def _store() -> Any:
    # Of threads that meet here, each opens the store for itself, and the first one's stays. A lock would make them wait
    # for each other, one time-out after the other, and a signal handler for the code that it interrupted.
    if not LocalTaskCache._initialized:
        _opening.add(threading.get_ident())
        try:
            LocalTaskCache.initialize()
        finally:
            _opening.discard(threading.get_ident())
    return LocalTaskCache._cache


def _read(store: Any, key: str) -> LiteralMap | None:
    try:
        value, tag = store.get(key, tag=True)
        return None if value is None else decode(key, value, tag)
    except BadEntryError as error:
        # Gone, so that it is reported once and its space is free.
        with suppress(OSError):
            store.delete(key)
        logger.warning("Local cache: entry %s can't be read (%s); dropped it", _shown(key), error)
        return None


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, OSError) and str(error) else f"{type(error).__name__}: {error}"


def _shown(key: str) -> str:
    """A key as any log takes it: surrogates, which have no place in UTF-8, are escaped."""
    return key.encode("utf-8", "backslashreplace").decode()


def _warn(message: str) -> None:
    logger.warning("Local cache: %s", message)


def _close() -> None:
    if LocalTaskCache._initialized:
        LocalTaskCache._cache.close()


atexit.register(_close)
