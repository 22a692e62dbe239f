"""The rate limiter: never more than it grants, in order, whoever asks and however they go away."""

from __future__ import annotations

import asyncio
import doctest
import io
import re
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flytekit.utils.rate_limiter import RateLimiter

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

    def _grant(self, slot: Any) -> float:
        left = super()._grant(slot)
        if slot.granted:
            self.grants.append(slot.due)
        return left


@pytest.mark.parametrize("rpm", [0, -1, 101, 1.5, "2", None, True, False])
def test_other_rates_are_refused(rpm: Any) -> None:
    with pytest.raises(ValueError, match="rpm is an int from 1 to 100"):
        RateLimiter(rpm)


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

    def interrupted(self: threading.Event, timeout: float | None = None) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threading.Event, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            limiter.sync_acquire()
    assert len(limiter.queue) == 1


def test_a_waiter_whose_loop_is_gone_holds_nobody_up() -> None:
    limiter = Recorded(1, 0.2)
    limiter.sync_acquire()
    loop = asyncio.new_event_loop()
    abandoned = [loop.create_task(limiter.acquire()) for _ in range(2)]
    loop.run_until_complete(asyncio.sleep(0))
    for task in abandoned:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()
    started = time.monotonic()
    limiter.sync_acquire()
    assert time.monotonic() - started < 5
    # Wakes the second one on a closed loop: no error.
    limiter._give_back(limiter.queue[0])
    abandoned.clear()


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
