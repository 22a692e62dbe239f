"""Clients of a statsd daemon, and proxies that prefix the names of metrics with a scope.

Metrics never disturb the program: names, tags and network errors raise nothing.
"""

from __future__ import annotations

import atexit
import ipaddress
import math
import os
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

import statsd

from flytekit.configuration import StatsConfig
from flytekit.loggers import logger
from flytekit_models._atomic import Claim, may_start_thread

RESERVED_TAG_WORDS = frozenset(
    {"asg", "az", "backend", "canary", "host", "period", "region", "shard", "source", "window"}
)
"""Tags that metrics systems set by themselves; better not used for anything else."""

FORBIDDEN_TAG_VALUE_CHARACTERS = re.compile(r"[|.:\r\n]")
"""What is replaced by an underscore in the value of a tag: what the statsd protocol gives a meaning to."""

# In names a dot separates scopes, and what isn't ASCII can't be sent.
_FORBIDDEN_NAME_CHARACTERS = re.compile(r"[|:\r\n]|[^\x00-\x7f]")

# Seconds from one look-up of the daemon to the next: it may have moved, or have come.
_RESOLVE_AGAIN_AFTER = 30.0
# The same after a packet that couldn't be sent.
_RESOLVE_AFTER_ERROR = 1.0
# How many packets wait for the first look-up, and how long the exit of the program waits for it.
_UNSENT_PACKETS = 1000
_EXIT_SECONDS = 1.0


class ScopeableStatsProxy:
    """Prefix the name of each metric with a scope, and send it with another client.

    ``get_stats("a").get_stats("b").incr("c")`` counts ``a.b.c``. The metric methods take two keywords more than those
    of statsd: ``tags``, a mapping, and ``per_host``, which adds the tag ``_f=i``. All other attributes are those of
    the client.

    :param client: a ``statsd`` client or pipeline, or another proxy.
    :param prefix: the scope, with its parts separated by dots.
    """

    EXTENDABLE_FUNC: ClassVar[list[str]] = ["incr", "decr", "timing", "timer", "gauge", "set"]
    """The methods of the client that get the scope and the tags."""

    def __init__(self, client: Any, prefix: str | None = None) -> None:
        self._client = client
        self._scope_prefix = prefix
        for name in self.EXTENDABLE_FUNC:
            base_func = getattr(client, name, None)
            if base_func is not None:
                if name == "set":
                    base_func = _with_plain_value(base_func)
                setattr(self, name, _unless_silent(client, name, self._create_wrapped_function(base_func)))

    def _create_wrapped_function(self, base_func: Callable[..., Any]) -> Callable[..., Any]:
        def name_wrap(
            stat: str,
            *args: Any,
            tags: Mapping[str, object] | None = None,
            per_host: bool = False,
            **kwargs: Any,
        ) -> Any:
            return base_func(self._full_name(stat, self._all_tags(tags, per_host)), *args, **kwargs)

        return name_wrap

    def _all_tags(self, tags: Mapping[str, object] | None, per_host: bool) -> Mapping[str, object] | None:
        """The tags of one metric. The caller's mapping is left as it is."""
        return {**(tags or {}), "_f": "i"} if per_host else tags

    def _full_name(self, stat: str, tags: Mapping[str, object] | None) -> str:
        name = self._p_with_prefix(self._serialize_tags(str(stat), tags))
        return _FORBIDDEN_NAME_CHARACTERS.sub("_", name)

    def get_stats(self, name: str) -> ScopeableStatsProxy:
        """Return a proxy to the same client for a nested scope.

        :param name: the scope.
        """
        return ScopeableStatsProxy(self._client, self._p_with_prefix(name))

    def pipeline(self) -> ScopeableStatsProxy:
        """Return a proxy that collects metrics and sends them at the end of a ``with`` block or with ``send()``."""
        return ScopeableStatsProxy(self._client.pipeline(), self._scope_prefix)

    def _p_with_prefix(self, name: str) -> str:
        return f"{self._scope_prefix}.{name}" if self._scope_prefix else name

    def _is_ascii(self, name: str) -> bool:
        return name.isascii()

    def _serialize_tags(self, metric: str, tags: Mapping[str, object] | None = None) -> str:
        """Appends ``.__key=value`` for each tag, by the order of the keys, and leaves out empty values.

        If a key or value isn't ASCII, or can't be turned into text, the metric gets no tags at all.
        """
        if not tags:
            return metric
        suffix = ""
        try:
            for key in _sorted_keys(tags):
                text = FORBIDDEN_TAG_VALUE_CHARACTERS.sub("_", str(tags[key]))
                if text:
                    suffix += f".__{key}={text}"
        except Exception as error:  # the texts of keys and values come from the caller's objects
            logger.debug("Metric %s goes without its tags: %r", metric, error)
            return metric
        return metric + suffix if self._is_ascii(suffix) else metric

    def __getattr__(self, name: str) -> Any:
        # Before __init__ has run, as when an object is copied, there is no client to ask.
        if name == "_client":
            raise AttributeError(name)
        return getattr(self._client, name)

    def __enter__(self) -> ScopeableStatsProxy:
        return ScopeableStatsProxy(self._client.__enter__(), self._scope_prefix)

    def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
        self._client.__exit__(exc_type, exc_value, traceback)


