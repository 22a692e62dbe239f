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

import cloudpickle  # type: ignore[import-untyped]
import pytest

from flytekit.utils.asyn import _AsyncLoopManager, _TaskRunner, loop_manager, run_sync
from flytekit_models._asyn.job import Job

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
of_another_manager = _AsyncLoopManager().synced(double)


class Worker:
    factor = 3

    async def work(self, x: int) -> int:
        return x * self.factor

    work_sync = loop_manager.synced(work)

    @loop_manager.synced
    async def decorated(self, x: int) -> int:
        return x * self.factor * 2

    @staticmethod
    @loop_manager.synced
    async def static(x: int) -> int:
        return x + 1

    @classmethod
    @loop_manager.synced
    async def of_class(cls, x: int) -> int:
        return x * cls.factor


def run_program(source: str, timeout: float = 20) -> subprocess.CompletedProcess[str]:
    """Run a program of its own, in which warnings about forgotten coroutines and tasks are shown."""
    # asyncio tells of what takes a while, as on a busy machine anything does.
    calm = 'import logging; logging.getLogger("asyncio").setLevel(logging.ERROR)\n'
    command = [sys.executable, "-X", "dev", "-W", "ignore::DeprecationWarning", "-c", calm + textwrap.dedent(source)]
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
    assert set(threading.enumerate()) <= threads_before
    gc.collect()
    assert _open_loops() <= loops_before
    living = tuple(f"{thread.name}PID:{os.getpid()}" for thread in threads_before)
    assert all(name.startswith(living) for name in loop_manager._runner_map)


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


def test_interrupting_the_caller_cancels_what_is_nested_too() -> None:
    done = run_program("""
        import asyncio, os, signal, threading, time
        from flytekit.utils.asyn import run_sync

        started = time.monotonic()
        ended = threading.Event()

        async def inner(depth):
            if depth:
                return run_sync(inner, depth - 1)
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        try:
            run_sync(inner, 3)
        except KeyboardInterrupt:
            print("interrupted")
        print("cancelled" if ended.wait(5) else "still runs")
    """)
    assert done.stdout.split() == ["interrupted", "cancelled"]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_job_that_is_to_be_cancelled_blocks_its_loop_no_more() -> None:
    """A coroutine that goes on to block its loop before the loop gets to know of the interruption is cancelled too."""
    runner = _TaskRunner()
    entered, go_on, outcome = threading.Event(), threading.Event(), []

    async def outer() -> None:
        entered.set()
        go_on.wait(5)
        try:
            run_sync(asyncio.sleep, 60)
        except asyncio.CancelledError:
            outcome.append("cancelled")
            raise

    class Interrupted(Job[Any]):
        def wait(self) -> None:
            entered.wait(5)
            raise KeyboardInterrupt

    job = Interrupted(outer())
    host = runner._host()
    with pytest.raises(KeyboardInterrupt):
        host.run(job)
    go_on.set()
    runner._close()
    assert outcome == ["cancelled"]


def test_a_job_cancelled_before_it_starts_never_starts() -> None:
    started = []

    async def start() -> None:
        started.append(1)

    loop = asyncio.new_event_loop()
    job = Job(start())
    job.cancel()
    job.start(loop)
    loop.close()
    with pytest.raises(asyncio.CancelledError):
        job.outcome()
    assert started == []


def test_what_an_interrupted_coroutine_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    runner = _TaskRunner()
    entered = threading.Event()

    async def fail_when_cancelled() -> None:
        entered.set()
        try:
            await asyncio.sleep(60)
        finally:
            raise OSError("while it was cancelled")

    class Interrupted(Job[Any]):
        def wait(self) -> None:
            entered.wait(5)
            raise KeyboardInterrupt

    with caplog.at_level(logging.ERROR, "flytekit"):
        with pytest.raises(KeyboardInterrupt):
            runner._host().run(Interrupted(fail_when_cancelled()))
        runner._close()
    assert "while it was cancelled" in caplog.text


def test_a_task_in_the_background_cannot_end_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    runner = _TaskRunner()

    async def leave() -> None:
        sys.exit(3)

    async def start() -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(leave())

    task = runner.run(start())
    assert runner.run(double(3)) == 6
    assert isinstance(task.exception(), SystemExit)
    runner._close()


def test_a_loop_that_stops_itself_goes_on() -> None:
    runner = _TaskRunner()

    async def stop() -> None:
        asyncio.get_running_loop().stop()

    runner.run(stop())
    assert runner.run(double(3)) == 6
    runner._close()


