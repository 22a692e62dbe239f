"""The rate limiter: never more than it grants, in order, whoever asks and however they go away."""

from __future__ import annotations

import asyncio
import collections
import doctest
import inspect
import io
import math
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flytekit.utils.rate_limiter import RateLimiter
from flytekit_models._limiter.line import Line
from flytekit_models._limiter.state import State
from flytekit_models._limiter.waiter import WaitingThread

WINDOW = 0.3
SPEC = Path(__file__).parents[1] / "data" / "spec" / "rate_limiter.py"


def limiter_of(rpm: int, window: float = WINDOW) -> RateLimiter:
    """A limiter whose minute is *window* seconds."""
    limiter = RateLimiter(rpm)
    limiter.delay = timedelta(seconds=window)
    return limiter


def assert_within_limit(grants: list[float], rpm: int, window: float) -> None:
    """No window holds more than *rpm* of the times at which grants were made."""
    grants = sorted(grants)
    for first, beyond in zip(grants, grants[rpm:], strict=False):
        assert beyond - first >= window


class Recorded(RateLimiter):
    """Records when grants are made, on the limiter's own clock: callers learn of them a little later."""

    def __init__(self, rpm: int, window: float = WINDOW) -> None:
        super().__init__(rpm)
        self.delay = timedelta(seconds=window)
        self.grants: list[float] = []

    def _follow(self, state: State, following: State) -> bool:
        done = super()._follow(state, following)
        if done and following.grants is not state.grants:
            self.grants.append(following.grants[-1])
        return done


def waiting(limiter: RateLimiter) -> int:
    """How many are in line."""
    return len(limiter._latest().line)


@pytest.mark.parametrize("rpm", [0, -1, 101, 1.5, "2", None, True, False])
def test_other_rates_are_refused(rpm: Any) -> None:
    with pytest.raises(ValueError, match="rpm is an int from 1 to 100"):
        RateLimiter(rpm)


def test_the_names_and_signatures_are_flytekits() -> None:
    assert str(inspect.signature(RateLimiter)) == "(rpm: 'int') -> 'None'"
    assert inspect.iscoroutinefunction(RateLimiter.acquire)
    assert not inspect.iscoroutinefunction(RateLimiter.sync_acquire)
    assert list(inspect.signature(RateLimiter.acquire).parameters) == ["self"]
    assert list(inspect.signature(RateLimiter.sync_acquire).parameters) == ["self"]
    assert {"rpm", "queue", "sem", "delay"} <= set(dir(RateLimiter(1)))


@pytest.mark.parametrize("rpm", [1, 100])
def test_a_minute_is_a_minute(rpm: int) -> None:
    limiter = RateLimiter(rpm)
    assert (limiter.rpm, limiter.delay) == (rpm, timedelta(minutes=1))
    started = time.monotonic()
    for _ in range(rpm):
        limiter.sync_acquire()
    assert time.monotonic() - started < 5
    assert len(limiter.queue) == rpm


def test_the_next_request_waits_for_the_window_to_pass() -> None:
    limiter = Recorded(2)
    for _ in range(5):
        limiter.sync_acquire()
    assert len(limiter.grants) == 5
    assert_within_limit(limiter.grants, 2, WINDOW)
    assert limiter.grants[4] - limiter.grants[0] < 2 * WINDOW + 2


@pytest.mark.stress
def test_threads_and_loops_share_one_limiter() -> None:
    rpm, each, window = 5, 5, 0.2
    limiter = Recorded(rpm, window)

    def in_a_thread() -> None:
        for _ in range(each):
            limiter.sync_acquire()

    def in_a_loop() -> None:
        async def all_at_once() -> None:
            await asyncio.gather(*(limiter.acquire() for _ in range(each)))

        asyncio.run(all_at_once())

    threads = [threading.Thread(target=target) for target in [in_a_thread, in_a_loop] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert len(limiter.grants) == 8 * each
    assert_within_limit(limiter.grants, rpm, window)


def test_first_come_first_served() -> None:
    limiter = limiter_of(1, 0.1)
    limiter.sync_acquire()
    order: list[int] = []

    async def ask(number: int) -> None:
        await limiter.acquire()
        order.append(number)

    async def all_in_order() -> None:
        await asyncio.gather(*(ask(number) for number in range(6)))

    asyncio.run(all_in_order())
    assert order == list(range(6))


def test_blocking_a_loop_that_has_a_waiter_does_not_deadlock() -> None:
    limiter = Recorded(1, 0.1)

    async def both() -> None:
        await limiter.acquire()
        waiter = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        # The waiter is first in line, and cannot move while its loop is blocked here.
        limiter.sync_acquire()
        await waiter

    asyncio.run(both())
    assert len(limiter.grants) == 3
    assert_within_limit(limiter.grants, 1, 0.1)


def test_a_cancelled_waiter_gives_its_place_back() -> None:
    limiter = Recorded(1, 0.5)
    limiter.sync_acquire()

    async def scenario() -> float:
        first = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        second = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0.05)
        first.cancel()
        await second
        assert first.cancelled()
        return limiter.grants[1] - limiter.grants[0]

    waited = asyncio.run(scenario())
    assert 0.5 <= waited < 0.95


