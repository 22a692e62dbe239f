"""Statistics without a daemon: what is sent, and that nothing gets in the program's way."""

from __future__ import annotations

import copy
import doctest
import logging
import socket
import time
import timeit
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import statsd

from flytekit.configuration import StatsConfig
from flytekit.core.mock_stats import MockStats
from flytekit.interfaces.stats import client, taggable
from flytekit.interfaces.stats.client import DummyStatsClient, ScopeableStatsProxy, StatsClientProxy
from flytekit.interfaces.stats.taggable import TaggableStats


class Recorder(DummyStatsClient):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def _send(self, data: str) -> None:
        self.sent.append(data)


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    yield
    client._close_clients()


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "socket", refuse)


@pytest.mark.usefixtures("no_network")
def test_dummy_and_disabled_clients_do_not_use_the_network() -> None:
    dummy = DummyStatsClient("no.such.host.invalid", prefix="p")
    assert isinstance(dummy, statsd.StatsClient)
    dummy.incr("a")
    dummy.gauge("a", -1)
    with dummy.pipeline() as pipe:
        pipe.incr("a")
    dummy.close()
    stats = taggable.get_stats(StatsConfig(host="no.such.host.invalid", disabled=True), "P", {"a": "b"})
    stats.incr("a", tags={"c": "d"})
    stats.get_stats("s").set("x", "y")
    with stats.timer("a") as timer:
        pass
    assert timer.ms >= 0
    with stats.pipeline() as collected:
        collected.timing("a", 3)
    # Until the first metric, neither does a client that is on.
    taggable.get_stats(StatsConfig(host="no.such.host.invalid"), "p")


def test_names_of_scopes() -> None:
    recorder = Recorder()
    stats = StatsClientProxy(recorder, "root")
    stats.incr("m")
    stats.get_stats("a").get_stats("b").gauge("m", 2)
    StatsClientProxy(recorder).get_stats("a").incr("m", 3)
    ScopeableStatsProxy(recorder, "").incr("m", count=4)
    assert recorder.sent == ["root.m:1|c", "root.a.b.m:2|g", "a.m:3|c", "m:4|c"]
    assert stats._prefix == "root"
    assert stats.sent is recorder.sent  # all else is the client's
    with pytest.raises(AttributeError):
        _ = stats.nothing_of_this_name


def test_full_prefix() -> None:
    stats = TaggableStats(Recorder(), "root")
    assert stats.full_prefix == "root"
    assert stats.get_stats("a").get_stats("b").full_prefix == "root.a.b"
    assert TaggableStats(Recorder(), None).get_stats("a").get_stats("b").full_prefix == "a.b"


def test_tags_of_taggable_stats() -> None:
    recorder = Recorder()
    mine = {"a": "global"}
    stats = TaggableStats(recorder, "root", tags=mine)
    scope = stats.get_stats("s")
    stats.extend_tags({"b": "later"})
    assert mine == {"a": "global"}
    stats.incr("m")
    scope.incr("m", tags={"a": "call", "c": "call"})
    stats.clear_tags()
    stats.incr("m")
    scope.get_stats("t", copy_tags=False).incr("m")
    with stats.pipeline() as pipe:
        pipe.extend_tags({"p": "q"})
        pipe.incr("m")
    assert recorder.sent == [
        "m.__a=global.__b=later:1|c",
        "s.m.__a=global.__c=call:1|c",
        "m:1|c",
        "s.t.m:1|c",
        "m.__p=q:1|c",
    ]


@pytest.mark.parametrize("kind", [ScopeableStatsProxy, lambda c: TaggableStats(c, "r", tags={"g": "h"})])
def test_the_callers_tags_are_left_alone(kind: Any) -> None:
    tags = {"k": "v"}
    kind(Recorder()).incr("m", tags=tags, per_host=True)
    assert tags == {"k": "v"}


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("tags", "name"),
    [
        ({"b": 1, "a": 2}, "m.__a=2.__b=1"),
        ({"k": "a|b.c:d\ne"}, "m.__k=a_b_c_d_e"),
        ({"k": ""}, "m"),
        ({"k|:": "v"}, "m.__k__=v"),
        ({"k": "v", "\u00e9": "w"}, "m"),
        ({"a": "v", "k": "\u00e9"}, "m"),
        ({2: "two", 10: "ten"}, "m.__2=two.__10=ten"),
        ({1: "a", "b": "c", None: "d"}, "m.__1=a.__None=d.__b=c"),
        ({"k": Unprintable()}, "m"),
        ({Unprintable(): "v", 1: 2}, "m"),
        (None, "m"),
    ],
)
def test_serialized_tags(tags: Any, name: str) -> None:
    recorder = Recorder()
    ScopeableStatsProxy(recorder).incr("m", tags=tags)
    assert recorder.sent == [f"{name}:1|c"]


def test_per_host() -> None:
    recorder = Recorder()
    ScopeableStatsProxy(recorder).timing("m", 1, per_host=True)
    assert recorder.sent == ["m.___f=i:1.000000|ms"]


def test_values_of_sets_stay_different() -> None:
    recorder = Recorder()
    stats = ScopeableStatsProxy(recorder)
    for value in ["\u00e9", "\u00fc", "a|b", 3]:
        stats.set("s", value)
    assert recorder.sent == ["s:\\xe9|s", "s:\\xfc|s", "s:a_b|s", "s:3|s"]


def test_unreachable_hosts_cost_metrics_only() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for number in [port, 99999, -1]:
        stats = taggable.get_stats(StatsConfig(host="127.0.0.1", port=number), "p")
        for _ in range(3):  # the second one meets the answer to the first
            stats.incr("m")
        stats.gauge("m", -1)
        with stats.pipeline() as pipe:
            pipe.incr("m")


