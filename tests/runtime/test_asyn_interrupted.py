"""The bridge, called in the middle of itself: by a signal handler, by a ``__del__``, by a thread that ends."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from typing import Any

import pytest

from flytekit.utils.asyn import _AsyncLoopManager, _TaskRunner, loop_manager, run_sync
from flytekit_models._asyn import process
from flytekit_models._asyn.host import Host, NoThread
from flytekit_models._asyn.job import Job
from flytekit_models._atomic import Claim, may_start_thread


async def one() -> int:
    return 1


async def nested(depth: int) -> int:
    return 1 + run_sync(nested, depth - 1) if depth else 0


def lines_of(source: str) -> list[str]:
    """What a program prints that dumps its threads and dies if it hangs."""
    watched = "import faulthandler; faulthandler.dump_traceback_later(30, exit=True)\n" + textwrap.dedent(source)
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.stress
@pytest.mark.parametrize("interval", [5e-3, 1e-5])
def test_a_signal_handler_may_call_it_at_any_moment(interval: float) -> None:
    printed = lines_of(f"""
        import signal, sys, time
        from flytekit.utils.asyn import _TaskRunner, run_sync
        sys.setswitchinterval({interval})

        async def one():
            return 1

        async def nested(depth):
            return 1 + run_sync(nested, depth - 1) if depth else 0

        handled = []

        def handler(*_):
            if not handled or handled[-1]:
                handled.append(0)
                handled[-1] = run_sync(one) + run_sync(nested, 1)

        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.0017, 0.0017)
        end = time.monotonic() + 20
        while len(handled) < 300 and time.monotonic() < end:
            assert run_sync(one) == 1
            runner = _TaskRunner()
            assert runner.run(one()) == 1
            runner._close()
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(len(handled) >= 300, set(handled))
    """)
    assert printed == ["True {2}"]


@pytest.mark.stress
@pytest.mark.parametrize("threshold", ["700, 10, 10", "37, 5, 5", "3, 1, 1"])
def test_a_finalizer_may_call_it_at_any_moment(threshold: str) -> None:
    printed = lines_of(f"""
        import gc, threading, time
        from flytekit.utils.asyn import loop_manager, run_sync
        gc.set_threshold({threshold})

        async def one():
            return 1

        made, closed = [], []

        class Client:
            def __init__(self):
                self.me = self
                made.append(1)

            def __del__(self):
                closed.append(run_sync(one))

        local = threading.local()

        def work():
            client = Client()
            local.client = Client()
            for _ in range(3):
                assert run_sync(one) == 1

        for _ in range(150):
            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        # A thread of ours may be in the middle of a collection, and then collect does nothing.
        end = time.monotonic() + 20
        while len(closed) < 900 and time.monotonic() < end:
            gc.collect()
            time.sleep(0.01)
        print(len(closed), len(made))
        print([name for name in loop_manager._runner_map if not name.startswith("MainThread")])
    """)
    assert printed == ["900 900", "[]"]


def test_what_an_ended_thread_leaves_behind_may_call_it() -> None:
    """Its thread-local values go when it's no thread of ``threading`` any more; nothing stays of what they start."""
    called: list[int] = []

    class Client:
        def __del__(self) -> None:
            called.append(run_sync(one))

    local = threading.local()

    def work(also_itself: bool) -> None:
        local.client = Client()
        if also_itself:
            run_sync(one)

    before = set(threading.enumerate())
    for also_itself in (False, True):
        thread = threading.Thread(target=work, args=(also_itself,))
        thread.start()
        thread.join()
    deadline = time.monotonic() + 5
    while len(called) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert called == [1, 1]
    assert set(threading.enumerate()) <= before


