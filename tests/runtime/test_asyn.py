"""The bridge from code that is not asynchronous to code that is."""

from __future__ import annotations

import asyncio
import contextvars
import doctest
import gc
import inspect
import logging
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flytekit.utils import asyn
from flytekit.utils.asyn import _AsyncLoopManager, _TaskRunner, loop_manager, run_sync

VARIABLE: contextvars.ContextVar[str] = contextvars.ContextVar("VARIABLE", default="unset")


async def double(x: int) -> int:
    """Twice as much."""
    await asyncio.sleep(0)
    return x * 2


@loop_manager.synced
async def decorated(x: int) -> int:
    """Decorated where it is defined."""
    return x + 1


assigned = loop_manager.synced(double)


class Worker:
    factor = 3

    async def work(self, x: int) -> int:
        return x * self.factor

    work_sync = loop_manager.synced(work)


def run_program(source: str, timeout: float = 20) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, in which warnings about forgotten coroutines and tasks are shown."""
    command = [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", textwrap.dedent(source)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout)


def test_runs_from_a_plain_thread() -> None:
    assert run_sync(double, 4) == 8
    assert run_sync(double, x=5) == 10


def test_runs_where_a_loop_runs_already() -> None:
    async def notebook_cell() -> int:
        return run_sync(double, 6)

    assert asyncio.run(notebook_cell()) == 12


def test_nests_a_hundred_deep() -> None:
    async def nested(depth: int) -> int:
        return depth if depth == 0 else 1 + run_sync(nested, depth - 1)

    done: list[int] = []
    # On a thread of its own, so that the hundred loops go with it.
    thread = threading.Thread(target=lambda: done.append(run_sync(nested, 100)))
    thread.start()
    thread.join()
    assert done == [100]


@pytest.mark.stress
def test_short_lived_threads_leave_nothing_behind() -> None:
    run_sync(double, 1)
    gc.collect()
    loops_before = _open_loops()
    threads_before = set(threading.enumerate())
    for _ in range(10):
        threads = [threading.Thread(target=run_sync, args=(double, 1)) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(threading.enumerate()) == threads_before
    gc.collect()
    assert _open_loops() == loops_before
    living = {thread.ident for thread in threads_before}
    assert all(int(name.rpartition(":")[2]) in living for name in loop_manager._runner_map)


def _open_loops() -> int:
    loops = [each for each in gc.get_objects() if isinstance(each, asyncio.AbstractEventLoop)]
    return sum(not loop.is_closed() for loop in loops)


def test_each_living_thread_keeps_its_own_loop() -> None:
    async def which() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    seen: dict[str, set[asyncio.AbstractEventLoop]] = {"first": set(), "second": set()}
    barrier = threading.Barrier(2)

    def use(name: str) -> None:
        for _ in range(3):
            barrier.wait()
            seen[name].add(run_sync(which))
        barrier.wait()

    # Two threads of one name: the name alone does not tell them apart.
    threads = [threading.Thread(target=use, args=(name,), name="twin") for name in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen["first"]) == len(seen["second"]) == 1
    assert seen["first"] != seen["second"]


def test_context_variables_flow_in_and_changes_flow_out() -> None:
    async def read_and_set() -> str:
        seen = VARIABLE.get()
        await asyncio.sleep(0)
        VARIABLE.set("changed")
        return seen

    def scenario() -> None:
        VARIABLE.set("given")
        assert run_sync(read_and_set) == "given"
        assert VARIABLE.get() == "changed"

    contextvars.copy_context().run(scenario)
    assert VARIABLE.get() == "unset"


def test_changes_flow_out_of_a_coroutine_that_fails() -> None:
    async def fail() -> None:
        VARIABLE.set("before the error")
        raise KeyError("x")

    def scenario() -> None:
        with pytest.raises(KeyError):
            run_sync(fail)
        assert VARIABLE.get() == "before the error"

    contextvars.copy_context().run(scenario)


def test_errors_keep_their_traceback() -> None:
    async def inner() -> None:
        raise ValueError("deep")

    async def outer() -> None:
        await inner()

    with pytest.raises(ValueError, match="deep") as caught:
        run_sync(outer)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert names[-2:] == ["outer", "inner"]
    assert "test_errors_keep_their_traceback" in names


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError, GeneratorExit])
def test_errors_that_would_end_a_loop_are_the_callers(kind: type[BaseException]) -> None:
    async def fail() -> None:
        raise kind("on purpose")

    with pytest.raises(kind):
        run_sync(fail)
    assert run_sync(double, 1) == 2


def test_any_awaitable_will_do() -> None:
    class Answer:
        def __await__(self) -> Any:
            yield from asyncio.sleep(0).__await__()
            return 42

    assert run_sync(Answer) == 42


def test_interrupting_the_caller_cancels_the_coroutine_at_once() -> None:
    done = run_program("""
        import asyncio, os, signal, threading, time
        from flytekit.utils.asyn import run_sync

        async def long():
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                os.write(1, b"cancelled\\n")
                raise

        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        started = time.monotonic()
        try:
            run_sync(long)
        except KeyboardInterrupt:
            os.write(1, b"interrupted\\n" if time.monotonic() - started < 5 else b"late\\n")

        async def again():
            return "works"
        print(run_sync(again))
    """)
    assert sorted(done.stdout.split()) == sorted(["cancelled", "interrupted", "works"])
    assert (done.returncode, done.stderr) == (0, "")


def test_works_in_a_forked_process() -> None:
    assert run_sync(double, 1) == 2
    reading, writing = os.pipe()
    with_warnings = sys.version_info >= (3, 12)
    if with_warnings:
        import warnings

        warnings.simplefilter("ignore", DeprecationWarning)
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, str(run_sync(double, 21)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    assert os.waitpid(child, 0)[1] == 0
    assert os.read(reading, 10) == b"42"
    os.close(reading)
    assert run_sync(double, 2) == 4


def test_a_forked_process_exits_quietly_and_leaves_the_parents_loop_alone() -> None:
    done = run_program("""
        import os, sys
        from flytekit.utils.asyn import run_sync

        async def double(x):
            return x * 2

        print(run_sync(double, 1), flush=True)
        child = os.fork()
        print(run_sync(double, 2), flush=True)
        if child == 0:
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        print(run_sync(double, 3), flush=True)
    """)
    assert sorted(done.stdout.split()) == ["2", "4", "4", "6"]
    assert (done.returncode, done.stderr) == (0, "")


def test_works_from_exit_handlers_registered_before_and_after() -> None:
    done = run_program("""
        import atexit
        async def say(word):
            return word
        atexit.register(lambda: print(run_sync(say, "early")))
        from flytekit.utils.asyn import run_sync
        atexit.register(lambda: print(run_sync(say, "late")))
    """)
    assert done.stdout.split() == ["late", "early"]
    assert (done.returncode, done.stderr) == (0, "")


def test_the_interpreter_exits_quietly_with_work_in_the_background() -> None:
    done = run_program("""
        import asyncio
        from flytekit.utils.asyn import run_sync

        async def numbers():
            try:
                while True:
                    yield 1
            finally:
                print("generator closed", flush=True)

        kept = []
        async def leave_things_behind():
            async def forever():
                try:
                    await asyncio.sleep(3600)
                finally:
                    print("task ended", flush=True)
            kept.append(asyncio.ensure_future(forever()))
            generator = numbers()
            kept.append(generator)
            await generator.__anext__()
            await asyncio.sleep(0)

        run_sync(leave_things_behind)
    """)
    assert done.stdout.splitlines() == ["task ended", "generator closed"]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_coroutine_that_blocks_does_not_keep_the_interpreter_from_exiting() -> None:
    started = time.monotonic()
    done = run_program("""
        import asyncio, threading, time
        from flytekit.utils.asyn import run_sync

        async def block():
            time.sleep(60)

        threading.Thread(target=run_sync, args=(block,), daemon=True).start()
        time.sleep(0.3)
        print("leaving")
    """)
    assert done.stdout.split() == ["leaving"]
    assert done.returncode == 0
    assert time.monotonic() - started < 15


def test_many_runners_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    manager = _AsyncLoopManager()
    manager._runner_map.update({str(number): _TaskRunner() for number in range(501)})
    with caplog.at_level(logging.WARNING, "flytekit"):
        assert manager.run_sync(double, 1) == 2
    assert "500" in caplog.text
    manager._close()


def test_errors_nobody_awaits_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def leave_a_failure() -> None:
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "a failure in the background"})

    with caplog.at_level(logging.ERROR, "flytekit"):
        run_sync(leave_a_failure)
    assert "a failure in the background" in caplog.text
    assert "loop-runner" in caplog.text
    assert callable(_TaskRunner().get_exc_handler())


def test_synced_keeps_what_the_function_is_called_and_takes() -> None:
    assert decorated(1) == 2
    assert (decorated.__name__, decorated.__doc__) == ("decorated", "Decorated where it is defined.")
    assert str(inspect.signature(decorated)) == "(x: 'int') -> 'int'"
    assert not inspect.iscoroutinefunction(decorated)
    assert "double" in repr(assigned)


def test_synced_works_on_methods() -> None:
    assert Worker().work_sync(5) == 15
    assert Worker.work_sync(Worker(), 6) == 18


@pytest.mark.parametrize("function", [decorated, assigned], ids=["decorated", "assigned"])
def test_synced_functions_can_be_pickled(function: Any) -> None:
    loaded = pickle.loads(pickle.dumps(function))
    assert loaded(1) == function(1)


def test_no_use_of_the_event_loop_policy() -> None:
    assert "policy" not in inspect.getsource(asyn)


def test_a_closed_runner_fails_what_it_did_not_run() -> None:
    runner = _TaskRunner()
    entered = threading.Event()

    async def wait_for_ever() -> None:
        entered.set()
        await asyncio.sleep(3600)

    errors: list[BaseException] = []

    def call() -> None:
        try:
            runner.run(wait_for_ever())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    entered.wait(5)
    runner._close()
    thread.join(5)
    assert [type(error) for error in errors] == [asyncio.CancelledError]
    assert runner.run(double(2)) == 4
    runner._close()


def test_async_generators_of_a_closed_loop_are_closed() -> None:
    closed = threading.Event()

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.set()

    kept: list[Any] = []

    async def start() -> int:
        generator = numbers()
        kept.append(generator)
        return await generator.__anext__()

    runner = _TaskRunner()
    assert runner.run(start()) == 1
    runner._close()
    assert closed.wait(5)


def test_signal_module_is_untouched() -> None:
    before = signal.getsignal(signal.SIGINT)
    run_sync(double, 1)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_specifications_example_runs_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    source = (Path(__file__).parents[1] / "data" / "spec" / "asyn.py").read_text()
    exec(compile(source, "asyn.py", "exec"), {})
    assert capsys.readouterr().out.split() == ["processed_input_data", "10"]


def test_the_documentations_examples() -> None:
    docs = Path(__file__).parents[2] / "docs" / "utilities" / "asyn.md"
    result = doctest.testfile(str(docs), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0
