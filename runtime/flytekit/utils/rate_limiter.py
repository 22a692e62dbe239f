"""Limits how often something is done in a minute."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from flytekit.loggers import developer_logger


class _Slot:
    """One grant: made, or to come at a time that is reserved for it."""

    def __init__(self, due: float) -> None:
        self.due = due
        """When, on the monotonic clock in seconds: the time of the grant, once it is made."""
        self.granted = False
        self.wake: Callable[[], object] = int
        """Has the waiter look at its time again."""


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
        self.delay = timedelta(seconds=60)
        self.queue: deque[_Slot] = deque()
        """The latest grants and those to come, by time."""
        self._lock = threading.Lock()

    def sync_acquire(self) -> None:
        """Block until the request is granted."""
        woken = threading.Event()
        slot = self._reserve(woken.set)
        try:
            while (seconds := self._grant(slot)) > 0:
                developer_logger.debug("Waiting %.3f s for the rate limit", seconds)
                woken.wait(seconds)
                woken.clear()
        finally:
            self._give_back(slot)

    async def acquire(self) -> None:
        """Wait until the request is granted."""
        loop = asyncio.get_running_loop()
        woken = loop.create_future()

        def wake() -> None:
            if not woken.done():
                woken.set_result(None)

        slot = self._reserve(lambda: loop.call_soon_threadsafe(wake))
        try:
            while (seconds := self._grant(slot)) > 0:
                developer_logger.debug("Waiting %.3f s for the rate limit", seconds)
                timer = loop.call_later(seconds, wake)
                try:
                    await woken
                finally:
                    timer.cancel()
                woken = loop.create_future()
        finally:
            self._give_back(slot)

    def _reserve(self, wake: Callable[[], object]) -> _Slot:
        """Reserve the next slot; *wake* is called whenever it comes earlier than it was."""
        with self._lock:
            now = time.monotonic()
            self._drop_old(now)
            slot = _Slot(self._earliest(len(self.queue), now))
            slot.wake = wake
            self.queue.append(slot)
            return slot

    def _grant(self, slot: _Slot) -> float:
        """Make the grant if its time has come; otherwise tell how many seconds are left."""
        with self._lock:
            now = time.monotonic()
            if now < slot.due:
                return slot.due - now
            index = self.queue.index(slot) if slot in self.queue else len(self.queue)
            if any(later.granted for later in list(self.queue)[index + 1 :]) or index == len(self.queue):
                # Its loop was blocked for so long that others were served: it lines up again.
                if index < len(self.queue):
                    self.queue.remove(slot)
                slot.due = self._earliest(len(self.queue), now)
                self.queue.append(slot)
                if now < slot.due:
                    return slot.due - now
            slot.due, slot.granted = now, True
            self._postpone()
            return 0.0

    def _give_back(self, slot: _Slot) -> None:
        """Remove a slot that was not granted; those behind it move up."""
        woken = []
        with self._lock:
            if slot.granted or slot not in self.queue:
                return
            index = self.queue.index(slot)
            del self.queue[index]
            now = time.monotonic()
            for behind in range(index, len(self.queue)):
                later = self.queue[behind]
                if not later.granted:
                    later.due = self._earliest(behind, now)
                    woken.append(later)
        for later in woken:
            try:
                later.wake()
            except RuntimeError:
                developer_logger.debug("A waiter's event loop is closed")

    def _earliest(self, index: int, now: float) -> float:
        """When the slot at *index* may be granted at the earliest, given those before it."""
        if index < self.rpm:
            return now
        return max(now, self.queue[index - self.rpm].due + self.delay.total_seconds())

    def _postpone(self) -> None:
        """Keep slots to come out of the window of grants that were made later than reserved."""
        for index in range(self.rpm, len(self.queue)):
            slot = self.queue[index]
            if not slot.granted:
                slot.due = max(slot.due, self.queue[index - self.rpm].due + self.delay.total_seconds())

    def _drop_old(self, now: float) -> None:
        while self.queue and self.queue[0].due + self.delay.total_seconds() <= now:
            self.queue.popleft()