@pytest.mark.parametrize(
    "host", ["no.such.host.invalid", "x" * 300, "a..b", "a\0b"], ids=["unknown", "long", "empty label", "null"]
)
def test_unresolvable_hosts_are_asked_for_once_and_again_later(
    host: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def count(name: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(name)
        if name == "no.such.host.invalid":
            raise socket.gaierror("unknown")
        return real(name, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", count)
    stats = taggable.get_stats(StatsConfig(host=host), "p")
    udp = client._clients[host, 8125]
    with caplog.at_level(logging.WARNING, "flytekit"):
        for _ in range(3):
            stats.incr("m")
        wait_until(lambda: not udp._look_up)
        assert asked == [host]
        monkeypatch.setattr(client, "_RESOLVE_AGAIN_AFTER", 0.0)
        udp._resolve_at = 0.0
        stats.incr("m")
        wait_until(lambda: not udp._look_up)
    assert asked == [host, host]
    assert len(caplog.records) == 1
    assert not udp._unsent


def test_clients_are_kept_by_daemon() -> None:
    on, off = StatsConfig(), StatsConfig(disabled=True)
    first = client._get_stats_client(on)
    assert isinstance(client._get_stats_client(off), DummyStatsClient)
    assert client._get_stats_client(on) is first
    assert client._get_stats_client(StatsConfig(port=1)) is not first


def test_a_socket_that_cannot_send_costs_the_metric() -> None:
    udp = client._UdpStatsClient("127.0.0.1", 8125)
    stats = TaggableStats(udp, "p")
    stats.incr("m")
    udp._sockets[socket.AF_INET].close()
    stats.incr("m")
    udp.close()
    stats.incr("m")
    udp.close()


def test_the_slower_of_two_sockets_is_closed() -> None:
    udp = client._UdpStatsClient("127.0.0.1", 8125)
    first = udp._open(socket.AF_INET)
    assert udp._open(socket.AF_INET) is first
    udp.close()


def test_a_dummy_that_was_changed_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    dummy = DummyStatsClient()
    stats = TaggableStats(StatsClientProxy(dummy, "p"), "p")
    stats.incr("before")
    sent: list[str] = []
    dummy._send = sent.append
    stats.incr("during")
    with stats.timer("block"):
        pass
    del dummy._send
    stats.incr("after")
    assert [line.split(":")[0] for line in sent] == ["p.during", "p.block"]

    class Counting(DummyStatsClient):
        def incr(self, stat: str, count: int = 1, rate: float = 1) -> None:
            sent.append(stat)

    TaggableStats(Counting(), "p").incr("own")
    assert sent[-1] == "own"


def test_clients_that_lack_a_method() -> None:
    class Few:
        def incr(self, stat: str) -> str:
            return stat

    stats = ScopeableStatsProxy(Few(), "p")
    assert stats.incr("m") == "p.m"
    with pytest.raises(AttributeError):
        stats.gauge("m", 1)


def test_proxies_can_be_copied() -> None:
    recorder = Recorder()
    stats = copy.copy(TaggableStats(recorder, "p", tags={"a": "b"}))
    stats.incr("m")
    assert recorder.sent == ["m.__a=b:1|c"]


def test_what_is_exported() -> None:
    assert client.FORBIDDEN_TAG_VALUE_CHARACTERS.sub("_", "a|b.c:d") == "a_b_c_d"
    assert "host" in client.RESERVED_TAG_WORDS
    assert TaggableStats.EXTENDABLE_FUNC == ["incr", "decr", "timing", "timer", "gauge", "set"]


def test_a_disabled_metric_costs_little_more_than_a_call() -> None:
    class Plain:
        def incr(self, stat: str) -> None:
            return None

    stats, plain = taggable.get_stats(StatsConfig(disabled=True), "p", {"a": "b"}), Plain()
    # Short runs, and many: a busy machine leaves some of them alone.
    cost = min(timeit.repeat(lambda: stats.incr("m"), number=200, repeat=500))
    call = min(timeit.repeat(lambda: plain.incr("m"), number=200, repeat=500))
    # 3 is measured; formatting and dropping the metric, as flytekit does, is more than 40.
    assert cost < 12 * call


def test_the_specifications_example(capsys: pytest.CaptureFixture[str]) -> None:
    """As it is written there, without a configuration."""
    dummy_client = DummyStatsClient()
    stats = TaggableStats(dummy_client, full_prefix="flytekit.sdk")
    scoped_stats = stats.get_stats("task_execution")

    scoped_stats.incr("successful_runs")
    scoped_stats.gauge("memory_usage_mb", 1024)

    with scoped_stats.timer("task_duration"):
        time.sleep(0.1)

    mock_stats = MockStats(scope="flytekit.sdk")
    mock_scoped_stats = mock_stats.get_stats("task_execution")

    mock_scoped_stats.incr("successful_runs", tags={"task_type": "python"})
    mock_scoped_stats.gauge("cpu_utilization", 0.75)

    print(f"Mock stats records: {mock_stats._records}")
    print(f"Mock stats tags: {mock_stats._records_tags}")
    assert scoped_stats.full_prefix == "flytekit.sdk.task_execution"
    scope = "flytekit.sdk.task_execution"
    assert capsys.readouterr().out.splitlines() == [
        f"Mock stats records: {{'{scope}.successful_runs': 1, '{scope}.cpu_utilization': 0.75}}",
        f"Mock stats tags: {{'{scope}.successful_runs': {{'task_type': 'python'}}, '{scope}.cpu_utilization': {{}}}}",
    ]


def test_the_examples_of_the_documentation() -> None:
    docs = Path(__file__).parents[2] / "docs" / "utilities" / "stats.md"
    result = doctest.testfile(str(docs), module_relative=False)
    assert result.attempted
    assert not result.failed