def test_a_stopping_loop_takes_no_more() -> None:
    runner = _TaskRunner()
    host = runner._host()
    # While its thread is busy, it cannot begin with what comes too late.
    busy = threading.Event()
    host._loop.call_soon_threadsafe(busy.wait, 5)
    host.stop()
    job = Job(double(1))
    assert not host.run(job)
    busy.set()
    job.discard()
    host.cancel(job)
    assert runner.run(double(3)) == 6
    assert runner._host() is not host
    runner._close()


def test_a_runner_that_nobody_holds_goes_with_its_thread() -> None:
    runner = _TaskRunner()

    async def this_thread() -> threading.Thread:
        return threading.current_thread()

    thread = runner.run(this_thread())
    assert thread.name == f"{threading.current_thread().name} : loop-runner"
    del runner
    thread.join(5)
    assert not thread.is_alive()


def refuse_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_without_threads_it_runs_where_it_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = _AsyncLoopManager()
    refuse_threads(monkeypatch)
    closed = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            closed.append(1)

    kept: list[Any] = []

    async def nested(depth: int) -> threading.Thread:
        here = asyncio.get_running_loop(), asyncio.current_task()
        VARIABLE.set(f"depth {depth}")
        kept.append(numbers())
        await kept[-1].__anext__()
        thread = manager.run_sync(nested, depth - 1) if depth else threading.current_thread()
        await asyncio.sleep(0)
        assert here == (asyncio.get_running_loop(), asyncio.current_task())
        return thread

    def scenario() -> None:
        assert manager.run_sync(nested, 3) is threading.current_thread()
        assert VARIABLE.get() == "depth 0"

    contextvars.copy_context().run(scenario)
    assert len(closed) == 4


def test_an_error_without_threads_is_the_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_threads(monkeypatch)

    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        _AsyncLoopManager().run_sync(fail)


def test_a_runner_whose_handler_cannot_be_made_forgets_the_coroutine() -> None:
    class Failing(_TaskRunner):
        def get_exc_handler(self) -> Any:
            raise OSError("no handler")

    with pytest.raises(OSError, match="no handler"):
        Failing().run(double(1))
    gc.collect()


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_works_in_a_forked_process() -> None:
    assert run_sync(double, 1) == 2
    reading, writing = os.pipe()
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
        import asyncio, gc, os, sys
        from flytekit.utils.asyn import loop_manager, run_sync
        kept = []

        async def double(x):
            kept.append(asyncio.ensure_future(asyncio.sleep(3600)))
            await asyncio.sleep(0)
            return x * 2

        print(run_sync(double, 1), flush=True)
        child = os.fork()
        if child == 0:
            assert not loop_manager._runner_map
            gc.collect()
        print(run_sync(double, 2), flush=True)
        if child == 0:
            kept.clear()
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


def test_all_loops_are_closed_at_the_same_time_at_exit() -> None:
    started = time.monotonic()
    done = run_program("""
        import threading, time
        from flytekit.utils.asyn import run_sync

        async def block():
            time.sleep(60)

        for _ in range(15):
            threading.Thread(target=run_sync, args=(block,), daemon=True).start()
        time.sleep(0.5)
    """)
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started < 10


def test_daemon_threads_that_wait_at_exit_print_nothing() -> None:
    done = run_program("""
        import asyncio, os, threading, time
        from flytekit.utils.asyn import run_sync

        async def wait():
            try:
                await asyncio.sleep(60)
            finally:
                os.write(1, b"ended\\n")

        async def nested():
            run_sync(wait)

        for target in (wait, nested):
            threading.Thread(target=run_sync, args=(target,), daemon=True).start()
        time.sleep(0.5)
    """)
    assert done.stdout.split() == ["ended", "ended"]
    assert (done.returncode, done.stderr) == (0, "")


def test_nested_in_an_exit_handler() -> None:
    done = run_program("""
        import atexit, contextvars
        from flytekit.utils.asyn import run_sync
        depths = contextvars.ContextVar("depths", default=0)

        async def nested(depth):
            depths.set(depths.get() + 1)
            return 1 + run_sync(nested, depth - 1) if depth else 0

        atexit.register(lambda: print(run_sync(nested, 5), depths.get()))
    """)
    assert done.stdout.split() == ["5", "6"]
    assert (done.returncode, done.stderr) == (0, "")


