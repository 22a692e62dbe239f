"""Statistics against a real statsd daemon, read back over its admin port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import statsd
import statsd_daemon
from statsd_daemon import Daemon

from flytekit.configuration import StatsConfig
from flytekit.interfaces.stats import client, taggable
from flytekit.interfaces.stats.taggable import TaggableStats

pytestmark = [
    pytest.mark.skipif(not statsd_daemon.NODE, reason="SKIPPED WITHOUT A REAL DAEMON: node or npm is not installed"),
    pytest.mark.xdist_group("statsd"),
]

_HOUR = 3_600_000


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with statsd_daemon.running(tmp_path_factory.mktemp("statsd"), _HOUR) as running:
        yield running


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    yield
    client._close_clients()


def _stats(daemon: Daemon, prefix: str, tags: dict[str, object] | None = None, **config: bool) -> TaggableStats:
    return taggable.get_stats(StatsConfig(host="127.0.0.1", port=daemon.port, **config), prefix, tags)


def test_counters(daemon: Daemon) -> None:
    stats = _stats(daemon, "Counters")
    stats.incr("up")
    stats.incr("up", 4)
    stats.decr("down", 3)
    stats.incr("half", 2, rate=1)
    stats.incr("last")
    found = daemon.wait_for("counters", "counters.last")
    assert (found["counters.up"], found["counters.down"], found["counters.half"]) == (5, -3, 2)


def test_gauges(daemon: Daemon) -> None:
    stats = _stats(daemon, "gauges")
    stats.gauge("memory", 1024)
    stats.gauge("level", 10)
    stats.gauge("level", -4, delta=True)
    stats.gauge("cold", -7)
    stats.gauge("last", 0.5)
    found = daemon.wait_for("gauges", "gauges.last")
    assert (found["gauges.memory"], found["gauges.level"], found["gauges.cold"]) == (1024, 6, -7)
    assert found["gauges.last"] == 0.5


def test_timers(daemon: Daemon) -> None:
    stats = _stats(daemon, "timers")
    stats.timing("number", 250)
    stats.timing("delta", timedelta(seconds=2), tags={"unit": "ms"})
    with stats.timer("block", tags={"a": "b"}):
        pass

    @stats.timer("call")
    def call() -> int:
        return 3

    assert call() == call() == 3
    found = daemon.wait_for("timers", "timers.call", "timers.block.__a=b")
    assert found["timers.number"] == [250]
    assert found["timers.delta.__unit=ms"] == [2000]
    assert len(found["timers.block.__a=b"]) == 1
    assert len(found["timers.call"]) == 2
    assert all(0 <= value < 10_000 for value in [*found["timers.call"], *found["timers.block.__a=b"]])


def test_sets(tmp_path_factory: pytest.TempPathFactory) -> None:
    with statsd_daemon.running(tmp_path_factory.mktemp("statsd-sets"), 100) as daemon:
        stats = _stats(daemon, "sets", {"t": "v"})
        for user in ["ann", "bob", "ann", "\u00e9", "\u00fc"]:
            stats.set("users", user)
        # Two values that can't be sent as they are stay two.
        assert daemon.wait_for_set("sets.users.__t=v", 4) == {"ann", "bob", "\\xe9", "\\xfc"}


def test_nested_scopes_and_tags(daemon: Daemon) -> None:
    stats = _stats(daemon, "scopes", {"project": "p", "domain": "a.b:c|d"})
    inner = stats.get_stats("outer").get_stats("inner")
    inner.incr("count", tags={"kind": "x"})
    inner.incr("count", per_host=True)
    stats.get_stats("bare", copy_tags=False).incr("count")
    name = "scopes.outer.inner.count.__"
    found = daemon.wait_for("counters", "scopes.bare.count")
    assert found[f"{name}domain=a_b_c_d.__kind=x.__project=p"] == 1
    assert found[f"{name}_f=i.__domain=a_b_c_d.__project=p"] == 1


def test_names_that_cannot_be_sent_as_they_are(daemon: Daemon) -> None:
    stats = _stats(daemon, "names", {"ok": "yes"})
    stats.incr("caf\u00e9")
    stats.incr("a:b|c")
    stats.incr("two\nlines")
    stats.get_stats("\u65e5\u672c").incr("scope")
    stats.incr("tag", tags={"key\u00e9": 1})
    stats.incr("tag", tags={"key": "\u00e9"})
    stats.incr("mixed", tags={1: "a", "b": 2})
    before = daemon.read("counters")["statsd.bad_lines_seen"]
    stats.incr("last")
    found = daemon.wait_for("counters", "names.last.__ok=yes")
    for name in ["caf_", "a_b_c", "two_lines", "__.scope", "mixed.__1=a.__b=2"]:
        assert found[f"names.{name}.__ok=yes"] == 1
    # With a tag that isn't ASCII a metric has no tags at all.
    assert found["names.tag"] == 2
    assert found["statsd.bad_lines_seen"] == before == 0


def test_disabled_tags(daemon: Daemon) -> None:
    stats = _stats(daemon, "untagged", {"a": "b"}, disabled_tags=True)
    stats.get_stats("scope").incr("count", tags={"c": "d"}, per_host=True)
    assert daemon.wait_for("counters", "untagged.scope.count")["untagged.scope.count"] == 1


def test_pipelines(daemon: Daemon) -> None:
    stats = _stats(daemon, "pipes", {"a": "b"}).get_stats("scope")
    with stats.pipeline() as pipe:
        for _ in range(100):
            pipe.incr("count")
        pipe.get_stats("deeper").gauge("level", -3, tags={"\u00e9": 1})
        assert "pipes.scope.count.__a=b" not in daemon.read("counters")
    unsent = stats.pipeline()
    unsent.incr("later")
    unsent.send()
    found = daemon.wait_for("counters", "pipes.scope.later.__a=b")
    assert found["pipes.scope.count.__a=b"] == 100
    assert daemon.wait_for("gauges", "pipes.scope.deeper.level")["pipes.scope.deeper.level"] == -3


def test_base_stats(daemon: Daemon) -> None:
    config = StatsConfig(host="127.0.0.1", port=daemon.port)
    stats = client.get_stats(config, "base")
    assert stats._prefix == "base"
    stats.get_stats("scope").incr("count", 2, tags={"k": "v"})
    with stats.pipeline() as pipe:
        pipe.incr("piped")
    found = daemon.wait_for("counters", "base.piped")
    assert found["base.scope.count.__k=v"] == 2


def test_a_client_of_statsd_itself(daemon: Daemon) -> None:
    own = statsd.StatsClient("127.0.0.1", daemon.port, prefix="own")
    try:
        stats = TaggableStats(own, "own", tags={"a": "b"})
        stats.get_stats("caf\u00e9").incr("count")
        stats.set("values", "\u00e9")
        found = daemon.wait_for("counters", "own.caf_.count.__a=b")
        assert found["own.caf_.count.__a=b"] == 1
    finally:
        own.close()


def test_disabling_one_leaves_the_others_alone(daemon: Daemon) -> None:
    off = _stats(daemon, "switch", disabled=True)
    on = _stats(daemon, "switch")
    off.incr("off")
    on.incr("on")
    assert "switch.off" not in daemon.wait_for("counters", "switch.on")


def test_metrics_of_many_threads_all_arrive(daemon: Daemon) -> None:
    config = StatsConfig(host="127.0.0.1", port=daemon.port)
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        stats = client.get_base_stats(config, "threads")
        for _ in range(20):
            stats.incr("count")

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def look() -> bool | None:
        return daemon.read("counters").get("threads.count") == 160 or None

    statsd_daemon._wait_for(look)
