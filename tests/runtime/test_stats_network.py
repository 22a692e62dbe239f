"""Statistics on a network that changes: real sockets, names that lead elsewhere, look-ups that take long."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flytekit.configuration import StatsConfig
from flytekit.interfaces.stats import client
from flytekit.interfaces.stats.taggable import get_stats

HOST = "statsd.example.invalid"


class Names:
    """A name service: what each name leads to now, and how long it takes to tell."""

    def __init__(self) -> None:
        self.addresses: dict[str, list[str]] = {HOST: []}
        self.seconds = 0.0
        self.asked = 0
        self.asked_anything: list[Any] = []
        self.answers = threading.Event()
        self.answers.set()
        self._real = socket.getaddrinfo

    def look_up(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
        self.asked_anything.append(host)
        if host not in self.addresses:
            return self._real(host, port, *args, **kwargs)
        self.asked += 1
        assert self.answers.wait(20)
        if not self.addresses[host]:
            raise socket.gaierror(-2, "Name or service not known")
        return [each for address in self.addresses[host] for each in self._real(address, port, *args, **kwargs)]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    names = Names()
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    yield names
    names.answers.set()
    for each in list(client._clients.values()):
        wait_until(lambda each=each: not each._look_up)
    client._close_clients()


def wait_until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Receiver:
    def __init__(self, address: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> None:
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.socket.settimeout(5)
        self.port: int = self.socket.getsockname()[1]

    def next(self) -> str:
        return self.socket.recv(1000).decode()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()


def test_a_slow_look_up_keeps_nobody_waiting_and_loses_nothing(names: Names) -> None:
    with Receiver("127.0.0.1") as daemon:
        names.addresses[HOST] = ["127.0.0.1"]
        names.answers.clear()
        stats = get_stats(StatsConfig(host=HOST, port=daemon.port), "app")
        threads = [threading.Thread(target=stats.incr, args=(f"m{number}",)) for number in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        # All have gone on, though the name service has not answered.
        assert not any(thread.is_alive() for thread in threads)
        wait_until(lambda: names.asked)
        names.answers.set()
        assert {daemon.next() for _ in range(30)} == {f"app.m{number}:1|c" for number in range(30)}
        assert names.asked == 1


def test_no_more_is_kept_for_a_look_up_than_is_bounded(names: Names) -> None:
    names.answers.clear()
    stats = get_stats(StatsConfig(host=HOST), "app")
    for number in range(client._UNSENT_PACKETS + 50):
        stats.gauge("m", number)
    unsent = client._clients[HOST, 8125]._unsent
    assert len(unsent) == client._UNSENT_PACKETS
    assert unsent[-1] == f"app.m:{client._UNSENT_PACKETS + 49}|g".encode()
    names.answers.set()
    wait_until(lambda: not unsent)


def test_a_daemon_that_moves_is_found(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver("127.0.0.1") as before, Receiver("127.0.0.2", before.port) as after:
        names.addresses[HOST] = ["127.0.0.1"]
        stats = get_stats(StatsConfig(host=HOST, port=before.port), "app")
        stats.incr("before")
        assert before.next() == "app.before:1|c"
        names.addresses[HOST] = ["127.0.0.2"]
        stats.incr("too early")
        assert before.next() == "app.too early:1|c"
        assert names.asked == 1
        udp = client._clients[HOST, before.port]
        udp._resolve_at = time.monotonic()
        stats.incr("looked")
        wait_until(lambda: names.asked == 2 and not udp._look_up)
        stats.incr("after")
        received = after.next()
        assert received in ("app.looked:1|c", "app.after:1|c")
        if received != "app.after:1|c":
            assert after.next() == "app.after:1|c"
        # A name that leads nowhere for a while leaves the daemon where it was.
        names.addresses[HOST] = []
        udp._resolve_at = time.monotonic()
        stats.incr("still")
        wait_until(lambda: names.asked == 3 and not udp._look_up)
        stats.incr("there")
        assert [after.next(), after.next()] == ["app.still:1|c", "app.there:1|c"]
        assert udp._resolve_at > time.monotonic() + 20


def has_ipv6() -> bool:
    try:
        Receiver("::1", family=socket.AF_INET6).socket.close()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", [HOST, "::1"])
def test_a_host_that_has_only_ipv6(names: Names, host: str) -> None:
    names.addresses[HOST] = ["::1"]
    with Receiver("::1", family=socket.AF_INET6) as daemon:
        get_stats(StatsConfig(host=host, port=daemon.port), "app").incr("m")
        assert daemon.next() == "app.m:1|c"


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_ipv4_where_a_host_has_both(names: Names) -> None:
    names.addresses[HOST] = ["::1", "127.0.0.1"]
    with Receiver("127.0.0.1") as daemon:
        get_stats(StatsConfig(host=HOST, port=daemon.port), "app").incr("m")
        assert daemon.next() == "app.m:1|c"


def test_an_address_is_looked_up_no_more(names: Names) -> None:
    with Receiver("127.0.0.1") as daemon:
        stats = get_stats(StatsConfig(host="127.0.0.1", port=daemon.port), "app")
        for _ in range(3):
            stats.incr("m")
            assert daemon.next() == "app.m:1|c"
        assert client._clients["127.0.0.1", daemon.port]._resolve_at == float("inf")
        assert names.asked_anything == ["127.0.0.1"]


def test_without_a_thread_it_is_looked_up_later(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with Receiver("127.0.0.1") as daemon:
        names.addresses[HOST] = ["127.0.0.1"]
        stats = get_stats(StatsConfig(host=HOST, port=daemon.port), "app")
        udp = client._clients[HOST, daemon.port]
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            stats.incr("lost")
        assert names.asked == 0
        assert not udp._look_up
        udp._resolve_at = 0
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", interrupt)
            with pytest.raises(KeyboardInterrupt):
                stats.incr("interrupted")
        udp._resolve_at = 0
        stats.incr("m")
        assert daemon.next() == "app.m:1|c"


def interrupt(thread: threading.Thread) -> None:
    raise KeyboardInterrupt


def run_program(source: str, *arguments: object) -> str:
    watched = "import faulthandler; faulthandler.dump_traceback_later(30, exit=True)\n" + textwrap.dedent(source)
    command = [sys.executable, "-X", "dev", "-c", watched, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_short_program_sends_its_only_metric() -> None:
    """Its exit waits for the look-up, and no longer than a second."""
    with Receiver("127.0.0.1") as daemon:
        run_program(
            """
            import socket, sys, time
            real = socket.getaddrinfo
            def slow(host, port, **kwargs):
                time.sleep(0.05)
                return real("127.0.0.1", port, **kwargs)
            socket.getaddrinfo = slow
            from flytekit.configuration import StatsConfig
            from flytekit.interfaces.stats.taggable import get_stats
            get_stats(StatsConfig(host="statsd.example.invalid", port=int(sys.argv[1])), "app").incr("only")
            """,
            daemon.port,
        )
        assert daemon.next() == "app.only:1|c"


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_sends_its_own_only(names: Names) -> None:
    with Receiver("127.0.0.1") as daemon:
        names.addresses[HOST] = ["127.0.0.1"]
        names.answers.clear()
        stats = get_stats(StatsConfig(host=HOST, port=daemon.port), "app")
        stats.incr("before")
        wait_until(lambda: names.asked)
        child = os.fork()
        if child == 0:
            try:
                names.answers = threading.Event()
                names.answers.set()
                client._clients[HOST, daemon.port]._resolve_at = 0
                stats.incr("of the child")
                wait_until(lambda: not client._clients[HOST, daemon.port]._unsent)
            finally:
                os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert daemon.next() == "app.of the child:1|c"
        names.answers.set()
        assert daemon.next() == "app.before:1|c"
        daemon.socket.settimeout(0.1)
        with pytest.raises(TimeoutError):
            daemon.next()


@pytest.mark.stress
@pytest.mark.parametrize("threshold", ["700, 10, 10", "5, 2, 2"])
def test_signal_handlers_and_finalizers_may_count_at_any_moment(threshold: str) -> None:
    """In the middle of counting, of making statistics, and of a look-up."""
    with Receiver("127.0.0.1") as daemon:
        printed = run_program(
            f"""
            import gc, signal, socket, sys, threading, time
            real = socket.getaddrinfo
            socket.getaddrinfo = lambda host, port, **kwargs: real("127.0.0.1", port, **kwargs)
            from flytekit.configuration import StatsConfig
            from flytekit.core.mock_stats import MockStats
            from flytekit.interfaces.stats import client
            from flytekit.interfaces.stats.taggable import get_stats
            client._RESOLVE_AGAIN_AFTER = 0.0
            gc.set_threshold({threshold})
            port = int(sys.argv[1])
            mock, finalized, handled, counted = MockStats("mock"), [], [], []

            def count():
                counted.append(1)
                get_stats(StatsConfig(host="statsd.example.invalid", port=port), "app").incr("m", tags={{"a": 1}})
                mock.incr("m")
                mock.set("s", 1)

            class Client:
                def __init__(self):
                    self.me = self

                def __del__(self):
                    finalized.append(1)
                    count()

            busy = []

            def handler(*_):
                if not busy:
                    busy.append(1)
                    handled.append(1)
                    count()
                    busy.clear()

            signal.signal(signal.SIGALRM, handler)
            signal.setitimer(signal.ITIMER_REAL, 0.0023, 0.0023)
            end = time.monotonic() + 20

            def work():
                while (len(finalized) < 100 or len(handled) < 100) and time.monotonic() < end:
                    Client()
                    count()
                    time.sleep(0.0005)  # The look-ups get their turns too.

            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            work()
            signal.setitimer(signal.ITIMER_REAL, 0)
            for thread in threads:
                thread.join()
            # The garbage of another thread's collection may be on its way.
            while any(thread.name == "statsd look-up" for thread in threading.enumerate()):
                time.sleep(0.01)
            gc.collect()
            print(min(len(finalized), len(handled)) >= 100, mock.current_value("m") == len(counted))
            """,
            daemon.port,
        )
    assert printed.split("\n")[0] == "True True"
