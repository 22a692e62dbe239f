"""A limit on the number of requests per minute."""

from __future__ import annotations

import asyncio
import os
import time
import weakref
from collections import deque
from datetime import timedelta
from math import ceil
from typing import Literal

from flytekit.loggers import developer_logger
from flytekit_models._limiter.line import Line
from flytekit_models._limiter.state import State
from flytekit_models._limiter.waiter import Waiter, WaitingTask, WaitingThread

_HEAD = 100
"""How many at the head of the line are looked at for those who are gone."""
_ROUNDING = 1e-6
"""Seconds by which turns may differ that are meant to be the same."""


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
    """Grant *rpm* requests per minute, in order of arrival.

    One limiter serves any mix of threads and event loops. No window of :attr:`delay` ever holds more than *rpm*
    grants. A waiter that is cancelled or interrupted gives up its place.

    Raises:
        ValueError: *rpm* is not an int from 1 to 100.
    """

    def __init__(self, rpm: int) -> None:
        if isinstance(rpm, bool) or not isinstance(rpm, int) or not 1 <= rpm <= 100:
            raise ValueError(f"rpm is an int from 1 to 100, not {rpm!r}")
        self.rpm = rpm
        self.delay = timedelta(seconds=60)
        self._state = State((), Line())
        self.sem = _Permits(self)
        _limiters.add(self)

    @property
    def queue(self) -> deque[float]:
        """The times of the latest grants, at most *rpm*, in seconds on the monotonic clock. A copy."""
        return deque(self._latest().grants)

    def sync_acquire(self) -> None:
        """Block until the request is granted."""
        waiter = WaitingThread()
        try:
            seconds = self._join(waiter)
            while seconds:
                waiter.sleep(seconds)
                seconds = self._seconds_left(waiter)
        except BaseException:
            self._leave(waiter)
            raise

    async def acquire(self) -> None:
        """Wait until the request is granted."""
        await self.sem.acquire()

    async def _wait(self) -> None:
        waiter = WaitingTask()
        try:
            seconds = self._join(waiter)
            while seconds:
                await waiter.sleep(seconds)
                seconds = self._seconds_left(waiter)
        except BaseException:
            self._leave(waiter)
            raise

    def _latest(self) -> State:
        self._state = state = self._state.latest()
        return state

    def _follow(self, state: State, following: State) -> bool:
        """Make a step; False if somebody was quicker, another thread or what interrupted this one."""
        if not state.is_followed_by(following):
            return False
        self._state = following
        return True

    def _join(self, waiter: Waiter) -> float:
        """Get a grant at once, or a place in line; gives the seconds to wait, 0 if it was granted."""
        while True:
            state = self._latest()
            now = time.monotonic()
            place = len(state.line)
            seconds = state.seconds_left(place, now, self.rpm, self._delay)
            if seconds and place and self._drop_the_gone(1):
                continue
            if not seconds:
                if self._follow(state, state.granted(now, self.rpm)):
                    return 0
            else:
                waiter.number = state.line.next_number
                following = state.joined_by(waiter)
                if self._follow(state, following):
                    return self._patient(waiter, following, now, seconds) or self._seconds_left(waiter)

    def _seconds_left(self, waiter: Waiter) -> float:
        """How long to wait before it looks again; 0 when its turn has come, and the request is granted."""
        while True:
            waiter.is_hurried = False
            state = self._latest()
            place = state.line.place(waiter)
            if place is None:
                # In a forked process, where the line is a new one.
                return self._join(waiter)
            now = time.monotonic()
            seconds = state.seconds_left(place, now, self.rpm, self._delay)
            if seconds:
                if place and self._drop_the_gone(min(place, _HEAD)):
                    continue
                if patient := self._patient(waiter, state, now, seconds):
                    return patient
            else:
                following = state.granted(now, self.rpm, waiter.number)
                if self._follow(state, following):
                    self._drop_the_gone(_HEAD)
                    return 0

    def _patient(self, waiter: Waiter, state: State, now: float, seconds: float) -> float:
        """How long it waits before it looks again, if its turn is that far away; 0 if that has changed since."""
        # Not all at the same time.
        seconds = min(seconds, self._patience * (1 - waiter.number % 64 / 128))
        waiter.wakes_at = now + seconds
        # Whoever left before that was known could not tell whether to hurry it.
        if self._latest().departures != state.departures:
            return 0
        developer_logger.debug("Waiting %.3f s for the rate limit", seconds)
        return seconds

    def _leave(self, waiter: Waiter) -> None:
        """Give its place up, if it has one, so that those behind move up."""
        while True:
            state = self._latest()
            place = state.line.place(waiter)
            if place is None:
                return
            following = state.without(waiter.number)
            if self._follow(state, following):
                self._hurry_those_behind(following, place)
                return

    def _hurry_those_behind(self, state: State, place: int) -> None:
        """Have those look at their turns again whose turns come soon, and earlier than they know.

        The others will have looked by themselves by then.
        """
        now = time.monotonic()
        rpm, delay, patience = self.rpm, self._delay, self._patience
        earliest = state.turn(place, rpm, delay)
        if earliest > now + patience:
            return
        if earliest <= now:
            # Turns that had come before are of no concern: who has not taken one cannot, or is about to.
            place = max(place, state.due(now, rpm, delay) - 1)
            earliest = state.turn(place, rpm, delay)
        earliest += _ROUNDING
        # No window holds more turns than it may hold grants.
        soon = rpm * ceil(patience / delay) + 2 if delay else len(state.line)
        for behind, waiter in enumerate(state.line.part(place, soon), place):
            if waiter.is_hurried or waiter.wakes_at <= earliest:
                continue
            if waiter.wakes_at > state.turn(behind, rpm, delay) + _ROUNDING:
                waiter.hurry()

    def _drop_the_gone(self, ahead: int) -> bool:
        """Take those out of line who can never take their turns, among so many at its head; tells if there were any."""
        dropped = False
        while gone := [each for each in self._latest().line.part(0, ahead) if each.is_gone()]:
            dropped = True
            for waiter in gone:
                self._leave(waiter)
        return dropped

    @property
    def _delay(self) -> float:
        return self.delay.total_seconds()

    @property
    def _patience(self) -> float:
        """How long one in line waits at most without looking at its turn, in seconds."""
        return max(self._delay, 1.0)

    def _must_wait(self) -> bool:
        state = self._latest()
        return state.seconds_left(len(state.line), time.monotonic(), self.rpm, self._delay) > 0

    def _forget_waiters(self) -> None:
        """In a forked process those in line are gone."""
        state = self._latest()
        self._state = State(state.grants, Line(state.line.next_number))


_limiters: weakref.WeakSet[RateLimiter] = weakref.WeakSet()


def _forget_all_waiters() -> None:
    for limiter in list(_limiters):
        limiter._forget_waiters()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all_waiters)