class StatsClientProxy(ScopeableStatsProxy):
    """A proxy for a whole client. ``_prefix`` is its scope, as in statsd's client."""

    @property
    def _prefix(self) -> str | None:
        return self._scope_prefix


class DummyStatsClient(statsd.StatsClient):  # type: ignore[misc]  # statsd has no types
    """A statsd client that sends nothing. It resolves no name and opens no socket.

    :param host: ignored, as are ``port`` and ``ipv6``.
    :param prefix: what comes before all names.
    :param maxudpsize: the largest packet of a pipeline, in bytes.
    """

    def __init__(
        self,
        host: str = "localhost",
        port: int = 8125,
        prefix: str | None = None,
        maxudpsize: int = 512,
        ipv6: bool = False,
    ) -> None:
        self._addr = None
        self._sock = None
        self._prefix = prefix
        self._maxudpsize = maxudpsize

    def _send(self, data: str) -> None:
        pass


class _UdpStatsClient(statsd.StatsClient):  # type: ignore[misc]  # statsd has no types
    """A client of statsd that looks for the daemon in the background, at the first metric and now and then later on.

    Until the first look-up has ended, it keeps the latest packets; while no daemon is found, it drops them.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._prefix = None
        self._maxudpsize = 512
        self._address: tuple[socket.AddressFamily, Any] | None = None
        self._sockets: dict[socket.AddressFamily, socket.socket] = {}
        self._unsent: deque[bytes] = deque(maxlen=_UNSENT_PACKETS)
        self._sending: list[None] = []
        """One for each packet that has waited and is being sent."""
        self._resolve_at = 0.0
        """When to look for the daemon again, on the monotonic clock in seconds."""
        self._look_up: dict[None, object] = {}
        """The token of the one that goes on, if any."""
        self._warning = Claim()

    def _send(self, data: str) -> None:
        packet = data.encode("ascii", "replace")
        if time.monotonic() >= self._resolve_at:
            self._look()
        if self._address is not None:
            self._send_packet(packet)
        else:
            self._unsent.append(packet)
            # Now, if the look-up has ended meanwhile; otherwise at its end.
            self._send_unsent()

    def _send_packet(self, packet: bytes) -> None:
        if self._address is None:
            return
        family, address = self._address
        try:
            sock = self._sockets.get(family) or self._open(family)
            sock.sendto(packet, address)
        except (OSError, OverflowError):  # unreachable, closed, too long, or a port that is none
            logger.debug("A metric was not sent to statsd at %s:%s", *self._target, exc_info=True)
            self._resolve_at = min(self._resolve_at, time.monotonic() + _RESOLVE_AFTER_ERROR)

    def _send_unsent(self) -> None:
        """Send what has waited for the look-up; drop it if that has ended in vain."""
        while self._unsent and (self._address is not None or not self._look_up):
            # Noted before it is taken out, so that the exit of the program sees it in one place or the other.
            self._sending.append(None)
            try:
                with suppress(IndexError):  # Another thread has sent it.
                    self._send_packet(self._unsent.popleft())
            finally:
                self._sending.pop()

    def _open(self, family: socket.AddressFamily) -> socket.socket:
        made = socket.socket(family, socket.SOCK_DGRAM)
        kept = self._sockets.setdefault(family, made)
        if kept is not made:
            made.close()
        return kept

    def _look(self) -> None:
        """Look for the daemon without keeping the caller waiting, unless somebody does already."""
        token = object()
        try:
            if self._look_up.setdefault(None, token) is not token:
                return
            if _is_address(self._target[0]):
                self._resolve(token)
            elif may_start_thread():
                threading.Thread(target=self._resolve, args=(token,), name="statsd look-up", daemon=True).start()
            else:
                raise RuntimeError("interrupted in the middle of starting a thread")
        except BaseException as error:
            self._resolve_at = time.monotonic() + _RESOLVE_AFTER_ERROR
            self._end_look_up(token)
            if not isinstance(error, RuntimeError):
                raise
            logger.debug("Statsd at %s:%s is looked up later: %s", *self._target, error)

    def _end_look_up(self, token: object) -> None:
        if self._look_up.get(None) is token:
            self._look_up.pop(None, None)

    def _resolve(self, token: object) -> None:
        try:
            found = socket.getaddrinfo(*self._target, type=socket.SOCK_DGRAM)
            # IPv4 where there is both, as flytekit.
            family, _, _, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
            self._address = family, address
        except Exception as error:  # no such host, or a name that can't be one
            logger.debug("Statsd at %s:%s can't be resolved: %r", *self._target, error)
            if self._address is None and self._warning.take():
                logger.warning("No metrics are sent: statsd at %s:%s can't be resolved: %s", *self._target, error)
        finally:
            again = math.inf if _is_address(self._target[0]) and self._address else _RESOLVE_AGAIN_AFTER
            self._resolve_at = time.monotonic() + again
            self._end_look_up(token)
            self._send_unsent()

    def close(self) -> None:
        """Close the sockets. A later metric opens them again."""
        self._unsent.clear()
        while self._sockets:
            self._sockets.popitem()[1].close()

    def _forget_the_look_up(self) -> None:
        """In a forked process its thread is gone, and what waits for it is sent by the other process."""
        self._unsent.clear()
        self._look_up.clear()


def _is_address(host: object) -> bool:
    """Whether the host is an address already, which needs no look-up."""
    try:
        return isinstance(host, str) and bool(ipaddress.ip_address(host))
    except ValueError:
        return False


_clients: dict[tuple[str, int], _UdpStatsClient] = {}
_dummy_client = DummyStatsClient()


@atexit.register
def _close_clients() -> None:
    deadline = time.monotonic() + _EXIT_SECONDS
    clients = list(_clients.values())
    _clients.clear()
    for client in clients:
        while (client._unsent or client._sending) and time.monotonic() < deadline:
            time.sleep(0.005)
        client.close()


def _forget_look_ups() -> None:
    for client in list(_clients.values()):
        client._forget_the_look_up()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_look_ups)


def _get_stats_client(cfg: StatsConfig) -> statsd.StatsClient:
    """Gives the client for a configuration: one for each daemon, and one that does nothing for all that are off."""
    if cfg.disabled:
        return _dummy_client
    target = (cfg.host, cfg.port)
    return _clients.get(target) or _clients.setdefault(target, _UdpStatsClient(*target))


def get_base_stats(cfg: StatsConfig, prefix: str) -> StatsClientProxy:
    """Return a proxy to the configured daemon.

    :param cfg: host and port of the daemon, or that statistics are disabled.
    :param prefix: the scope of all its metrics.
    """
    return StatsClientProxy(_get_stats_client(cfg), prefix=prefix)


def get_stats(cfg: StatsConfig, prefix: str) -> StatsClientProxy:
    """The same as :func:`get_base_stats`."""
    return get_base_stats(cfg, prefix)


def _sorted_keys(tags: Mapping[str, object]) -> list[str]:
    try:
        return sorted(tags)
    except TypeError:  # keys of several types have no order
        return sorted(tags, key=str)


def _with_plain_value(base_set: Callable[..., Any]) -> Callable[..., Any]:
    """Makes the values of sets such that they can be sent. Different ones stay different, since they are counted."""

    def plain_set(stat: str, value: object, *args: Any, **kwargs: Any) -> Any:
        text = str(value).encode("ascii", "backslashreplace").decode("ascii")
        return base_set(stat, _FORBIDDEN_NAME_CHARACTERS.sub("_", text), *args, **kwargs)

    return plain_set


def _unless_silent(client: Any, name: str, wrapped: Callable[..., Any]) -> Callable[..., Any]:
    """Spares a metric all work where its client is a :class:`DummyStatsClient` that nobody changed."""
    while isinstance(client, ScopeableStatsProxy):
        client = client._client
    if not isinstance(client, DummyStatsClient):
        return wrapped
    if name in vars(client) or getattr(type(client), name, None) is not getattr(statsd.StatsClient, name, wrapped):
        return wrapped
    silent = DummyStatsClient._send.__get__(client)

    # Whether it is silent is asked each time, since tests put their own _send there to see what would be sent.
    if name == "timer":

        def timer_unless_silent(stat: str, *args: Any, **kwargs: Any) -> Any:
            return client.timer(stat) if client._send == silent else wrapped(stat, *args, **kwargs)

        return timer_unless_silent

    def unless_silent(stat: str, *args: Any, **kwargs: Any) -> Any:
        return None if client._send == silent else wrapped(stat, *args, **kwargs)

    return unless_silent
