"""The rate limiter with many in line, and called in the middle of itself."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest

from flytekit.utils.rate_limiter import RateLimiter
from flytekit_models._limiter.line import Line
from flytekit_models._limiter.state import State
from flytekit_models._limiter.waiter import Waiter


class Someone(Waiter):
    def __init__(self, name: int = 0) -> None:
        self.name = name
        self.hurries = 0

    def _wake(self) -> None:
        self.hurries += 1


def test_a_line_is_what_a_list_would_be() -> None:
    """Random comings and goings; lines that were made before stay what they were."""
    chance = random.Random(7)
    line: Line[Someone] = Line()
    expected: list[Someone] = []
    kept: list[tuple[Line[Someone], list[Someone]]] = []
    for step in range(3000):
        if expected and chance.random() < 0.45:
            place = min(int(chance.expovariate(0.05)), len(expected) - 1) if step % 2 else len(expected) - 1
            gone = expected[place]
            assert line.place(gone) == place
            line = line.without(gone.number)
            expected = expected[:place] + expected[place + 1 :]
            assert line.place(gone) is None
        else:
            someone = Someone()
            someone.number = line.next_number
            line = line.joined_by(someone)
            expected = [*expected, someone]
        assert len(line) == len(expected)
        start, most = chance.randrange(40), chance.randrange(1, 40)
        assert line.part(start, most) == expected[start : start + most]
        if step % 500 == 0:
            kept.append((line, expected))
    for before, those in kept:
        assert before.part(0, 10_000) == those
        assert [before.place(each) for each in those] == list(range(len(those)))
    assert line.next_number > 32**2


def test_turns_that_have_come_are_counted() -> None:
    line: Line[Waiter] = Line()
    for _ in range(20):
        someone = Someone()
        someone.number = line.next_number
        line = line.joined_by(someone)
    state = State((0.0, 1.5), line)
    turns = [state.turn(place, 2, 1) for place in range(20)]
    assert turns == sorted(turns)
    for now in (0, 1.4, 1.5, 2.5, 7.2, 100):
        assert state.due(now, 2, 1) == sum(turn <= now for turn in turns)
    assert state.due(5, 2, 0) == 20


def test_a_window_is_not_shortened_by_rounding() -> None:
    chance = random.Random(3)
    for _ in range(20_000):
        grant, delay = chance.uniform(0, 1e6), chance.uniform(0, 100)
        now = grant + delay
        if not State((grant,), Line()).seconds_left(0, now, 1, delay):
            assert now - grant >= delay


def calls_of(action: Callable[[], Any]) -> int:
    """How many functions are called meanwhile, of Python and of C."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("order", ["as they came", "the other way round", "at random"])
@pytest.mark.parametrize("grants", ["at once", "evenly"])
def test_the_work_grows_with_the_line_and_no_faster(order: str, grants: str) -> None:
    """Counted in calls of functions: ten times as many in line make about ten times as many."""

    def work(count: int) -> tuple[float, float, float]:
        limiter = RateLimiter(100)
        now = time.monotonic()
        times = tuple(now - (30 - step * 0.3 if grants == "evenly" else 1) for step in range(100))
        limiter._state = State(times, Line())
        loop = asyncio.new_event_loop()
        tasks = [loop.create_task(limiter.acquire()) for _ in range(count)]

        def turn_the_loop() -> None:
            loop.run_until_complete(asyncio.sleep(0))

        joining = calls_of(turn_the_loop)
        turn_the_loop()
        assert len(limiter._latest().line) == count
        first = tasks.pop(0)
        first.cancel()
        leaving = calls_of(turn_the_loop)
        turn_the_loop()
        if order != "as they came":
            tasks.reverse() if order == "the other way round" else random.Random(1).shuffle(tasks)
        for task in tasks:
            task.cancel()
        cancelling = calls_of(turn_the_loop)
        turn_the_loop()
        assert len(limiter._latest().line) == 0
        loop.run_until_complete(asyncio.gather(first, *tasks, return_exceptions=True))
        loop.close()
        return joining / count, leaving, cancelling / count

    few, many = work(400), work(4000)
    for per_waiter_of_few, per_waiter_of_many in zip(few, many, strict=True):
        assert per_waiter_of_many < 1.5 * per_waiter_of_few + 50


def test_only_those_are_hurried_whose_turns_come_earlier() -> None:
    limiter = RateLimiter(100)
    now = time.monotonic()
    # All at once: who leaves makes way for one in each minute, and only the next minute is near.
    limiter._state = State((now - 50,) * 100, Line())
    waiters = [Someone() for _ in range(1000)]
    assert all(limiter._join(each) for each in waiters)
    limiter._leave(waiters[50])
    assert [place for place, each in enumerate(waiters) if each.hurries] == [100]
    # Far behind nobody has to be told: they look again before their turns come.
    limiter._leave(waiters[900])
    assert sum(each.hurries for each in waiters) == 1
    # Told once, until it has looked.
    limiter._leave(waiters[51])
    assert waiters[100].hurries == 1
    assert limiter._seconds_left(waiters[100]) <= 10
    assert not waiters[100].is_hurried


def test_one_behind_a_blocked_loop_moves_up_when_others_leave() -> None:
    """Its predecessor cannot act; it is not told by that, but by those who leave."""
    limiter = RateLimiter(1)
    limiter.delay = timedelta(seconds=0.4)
    limiter.sync_acquire()
    took: list[float] = []
    started = time.monotonic()

    def behind() -> None:
        limiter.sync_acquire()
        took.append(time.monotonic() - started)

    async def scenario() -> None:
        leaving = [asyncio.ensure_future(limiter.acquire()) for _ in range(20)]
        stuck = asyncio.ensure_future(limiter.acquire())
        await asyncio.sleep(0)
        thread = threading.Thread(target=behind)
        thread.start()
        while len(limiter._latest().line) < 22:
            await asyncio.sleep(0.002)
        for task in leaving:
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        # From here on this loop, and so the one that is stuck, is blocked. The thread's turn is the second.
        thread.join(10)
        await stuck

    asyncio.run(scenario())
    assert 0.8 <= took[0] < 2.5


