"""Limits how often something is done in a minute."""

from __future__ import annotations

import asyncio
import os
import threading
import time
import weakref
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

from flytekit.loggers import developer_logger

_BLOCKING_SECONDS = 0.1 if os.name == "nt" else threading.TIMEOUT_MAX
"""The longest time to block a thread without looking for Ctrl-C; on Windows that does not interrupt the waiting."""


class _Waiter(ABC):
    """Somebody in line."""

    def __init__(self, arrived: float) -> None:
        self.arrived = arrived
        """When, on the monotonic clock in seconds."""

    @abstractmethod
    def wake(self) -> None:
        """Have it look at its turn again; called on any thread."""

    def is_gone(self) -> bool:
        """Whether it can never take its turn."""
        return False


class _WaitingThread(_Waiter):
    def __init__(self, arrived: float) -> None:
        super().__init__(arrived)
        self._woken = threading.Event()

    def wake(self) -> None:
        self._woken.set()

    def sleep(self, seconds: float) -> None:
        """Block for that long, or until woken."""
        self._woken.wait(min(seconds, _BLOCKING_SECONDS))
        self._woken.clear()


class _WaitingTask(_Waiter):
    def __init__(self, arrived: float) -> None:
        super().__init__(arrived)
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._woken.set)
        except RuntimeError:
            developer_logger.debug("A waiter for the rate limit has been left on a closed event loop")

    def is_gone(self) -> bool:
        return self._loop.is_closed()

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long, or until woken."""
        timer = self._loop.call_later(seconds, self._woken.set)
        try:
            await self._woken.wait()
        finally:
            timer.cancel()
        self._woken.clear()


class _Permits(asyncio.Semaphore):
    """A limiter's permits: as many as it has requests a minute, each back by itself when the minute is over.

    Unlike other semaphores it is bound to no event loop, and counts the permits of threads too.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        super().__init__(limiter.rpm)
        self._limiter = limiter

    def locked(self) -> bool:
        """Whether the next one to acquire it has to wait."""
        return self._limiter._must_wait()

    async def acquire(self) -> Literal[True]:
        """Wait for a permit."""
        await self._limiter._wait()
        return True

    def release(self) -> None:
        """Nothing: only time gives permits back."""


class RateLimiter:
    """Grants *rpm* requests a minute, in the order in which they are asked for.

    One limiter serves any mix of threads and event loops. No window of :attr:`delay` ever holds more than *rpm*
    grants. Whoever is cancelled or interrupted while waiting gives its place back.

    Raises:
        ValueError: *rpm* is not an int from 1 to 100.
    """

    def __init__(self, rpm: int) -> None:
        if isinstance(rpm, bool) or not isinstance(rpm, int) or not 1 <= rpm <= 100:
            raise ValueError(f"rpm is an int from 1 to 100, not {rpm!r}")
        self.rpm = rpm
        self.queue: deque[float] = deque()
        """When the latest grants were made, *rpm* at most; on the monotonic clock in seconds."""
        self.delay = timedelta(seconds=60)
        self._line: list[_Waiter] = []
        self._lock = threading.Lock()
        self.sem = _Permits(self)
        _limiters.add(self)

    def sync_acquire(self) -> None:
        """Block until the request is granted."""
        waiter = _WaitingThread(time.monotonic())
        with self._in_line(waiter):
            while seconds := self._seconds_left(waiter):
                waiter.sleep(seconds)

    async def acquire(self) -> None:
        """Wait until the request is granted."""
        await self.sem.acquire()

    async def _wait(self) -> None:
        waiter = _WaitingTask(time.monotonic())
        with self._in_line(waiter):
            while seconds := self._seconds_left(waiter):
                await waiter.sleep(seconds)

    @contextmanager
    def _in_line(self, waiter: _Waiter) -> Iterator[None]:
        """Have a place in line for as long as it takes; one that goes without a grant lets those behind move up."""
        with self._lock:
            self._line.append(waiter)
        try:
            yield
        finally:
            behind: list[_Waiter] = []
            with self._lock:
                if waiter in self._line:
                    place = self._line.index(waiter)
                    del self._line[place]
                    behind = self._line[place:]
            for other in behind:
                other.wake()

    def _seconds_left(self, waiter: _Waiter) -> float:
        """Until its turn; 0 when that has come, and the request is granted."""
        with self._lock:
            self._line = [each for each in self._line if not each.is_gone()]
            now = time.monotonic()
            seconds = self._turn(self._line[: self._line.index(waiter)], waiter.arrived) - now
            if seconds > 0:
                developer_logger.debug("Waiting %.3f s for the rate limit", seconds)
                return seconds
            self._line.remove(waiter)
            self.queue.append(now)
            while len(self.queue) > self.rpm:
                self.queue.popleft()
            return 0

    def _turn(self, ahead: list[_Waiter], arrived: float) -> float:
        """When the turn comes of one who arrived at that time, with those ahead; on the monotonic clock in seconds.

        It follows from the grants that were made and the turns of those ahead, not from whether they take their turns:
        one whose event loop is blocked holds nobody up for longer than its own turn.
        """
        delay = self.delay.total_seconds()
        times = deque(self.queue, self.rpm)
        for arrival in (*(each.arrived for each in ahead), arrived):
            turn = max(arrival, times[-1]) if times else arrival
            if len(times) == self.rpm:
                turn = max(turn, times[0] + delay)
            times.append(turn)
        return times[-1]

    def _must_wait(self) -> bool:
        with self._lock:
            now = time.monotonic()
            return self._turn(self._line, now) > now

    def _forget_waiters(self) -> None:
        """In a forked process those in line are gone, and so is who may have held the lock."""
        self._lock = threading.Lock()
        self._line = []


_limiters: weakref.WeakSet[RateLimiter] = weakref.WeakSet()


def _forget_all_waiters() -> None:
    for limiter in list(_limiters):
        limiter._forget_waiters()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all_waiters)
