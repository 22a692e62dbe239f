"""Somebody in line for a limiter: a thread, or a task on an event loop."""

from __future__ import annotations

import asyncio
import os
import threading
from abc import ABC, abstractmethod
from contextlib import suppress
from math import inf

_BLOCKING_SECONDS = 0.1 if os.name == "nt" else threading.TIMEOUT_MAX
"""The longest time to block a thread without looking for Ctrl-C; on Windows that does not interrupt the waiting."""


class Waiter(ABC):
    """Somebody in line."""

    number = -1
    """Its number in line."""
    count = 1
    wakes_at = inf
    """When it looks at its turn again by itself, on the monotonic clock in seconds."""
    is_hurried = False
    """Whether it was told to look again, and has not yet."""

    def hurry(self) -> None:
        """Have it look at its turn again; called on any thread."""
        if not self.is_hurried:
            self.is_hurried = True
            self._wake()

    @abstractmethod
    def _wake(self) -> None: ...

    def is_gone(self) -> bool:
        """Whether it can never take its turn."""
        return False


class WaitingThread(Waiter):
    """A thread that blocks."""

    def __init__(self) -> None:
        # Not an Event, which holds a lock while it is set.
        self._asleep = threading.Lock()
        self._asleep.acquire()

    def _wake(self) -> None:
        with suppress(RuntimeError):  # It has been woken already.
            self._asleep.release()

    def sleep(self, seconds: float) -> None:
        """Block for that long, or until woken."""
        self._asleep.acquire(timeout=min(seconds, _BLOCKING_SECONDS))


class WaitingTask(Waiter):
    """A task, on the event loop that runs."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._awake: asyncio.Future[None] | None = None

    def _wake(self) -> None:
        with suppress(RuntimeError):  # The loop is closed.
            self._loop.call_soon_threadsafe(self._stop_sleeping)

    def _stop_sleeping(self) -> None:
        if self._awake is not None and not self._awake.done():
            self._awake.set_result(None)

    def is_gone(self) -> bool:
        return self._loop.is_closed()

    async def sleep(self, seconds: float) -> None:
        """Let others run for that long, or until woken."""
        self._awake = self._loop.create_future()
        timer = self._loop.call_later(seconds, self._stop_sleeping)
        try:
            await self._awake
        finally:
            timer.cancel()
