"""flytekit.core.mock_stats: what tests find in it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from flytekit.core import mock_stats
from flytekit.core.mock_stats import MockStats


def test_counters_and_gauges() -> None:
    stats = MockStats("s")
    stats.incr("c", tags={"a": "b"})
    stats.incr("c", 4, rate=0.5)
    stats.decr("c", 2)
    stats.gauge("g", 0.75, tags={"k": "v"}, delta=False)
    assert stats._records == {"s.c": 3, "s.g": 0.75}
    assert stats._records_tags == {"s.c": {}, "s.g": {"k": "v"}}
    assert (stats.current_value("c"), stats.current_tags("g")) == (3, {"k": "v"})
    assert stats.current_value("other") is None
    assert stats.current_tags("other") is None


def test_timing_records() -> None:
    stats = MockStats("s")
    stats.timing("number", 250, tags={"k": "v"})
    stats.timing("delta", timedelta(seconds=1))
    assert (stats.current_value("number"), stats.current_tags("number")) == (250, {"k": "v"})
    assert stats.current_value("delta") == timedelta(seconds=1)


def test_timer_records_also_when_its_body_fails() -> None:
    stats = MockStats("s")
    with pytest.raises(KeyError), stats.timer("t", tags={"k": "v"}, rate=1):
        raise KeyError
    assert timedelta(0) <= stats.current_value("t") < timedelta(seconds=10)
    assert stats.current_tags("t") == {"k": "v"}


def test_timer_as_a_decorator() -> None:
    stats = MockStats("s")

    @stats.timer("t")
    def recursive(depth: int) -> int:
        return depth and recursive(depth - 1)

    assert recursive(3) == 0
    assert isinstance(stats.current_value("t"), timedelta)


def test_sets_are_values_seen() -> None:
    stats = MockStats("s")
    for user in ["ann", "bob", "ann"]:
        stats.set("users", user)
    assert stats.current_value("users") == {"ann", "bob"}


def test_scopes_share_the_records() -> None:
    root = MockStats("s", tags={"a": "b"})
    inner = root.get_stats("x").get_stats("y")
    inner.incr("c")
    assert root._records == {"s.x.y.c": 1}
    assert inner.current_value("c") == 1
    assert inner.tags == {"a": "b"}
    assert root.get_stats("x", copy_tags=False).tags is None
    assert MockStats().get_stats("x").scope == "x"


def test_without_a_scope_names_begin_with_a_dot_as_in_flytekit() -> None:
    stats = MockStats()
    stats.incr("c")
    assert stats._records == {".c": 1}


def test_tags_are_copied() -> None:
    stats, tags = MockStats("s"), {"a": "b"}
    stats.incr("c", tags=tags)
    tags["a"] = "changed"
    assert stats.current_tags("c") == {"a": "b"}


def test_counting_from_many_threads() -> None:
    stats = MockStats("s")

    def count() -> None:
        scope = stats.get_stats("x")
        for _ in range(500):
            scope.incr("c")

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stats._records == {"s.x.c": 4000}


def test_a_value_that_runs_code_of_its_own_may_count() -> None:
    """In the middle of being added up; and an error of it is its caller's."""
    stats = MockStats("app")

    class Number(int):
        def __radd__(self, other: int) -> int:
            stats.incr("nested")
            return other + int(self)

    stats.incr("m")
    stats.incr("m", Number(2))
    assert stats._records == {"app.m": 3, "app.nested": 1}
    with pytest.raises(TypeError):
        stats.set("unhashable", [])
    stats.incr("m")
    assert stats.current_value("m") == 4


def test_a_thread_that_waits_for_another_in_a_value_does_not_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mock_stats, "_OTHERS_SECONDS", 0.05)
    stats = MockStats("app")

    class Number(int):
        def __radd__(self, other: int) -> int:
            thread = threading.Thread(target=stats.incr, args=("of the thread",))
            thread.start()
            thread.join()
            return other + int(self)

    stats.incr("m")
    stats.incr("m", Number(2))
    assert stats._records == {"app.m": 3, "app.of the thread": 1}
