"""Statistics that are kept in memory, for tests to look at."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import ContextDecorator
from datetime import timedelta
from typing import Any


class MockStats:
    """Stands in for :class:`~flytekit.interfaces.stats.taggable.TaggableStats` and remembers the metrics.

    The metric ``m`` of scope ``s`` is recorded as ``s.m``, with its last value, or its sum for counters, and the tags
    of the last call. Keywords that only matter to the daemon, such as ``rate``, are ignored.

    :param scope: what comes before the names of all metrics.
    :param tags: kept as the attribute ``tags``; the records have those of each call only.
    """

    def __init__(self, scope: str = "", tags: Mapping[str, object] | None = None) -> None:
        self.scope = scope
        self.tags = tags
        self._records: dict[str, Any] = {}
        self._records_tags: dict[str, Mapping[str, object]] = {}
        self._lock = threading.Lock()

    def get_stats(self, name: str, copy_tags: bool = True) -> MockStats:
        """Gives statistics for a scope within this one. Both see the same records.

        :param name: the scope.
        :param copy_tags: whether it has the same ``tags``.
        """
        scoped = MockStats(f"{self.scope}.{name}" if self.scope else name, self.tags if copy_tags else None)
        scoped._records, scoped._records_tags, scoped._lock = self._records, self._records_tags, self._lock
        return scoped

    def incr(self, metric: str, count: float = 1, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Adds ``count`` to a counter, which starts at 0."""
        with self._lock:
            self._record(metric, self._records.get(self._full_name(metric), 0) + count, tags)

    def decr(self, metric: str, count: float = 1, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Takes ``count`` from a counter, which starts at 0."""
        self.incr(metric, -count, tags)

    def timing(
        self, metric: str, delta: float | timedelta, tags: Mapping[str, object] | None = None, **kwargs: Any
    ) -> None:
        """Records a duration as it is given: a number, in milliseconds, or a timedelta."""
        self.gauge(metric, delta, tags)

    def timer(self, metric: str, tags: Mapping[str, object] | None = None, **kwargs: Any) -> _Timer:
        """Gives a context manager, which is also a decorator, that records how long its body took, as a timedelta."""
        return _Timer(self, metric, tags)

    def gauge(self, metric: str, value: Any, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Records a value."""
        with self._lock:
            self._record(metric, value, tags)

    def set(self, metric: str, value: Any, tags: Mapping[str, object] | None = None, **kwargs: Any) -> None:
        """Adds a value to a set, whose record is a ``frozenset`` of all its values."""
        with self._lock:
            self._record(metric, self._records.get(self._full_name(metric), frozenset()) | {value}, tags)

    def current_value(self, metric: str) -> Any:
        """What is recorded of a metric in this scope; None if nothing is."""
        return self._records.get(self._full_name(metric))

    def current_tags(self, metric: str) -> Mapping[str, object] | None:
        """The tags of the last call for a metric in this scope; None if there was none."""
        return self._records_tags.get(self._full_name(metric))

    def _full_name(self, metric: str) -> str:
        return f"{self.scope}.{metric}"

    def _record(self, metric: str, value: Any, tags: Mapping[str, object] | None) -> None:
        name = self._full_name(metric)
        self._records[name] = value
        self._records_tags[name] = dict(tags or {})


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