def test_what_an_early_exit_handler_leaves_behind_is_ended_too() -> None:
    done = run_program("""
        import asyncio, atexit
        kept = []

        async def numbers():
            try:
                yield 1
            finally:
                print("generator closed", flush=True)

        async def leave_things_behind():
            async def forever():
                try:
                    await asyncio.sleep(3600)
                finally:
                    print("task ended", flush=True)
            kept.extend([asyncio.ensure_future(forever()), numbers()])
            await kept[-1].__anext__()

        # Runs after the loops are closed: registered before flytekit was imported.
        atexit.register(lambda: run_sync(leave_things_behind))
        from flytekit.utils.asyn import run_sync
    """)
    assert done.stdout.splitlines() == ["task ended", "generator closed"]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_task_that_refuses_to_end_does_not_keep_the_interpreter() -> None:
    done = run_program("""
        import asyncio
        from flytekit.utils.asyn import run_sync
        kept = []

        async def stubborn():
            while True:
                try:
                    await asyncio.sleep(3600)
                except asyncio.CancelledError:
                    pass

        async def start():
            kept.append(asyncio.ensure_future(stubborn()))
            await asyncio.sleep(0)

        run_sync(start)
    """)
    assert (done.returncode, done.stderr) == (0, "")


def test_many_runners_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    manager = _AsyncLoopManager()
    manager._runner_map.update({str(number): _TaskRunner() for number in range(501)})
    with caplog.at_level(logging.WARNING, "flytekit"):
        assert manager.run_sync(double, 1) == 2
    assert "500" in caplog.text


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
    assert Worker().decorated(2) == 12
    assert Worker.static(3) == Worker().static(3) == 4
    assert Worker.of_class(4) == Worker().of_class(4) == 12
    worker = Worker()
    assert worker.work_sync == worker.work_sync
    assert len({worker.work_sync, worker.work_sync, worker.decorated}) == 2
    assert worker.work_sync != Worker().work_sync
    assert worker.work_sync != worker.decorated
    assert worker.work_sync != object()
    assert str(inspect.signature(worker.work_sync)) == "(x: 'int') -> 'int'"


def test_synced_binds_callables_that_do_not_bind_themselves() -> None:
    class Multiply:
        async def __call__(self, worker: Worker, x: int) -> int:
            return worker.factor * x

    class Holder(Worker):
        multiply = loop_manager.synced(Multiply())

    assert Holder().multiply(5) == 15
    assert Holder.multiply(Holder(), 6) == 18


def test_synced_is_not_taken_for_asynchronous() -> None:
    def gives_a_coroutine(x: int) -> Any:
        return double(x)

    if sys.version_info >= (3, 12):
        inspect.markcoroutinefunction(gives_a_coroutine)
    synced = loop_manager.synced(gives_a_coroutine)
    assert not inspect.iscoroutinefunction(synced)
    assert synced(4) == 8


def again(value: Any, how: str) -> Any:
    return {"pickle": pickle, "cloudpickle": cloudpickle}[how].loads(cloudpickle.dumps(value))


@pytest.mark.parametrize("how", ["pickle", "cloudpickle"])
def test_synced_functions_can_be_pickled(how: str) -> None:
    for function in (decorated, assigned, of_another_manager):
        assert again(function, how)(1) == function(1)
    for method in (Worker().work_sync, Worker().decorated, Worker().of_class):
        assert again(method, how)(2) == method(2)
    assert again(Worker.decorated, how) is Worker.decorated
    assert pickle.loads(pickle.dumps(loop_manager)) is loop_manager
    assert pickle.loads(pickle.dumps(assigned))(1) == 2


def test_the_names_and_signatures_are_flytekits() -> None:
    assert list(inspect.signature(run_sync).parameters) == ["coro_func", "args", "kwargs"]
    assert list(inspect.signature(loop_manager.synced).parameters) == ["coro_func"]
    assert list(inspect.signature(_AsyncLoopManager).parameters) == []
    assert list(inspect.signature(_TaskRunner).parameters) == []
    assert list(inspect.signature(_TaskRunner.run).parameters) == ["self", "coro"]
    assert list(inspect.signature(_TaskRunner.get_exc_handler).parameters) == ["self"]
    assert list(inspect.signature(_TaskRunner().get_exc_handler()).parameters) == ["loop", "context"]
    assert isinstance(loop_manager, _AsyncLoopManager)
    assert run_sync == loop_manager.run_sync
    run_sync(double, 1)
    assert f"{threading.current_thread().name}PID:{os.getpid()}" in loop_manager._runner_map


def test_the_event_loop_policy_is_honoured_and_left_alone() -> None:
    done = run_program("""
        import asyncio

        class Loop(asyncio.SelectorEventLoop):
            pass

        class Policy(asyncio.DefaultEventLoopPolicy):
            def new_event_loop(self):
                return Loop()

        from flytekit.utils.asyn import run_sync

        async def kind():
            return type(asyncio.get_running_loop()).__name__

        policy = Policy()
        asyncio.set_event_loop_policy(policy)
        print(run_sync(kind), asyncio.get_event_loop_policy() is policy)
    """)
    assert done.stdout.split() == ["Loop", "True"]
    assert (done.returncode, done.stderr) == (0, "")


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