def test_those_whose_loop_closed_give_way_wherever_they_stand() -> None:
    limiter = RateLimiter(1)
    limiter.delay = timedelta(seconds=0.3)
    limiter.sync_acquire()
    started = time.monotonic()
    order: list[str] = []

    def ask(name: str) -> None:
        limiter.sync_acquire()
        order.append(name)

    def begin(name: str, in_line: int) -> threading.Thread:
        thread = threading.Thread(target=ask, args=(name,))
        thread.start()
        while len(limiter._latest().line) < in_line:
            time.sleep(0.002)
        return thread

    first = begin("first", 1)
    loop = asyncio.new_event_loop()
    abandoned = [loop.create_task(limiter.acquire()) for _ in range(30)]
    loop.run_until_complete(asyncio.sleep(0))
    for task in abandoned:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    second = begin("second", 32)
    loop.close()
    first.join(10)
    second.join(10)
    assert order == ["first", "second"]
    assert time.monotonic() - started < 10 * 0.3


def test_many_threads_lose_no_grant_and_make_none_up() -> None:
    interval = sys.getswitchinterval()
    limiter = RateLimiter(100)
    granted: list[int] = []

    def ask() -> None:
        for _ in range(10):
            limiter.sync_acquire()
            granted.append(1)

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=ask) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    finally:
        sys.setswitchinterval(interval)
    assert len(granted) == 100
    assert len(limiter.queue) == 100
    assert limiter.sem.locked()


def lines_of(source: str) -> list[str]:
    """What a program prints that dumps its threads and dies if it hangs."""
    watched = "import faulthandler; faulthandler.dump_traceback_later(30, exit=True)\n" + textwrap.dedent(source)
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.stress
@pytest.mark.parametrize("threshold", ["60, 10, 10", "5, 2, 2"])
def test_signal_handlers_and_finalizers_may_ask_at_any_moment(threshold: str) -> None:
    """While threads and tasks ask, give up and are granted; no window holds more than it may."""
    printed = lines_of(f"""
        import asyncio, contextlib, gc, signal, sys, threading, time
        from datetime import timedelta
        from flytekit.utils.rate_limiter import RateLimiter

        grants = []

        class Recorded(RateLimiter):
            def _follow(self, state, following):
                done = super()._follow(state, following)
                if done and following.grants is not state.grants:
                    grants.append(following.grants[-1])
                return done

        gc.set_threshold({threshold})
        sys.setswitchinterval(1e-4)
        limiter = Recorded(50)
        limiter.delay = timedelta(seconds=0.02)
        made, asked = [], [0, 0]

        class Client:
            def __init__(self):
                made.append(1)
                # Each costs a grant; the collector must not come to wait for more and more of them.
                if len(made) - asked[0] < 100:
                    self.me = self

            def __del__(self):
                asked[0] += 1
                limiter.sync_acquire()

        busy = []

        def handler(*_):
            if not busy:
                busy.append(1)
                asked[1] += 1
                limiter.sync_acquire()
                busy.clear()

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.0023, 0.0023)
        end = time.monotonic() + 20

        def goes_on():
            return (min(asked) < 50 or len(grants) < 500) and time.monotonic() < end

        def in_a_thread():
            while goes_on():
                Client()
                limiter.sync_acquire()

        async def in_a_loop():
            while goes_on():
                Client()
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(limiter.acquire(), 0.004)

        threads = [threading.Thread(target=in_a_thread) for _ in range(3)]
        threads.append(threading.Thread(target=lambda: asyncio.run(in_a_loop())))
        for thread in threads:
            thread.start()
        while goes_on():
            Client()
            limiter.sync_acquire()
        signal.setitimer(signal.ITIMER_REAL, 0)
        for thread in threads:
            thread.join()
        gc.collect()
        print(min(asked) >= 50, len(grants) >= 500, len(limiter._latest().line))
        print(all(later - first >= 0.02 for first, later in zip(sorted(grants), sorted(grants)[50:])))
    """)
    assert printed == ["True True 0", "True"]


def test_whoever_is_granted_drops_the_gone_behind() -> None:
    class Gone(Someone):
        def is_gone(self) -> bool:
            return True

    limiter = RateLimiter(1)
    head, gone, last = Someone(), [Gone() for _ in range(3)], Someone()
    limiter._state = State((time.monotonic() - 59.9,), Line())
    assert limiter._join(head)
    for each in gone:
        each.number = limiter._state.line.next_number
        limiter._state = limiter._state.joined_by(each)
    last.number = limiter._state.line.next_number
    limiter._state = limiter._state.joined_by(last)
    time.sleep(0.15)
    assert limiter._seconds_left(head) == 0
    assert limiter._latest().line.part(0, 9) == [last]
    assert last.hurries == 1


def test_an_interrupted_one_takes_nobody_elses_place() -> None:
    """Interrupted while it joins, when another has been quicker to get the number that it was about to have."""
    limiter = RateLimiter(1)
    limiter.sync_acquire()
    first, interrupted = Someone(), Someone()
    assert limiter._join(first)
    interrupted.number = first.number
    limiter._leave(interrupted)
    assert limiter._latest().line.part(0, 9) == [first]
