"""Runs a real statsd daemon on the loopback interface, and reads back what it received."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

_ROOT = Path(__file__).parents[2]
_INSTALLER = Path(__file__).with_name("install_statsd.sh")
_T = TypeVar("_T")

NODE = shutil.which("node") and shutil.which("npm") and shutil.which("node")
"""The interpreter of the daemon; None if it isn't installed."""


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(look: Callable[[], _T | None], seconds: float = 10.0) -> _T:
    deadline = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < deadline, "the statsd daemon did not get there in time"
        time.sleep(0.02)
    return found


class Daemon:
    """A running daemon."""

    def __init__(self, port: int, admin_port: int, flushed: Path) -> None:
        self.port = port
        self._admin_port = admin_port
        self._flushed = flushed

    def _ask(self, command: str) -> str:
        with socket.create_connection(("127.0.0.1", self._admin_port), timeout=5) as connection:
            connection.sendall(command.encode() + b"\n")
            answer = b""
            while not re.search(rb"END\n|health: \w+\n", answer):
                answer += connection.recv(65536)
        return answer.decode()

    def is_up(self) -> bool | None:
        try:
            return "up" in self._ask("health") or None
        except OSError:
            return None

    def read(self, kind: str) -> dict[str, Any]:
        """Asks the admin port for the "counters", "gauges" or "timers" that the daemon holds."""
        pairs = re.findall(r"^ *'?([^\s']+?)'?: (\[[^\]]*\]|[-+.\de]+)", self._ask(kind).replace("{", "\n"), re.M)
        return {name: json.loads(value) for name, value in pairs}

    def wait_for(self, kind: str, *names: str) -> dict[str, Any]:
        """Waits until the daemon holds metrics of these names, and gives all of the kind."""

        def look() -> dict[str, Any] | None:
            found = self.read(kind)
            return found if set(names) <= set(found) else None

        return _wait_for(look)

    def wait_for_set(self, name: str, size: int) -> set[str]:
        """Waits until the daemon has counted a set of a size. It forgets sets at each flush, so they are collected."""

        def look() -> set[str] | None:
            lines = self._flushed.read_text().splitlines() if self._flushed.exists() else []
            found = {value for line in lines for value in json.loads(line).get(name, [])}
            return found if len(found) >= size else None

        return _wait_for(look)


@contextmanager
def running(folder: Path, flush_every: int) -> Iterator[Daemon]:
    """Installs the daemon if need be, runs it, and ends it.

    :param folder: where its configuration and the flushed sets go.
    :param flush_every: after how many milliseconds it forgets its counters, timers and sets.
    """
    home = Path(os.environ.get("STATSD_HOME", _ROOT / ".cache" / "statsd"))
    subprocess.run([_INSTALLER, home], check=True, timeout=120)
    daemon = Daemon(_free_port(socket.SOCK_DGRAM), _free_port(socket.SOCK_STREAM), folder / "flushed.jsonl")
    backend = folder / "sets_backend.js"
    backend.write_text("""
        exports.init = function (startup, config, events) {
            events.on("flush", function (timestamp, metrics) {
                const sets = {};
                for (const name in metrics.sets) sets[name] = metrics.sets[name].values();
                require("fs").appendFileSync(config.flushed, JSON.stringify(sets) + "\\n");
            });
            return true;
        };
        """)
    config = {
        "address": "127.0.0.1",
        "port": daemon.port,
        "mgmt_address": "127.0.0.1",
        "mgmt_port": daemon._admin_port,
        "flushInterval": flush_every,
        "backends": [str(backend)],
        "flushed": str(daemon._flushed),
    }
    (folder / "config.js").write_text(json.dumps(config))
    assert NODE
    process = subprocess.Popen(
        [NODE, home / "node_modules" / "statsd" / "stats.js", folder / "config.js"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(daemon.is_up)
        yield daemon
    finally:
        process.kill()
        process.wait()