def test_while_a_thread_is_being_started_it_runs_where_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that is interrupted then holds a lock that every thread needs to start."""
    outcome: list[Any] = []

    class Registry(dict[Any, Any]):
        def __setitem__(self, key: Any, value: Any) -> None:
            if not outcome:
                outcome.append(manager.run_sync(one))
                outcome.append(dict(manager._runner_map))
            super().__setitem__(key, value)

    manager = _AsyncLoopManager()
    monkeypatch.setattr(threading, "_limbo", Registry())
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    assert outcome == [1, {}]
    assert may_start_thread()


def test_whoever_is_quicker_keeps_its_host() -> None:
    """What interrupts the making of a loop makes one itself; the other is given up."""
    made: list[Host] = []

    class Interrupted(_TaskRunner):
        def get_exc_handler(self) -> Any:
            if not made:
                made.append(None)  # type: ignore[arg-type]
                made[0] = self._host()
            return super().get_exc_handler()

    runner = Interrupted()
    before = process.hosts.copy()
    assert runner.run(one()) == 1
    assert runner._host() is made[0]
    deadline = time.monotonic() + 5
    while process.hosts - before != {made[0]} and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.hosts - before == {made[0]}
    runner._close()
    assert runner._host() is not made[0]
    runner._close()


def test_a_job_that_comes_while_its_loop_stops_goes_to_the_next() -> None:
    runner = _TaskRunner()
    for _ in range(200):
        host = runner._host()
        stopping = threading.Thread(target=host.stop)
        stopping.start()
        assert runner.run(one()) == 1
        stopping.join()
    runner._close()


def test_a_host_that_cannot_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    before = process.hosts.copy()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            _TaskRunner().run(one())
        patch.setattr(process, "exiting", lambda: True)
        with pytest.raises(NoThread):
            _TaskRunner()._host()
    assert process.hosts == before
    gc.collect()


def test_a_host_started_while_the_interpreter_exits_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, True])
    before = process.hosts.copy()
    with monkeypatch.context() as patch:
        patch.setattr(process, "exiting", lambda: next(answers, False))
        with pytest.raises(NoThread):
            _TaskRunner()._host()
    deadline = time.monotonic() + 5
    while process.hosts != before and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.hosts == before


def test_closing_one_runner_leaves_the_entries_of_the_others() -> None:
    manager = _AsyncLoopManager()

    async def deeper(depth: int) -> int:
        return 1 + manager.run_sync(deeper, depth - 1) if depth else 0

    assert manager.run_sync(deeper, 4) == 4
    names = list(manager._runner_map)
    assert len(names) == 5
    for name in names:
        manager._runner_map[name]._close()
        assert name in manager._runner_map
    hosts = process.hosts.copy()
    assert manager.run_sync(deeper, 4) == 4
    assert list(manager._runner_map) == names
    assert len(process.hosts - hosts) == 5
    for name in names:
        manager._runner_map[name]._close()
        del manager._runner_map[name]
    assert manager.run_sync(deeper, 4) == 4
    assert sorted(manager._runner_map) == sorted(names)
    for runner in list(manager._runner_map.values()):
        runner._close()


def test_entries_go_with_the_thread_at_the_top() -> None:
    names: list[str] = []

    def work() -> None:
        run_sync(nested, 3)
        names.extend(name for name in loop_manager._runner_map if name.startswith("at the top"))

    before = set(threading.enumerate())
    thread = threading.Thread(target=work, name="at the top")
    thread.start()
    thread.join()
    assert len(names) == 4
    assert not set(names) & set(loop_manager._runner_map)
    assert set(threading.enumerate()) <= before


def test_closing_a_runner_cancels_what_its_thread_waits_for() -> None:
    runner = _TaskRunner()
    entered = threading.Event()

    async def wait() -> None:
        entered.set()
        await asyncio.sleep(60)

    async def outer() -> None:
        run_sync(wait)

    ended: list[BaseException] = []

    def call() -> None:
        try:
            runner.run(outer())
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert entered.wait(5)
    runner._close()
    thread.join(5)
    assert not thread.is_alive()
    assert len(ended) == 1


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_runner_of_ones_own_works_in_a_forked_process() -> None:
    runner = _TaskRunner()
    assert runner.run(one()) == 1
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        try:
            os.write(writing, str(runner.run(one())).encode())
        finally:
            os._exit(0)
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(reading, 10) == b"1"
    os.close(reading)
    assert runner.run(one()) == 1
    runner._close()


def test_a_job_is_taken_once() -> None:
    claim = Claim()
    assert [claim.take(), claim.take()] == [True, False]


def test_a_closed_host_is_told_nothing() -> None:
    runner = _TaskRunner()
    host = runner._host()
    runner._close()
    job: Job[int] = Job(one())
    assert not host.run(job)
    host.cancel(job)
    assert not host._to_cancel
    job.discard()


def test_a_loop_that_cannot_run_is_the_callers_error() -> None:
    """As where a greenlet stands for a thread, and another loop runs on it already."""
    printed = lines_of("""
        import asyncio
        from flytekit.utils.asyn import run_sync

        class Broken(asyncio.SelectorEventLoop):
            def run_forever(self):
                raise RuntimeError("no loop runs here")

        class Policy(asyncio.DefaultEventLoopPolicy):
            def new_event_loop(self):
                return Broken()

        async def one():
            return 1

        asyncio.set_event_loop_policy(Policy())
        for _ in range(3):
            try:
                run_sync(one)
            except RuntimeError as error:
                print(error.__cause__)
        asyncio.set_event_loop_policy(None)
        print(run_sync(one))
    """)
    assert printed == ["no loop runs here"] * 3 + ["1"]


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interruption_while_a_loop_is_told_something(when: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the loop has got it, or after that, when it is yet to be woken: it gets it, and gets it once."""
    runner = _TaskRunner()
    host = runner._host()
    tell = host._loop.call_soon_threadsafe
    interruptions = iter([True])

    def interrupted(*arguments: Any, **options: Any) -> Any:
        again = next(interruptions, False)
        if again and when == "before":
            raise KeyboardInterrupt
        handle = tell(*arguments, **options)
        if again:
            raise KeyboardInterrupt
        return handle

    started, cancelled = threading.Event(), []

    async def wait() -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(1)
            await asyncio.sleep(0.01)
            cancelled.append(2)
            raise

    class Interrupted(Job[Any]):
        def wait(self) -> None:
            assert started.wait(5)
            monkeypatch.setattr(host._loop, "call_soon_threadsafe", interrupted)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        host.run(Interrupted(wait()))
    deadline = time.monotonic() + 5
    while len(cancelled) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    # Told twice, it would have been cancelled in the middle of ending.
    assert cancelled == [1, 2]
    interruptions = iter([True])
    with pytest.raises(KeyboardInterrupt):
        host.stop()
    host.wait_for_end(time.monotonic() + 5)
    assert not host._thread.is_alive()


def test_a_runner_that_was_never_made_goes_quietly() -> None:
    runner = _TaskRunner.__new__(_TaskRunner)
    del runner
