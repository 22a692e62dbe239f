"""Statistics that are kept in memory, for tests."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ContextDecorator
from datetime import timedelta
from typing import Any

_OTHERS_SECONDS = 1.0
"""How long another thread's values are waited for, which may wait for this thread themselves."""


class MockStats:
    """A stand-in for :class:`~flytekit.interfaces.stats.taggable.TaggableStats` that records metrics.

    The metric ``m`` of scope ``s`` is recorded as ``s.m``, with its last value, or its sum for counters, and the tags
    of the last call. Keywords that only matter to the daemon, such as ``rate``, are ignored.

    :param scope: what comes before the names of all metrics.
    :param tags: kept as the attribute ``tags``; the records have those of each call only.
    """

    def __init__(self, scope: str = "", tags: Mapping[str, object] | None = None) -> None:
        self.scope = scope
        self.tags = tags
        self._log = _Log()
        self._records = self._log.values
        self._records_tags = self._log.tags

    def get_stats(self, name: str, copy_tags: bool = True) -> MockStats:
        """Return statistics for a nested scope. Both share their records.

        :param name: the scope.
        :param copy_tags: whether it has the same ``tags``.
        """
        scoped = MockStats(f"{self.scope}.{name}" if self.scope else name, self.tags if copy_tags else None)
        scoped._log, scoped._records, scoped._records_tags = self._log, self._records, self._records_tags
        return scoped

    def incr(self, metric: str, count: float = 1, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Add ``count`` to a counter, which starts at 0."""
        self._log.change(self._full_name(metric), tags, lambda before: count if before is None else before + count)

    def decr(self, metric: str, count: float = 1, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Subtract ``count`` from a counter, which starts at 0."""
        self.incr(metric, -count, tags)

    def timing(
        self, metric: str, delta: float | timedelta, tags: Mapping[str, object] | None = None, **kwargs: Any
    ) -> None:
        """Record a duration as given: a number of milliseconds, or a timedelta."""
        self.gauge(metric, delta, tags)

    def timer(self, metric: str, tags: Mapping[str, object] | None = None, **kwargs: Any) -> _Timer:
        """Return a context manager and decorator that records the run time as a timedelta."""
        return _Timer(self, metric, tags)

    def gauge(self, metric: str, value: Any, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Record a value."""
        self._log.change(self._full_name(metric), tags, lambda before: value)

    def set(self, metric: str, value: Any, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Add a value to a set. The record is a ``frozenset`` of all values."""
        self._log.change(self._full_name(metric), tags, lambda before: frozenset({*(before or ()), value}))

    def current_value(self, metric: str) -> Any:
        """Return the recorded value of a metric in this scope, or None."""
        return self._records.get(self._full_name(metric))

    def current_tags(self, metric: str) -> Mapping[str, object] | None:
        """Return the tags of the last call for a metric in this scope, or None."""
        return self._records_tags.get(self._full_name(metric))

    def _full_name(self, metric: str) -> str:
        return f"{self.scope}.{metric}"


class _Change:
    """What is to be done to one value."""

    def __init__(self, name: str, tags: Mapping[str, object], of_value: Callable[[Any], Any]) -> None:
        self.name = name
        self.tags = tags
        self.of_value = of_value
        self.error: Exception | None = None


class _Log:
    """What was recorded, by full names.

    Values are the callers' objects, which run code of their own when they are added up. So whoever comes while another
    adds one up leaves its own to be added next.
    """

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.tags: dict[str, Mapping[str, object]] = {}
        self._changes: deque[_Change] = deque()
        self._changing: dict[None, object] = {}
        """The token of whoever makes changes."""
        self._turns: dict[object, int] = {}
        """The threads that make changes, or wait for that: what interrupts them leaves its own to them."""

    def change(self, name: str, tags: Mapping[str, object] | None, of_value: Callable[[Any], Any]) -> None:
        """Change a value; that has been done when this returns, unless the caller has interrupted another."""
        change = _Change(name, dict(tags or {}), of_value)
        self._changes.append(change)
        thread = threading.get_ident()
        while self._changes and thread not in self._turns.values():
            if not self._take_turn(thread):
                break
        if change.error is not None:
            raise change.error

    def _take_turn(self, thread: int) -> bool:
        """Make all changes, when nobody else does; False if that takes too long.

        An interruption at any point leaves no turn behind: it is known by a token of its own.
        """
        token = object()
        try:
            self._turns[token] = thread
            deadline = time.monotonic() + _OTHERS_SECONDS
            while self._changing.setdefault(None, token) is not token:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.0002)
            self._make_changes()
            return True
        finally:
            if self._changing.get(None) is token:
                del self._changing[None]
            self._turns.pop(token, None)

    def _make_changes(self) -> None:
        while self._changes:
            change = self._changes.popleft()
            try:
                self.values[change.name] = change.of_value(self.values.get(change.name))
                self.tags[change.name] = change.tags
            except Exception as error:
                change.error = error


class _Timer(ContextDecorator):
    def __init__(self, mock_stats: MockStats, metric: str, tags: Mapping[str, object] | None) -> None:
        self._mock_stats = mock_stats
        self._metric = metric
        self._tags = tags
        self._started = 0.0

    def _recreate_cm(self) -> _Timer:
        # As a decorator, one timer for each call, since calls may overlap.
        return _Timer(self._mock_stats, self._metric, self._tags)

    def __enter__(self) -> _Timer:
        self._started = time.perf_counter()
        return self

    def __exit__(self, *exc: object) -> None:
        elapsed = timedelta(seconds=time.perf_counter() - self._started)
        self._mock_stats.gauge(self._metric, elapsed, self._tags)