def test_an_interrupted_thread_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = limiter_of(1, 30)
    limiter.sync_acquire()

    def interrupted(self: WaitingThread, seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(WaitingThread, "sleep", interrupted)
        with pytest.raises(KeyboardInterrupt):
            limiter.sync_acquire()
    assert len(limiter.queue) == 1


def test_those_behind_one_who_goes_away_move_up() -> None:
    limiter = Recorded(1, 0.5)
    limiter.sync_acquire()
    waited: list[float] = []

    def in_a_thread() -> None:
        limiter.sync_acquire()
        waited.append(limiter.grants[-1] - limiter.grants[0])

    async def scenario() -> None:
        going = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        thread = threading.Thread(target=in_a_thread)
        thread.start()
        while waiting(limiter) + len(limiter.grants) < 3:
            await asyncio.sleep(0.005)
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
        assert waiting(limiter) == 1
        thread.join(10)

    asyncio.run(scenario())
    assert 0.5 <= waited[0] < 0.95


def test_waiters_whose_loop_is_gone_hold_nobody_up() -> None:
    limiter = Recorded(1, 0.3)
    limiter.sync_acquire()
    loop = asyncio.new_event_loop()
    abandoned = [loop.create_task(limiter.acquire()) for _ in range(4)]
    loop.run_until_complete(asyncio.sleep(0))
    for task in abandoned:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    first, *_ = limiter._latest().line.part(0, 1)
    loop.close()
    # Woken after its loop was closed: no error.
    first.hurry()
    limiter.sync_acquire()
    assert waiting(limiter) == 0
    assert limiter.grants[1] - limiter.grants[0] < 4 * 0.3


def test_one_who_missed_its_turn_keeps_its_place() -> None:
    """Its loop was blocked; once it runs, the next turn is its own, ahead of those who came later."""
    limiter = Recorded(1, 0.15)
    limiter.sync_acquire()
    order: list[str] = []

    def in_a_thread(name: str) -> None:
        limiter.sync_acquire()
        order.append(name)

    async def blocked() -> None:
        await limiter.acquire()
        order.append("blocked")

    async def scenario() -> None:
        waiter = asyncio.ensure_future(blocked())
        await asyncio.sleep(0)
        threads = []
        for name in ("second", "third", "fourth"):
            threads.append(threading.Thread(target=in_a_thread, args=(name,)))
            threads[-1].start()
            while waiting(limiter) + len(order) < len(threads) + 1:
                time.sleep(0.002)
        while not order:
            time.sleep(0.002)
        await waiter
        for thread in threads:
            thread.join(10)

    asyncio.run(scenario())
    assert order == ["second", "blocked", "third", "fourth"]
    assert_within_limit(limiter.grants, 1, 0.15)


def test_turns_are_in_the_order_of_arrival_whoever_missed_one() -> None:
    state = State((0, 1.5), Line())
    # The first could have had its turn at 1, and missed it.
    assert [state.turn(place, 2, 1) for place in range(5)] == [1.5, 2.5, 2.5, 3.5, 3.5]
    assert [State((7,), Line()).turn(place, 2, 10) for place in range(4)] == [7, 17, 17, 27]
    assert State((), Line()).turn(5, 2, 1) == -math.inf


def test_limits_and_times_can_be_changed() -> None:
    limiter = limiter_of(2, 30)
    limiter.sync_acquire()
    limiter.sync_acquire()
    assert limiter.sem.locked()
    limiter.rpm = 3
    assert not limiter.sem.locked()
    limiter.sync_acquire()
    assert len(limiter.queue) == 3
    limiter.delay = timedelta(0)
    limiter.sync_acquire()
    assert len(limiter.queue) == 3


def test_the_semaphore_is_the_limiter_too() -> None:
    limiter = Recorded(2, 0.2)
    assert isinstance(limiter.sem, asyncio.Semaphore)

    async def use(times: int) -> None:
        for _ in range(times):
            async with limiter.sem:
                pass

    assert not limiter.sem.locked()
    asyncio.run(use(4))
    assert limiter.sem.locked()
    # In another loop: it's bound to none.
    asyncio.run(use(2))
    assert_within_limit(limiter.grants, 2, 0.2)
    assert len(limiter.grants) == 6


def test_a_queue_of_times() -> None:
    limiter = RateLimiter(3)
    before = time.monotonic()
    for _ in range(3):
        limiter.sync_acquire()
    assert isinstance(limiter.queue, collections.deque)
    assert before <= limiter.queue[0] <= limiter.queue[1] <= limiter.queue[2] <= time.monotonic()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_those_in_line_are_not_in_a_forked_process() -> None:
    limiter = Recorded(1, 0.3)
    limiter.sync_acquire()
    threads = [threading.Thread(target=limiter.sync_acquire) for _ in range(4)]
    for thread in threads:
        thread.start()
    while waiting(limiter) + len(limiter.grants) < 5:
        time.sleep(0.002)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            started = time.monotonic()
            limiter.sync_acquire()
            code = 0 if time.monotonic() - started < 0.6 else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for thread in threads:
        thread.join(10)
    assert len(limiter.grants) == 5


def test_interrupting_a_thread_that_waits_with_a_real_signal() -> None:
    program = """
import datetime, os, signal, threading, time
from flytekit.utils.rate_limiter import RateLimiter
limiter = RateLimiter(1)
limiter.sync_acquire()
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
started = time.monotonic()
try:
    limiter.sync_acquire()
except KeyboardInterrupt:
    print("interrupted", time.monotonic() - started < 10, len(limiter._latest().line), len(limiter.queue))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.stdout.split(), done.stderr) == (["interrupted", "True", "0", "1"], "")


@pytest.mark.stress
def test_waiters_of_all_kinds_that_come_and_go() -> None:
    """Some are cancelled while others wait; the limit holds, and in the end nobody is left in line."""
    limiter = Recorded(10, 0.1)

    def in_a_thread() -> None:
        for _ in range(6):
            limiter.sync_acquire()

    def in_a_loop(seed: int) -> None:
        async def impatient(seconds: float) -> None:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(limiter.acquire(), seconds)

        async def all_at_once() -> None:
            chance = random.Random(seed)
            await asyncio.gather(*(impatient(chance.uniform(0, 0.6)) for _ in range(20)))

        asyncio.run(all_at_once())

    threads = [threading.Thread(target=in_a_thread) for _ in range(5)]
    threads += [threading.Thread(target=in_a_loop, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert len(limiter.grants) >= 30
    assert waiting(limiter) == 0
    assert_within_limit(limiter.grants, 10, 0.1)


@pytest.mark.stress
def test_threads_are_served_in_the_order_they_came() -> None:
    limiter = limiter_of(1, 0.4)
    limiter.sync_acquire()
    order: list[int] = []

    def ask(number: int) -> None:
        if number % 2:
            limiter.sync_acquire()
        else:
            asyncio.run(limiter.acquire())
        order.append(number)

    threads = []
    for number in range(7):
        threads.append(threading.Thread(target=ask, args=(number,)))
        threads[-1].start()
        while waiting(limiter) + len(order) <= number:
            time.sleep(0.002)
    for thread in threads:
        thread.join(20)
    assert order == list(range(7))


def test_the_clock_of_the_day_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = limiter_of(1, 0.1)
    limiter.sync_acquire()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    limiter.sync_acquire()
    assert len(limiter.queue) >= 1


def test_the_specifications_example_runs_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """As written, but for the length of a minute."""
    shorten(monkeypatch)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(SPEC.read_text(), SPEC.name, "exec"), {})
    times = [float(text) for text in re.findall(r"acquired \d at ([\d.]+)", printed.getvalue())]
    assert len(times) == 6
    assert times[2] - times[0] >= WINDOW * 0.9
    assert times[5] - times[3] >= WINDOW * 0.9


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    original: Callable[[RateLimiter, int], None] = RateLimiter.__init__

    def with_a_short_minute(self: RateLimiter, rpm: int) -> None:
        original(self, rpm)
        self.delay = timedelta(seconds=WINDOW)

    monkeypatch.setattr(RateLimiter, "__init__", with_a_short_minute)


def test_the_documentations_examples() -> None:
    docs = Path(__file__).parents[2] / "docs" / "utilities" / "rate_limiter.md"
    result = doctest.testfile(str(docs), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0
