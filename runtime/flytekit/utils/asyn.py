"""Runs coroutines from code that is not asynchronous, on an event loop of its own in the background.

>>> async def add(a: int, b: int) -> int:
...     return a + b
>>> run_sync(add, 1, b=2)
3
"""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import threading
import time
import weakref
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from functools import update_wrapper
from types import MethodType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from flytekit.loggers import logger

if TYPE_CHECKING:
    from typing_extensions import ParamSpec

    P = ParamSpec("P")
else:
    P = TypeVar("P")

T = TypeVar("T")

_MANY_RUNNERS = 500
_CLOSING_SECONDS = 1.0
"""How long a closing loop waits for its tasks to end, and whoever closes it for the loop."""


class _Job(Generic[T]):
    """One awaitable on its way through a loop, and what becomes of it."""

    def __init__(self, awaitable: Awaitable[T]) -> None:
        self.context = copy_context()
        self._awaitable = awaitable
        self._changed: Context | None = None
        self._result: T
        self._error: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        self._finished = threading.Lock()
        self._finished.acquire()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start it; called on the loop's thread, in :attr:`context`, which the task copies."""
        self._task = loop.create_task(self._run())

    async def _run(self) -> None:
        try:
            self._result = await self._awaitable
        except BaseException as error:
            # Also KeyboardInterrupt and SystemExit: they are the caller's, and would end the loop here.
            self._error = error
        self._changed = copy_context()
        self._finished.release()

    def wait(self) -> None:
        """Block until it is finished."""
        self._finished.acquire()

    def fail(self, error: BaseException) -> None:
        """End it with *error*, if it has not ended yet; called where its loop ends."""
        if self._finished.locked() and self._changed is None:
            self._error = error
            self._finished.release()

    def cancel(self) -> None:
        """Cancel it; called on the loop's thread."""
        if self._task is not None:
            self._task.cancel()
        self.discard()

    def discard(self) -> None:
        """Close the awaitable, if it is a coroutine that nobody has begun to await: it would be warned of."""
        from inspect import CORO_CREATED, getcoroutinestate, iscoroutine

        if iscoroutine(self._awaitable) and getcoroutinestate(self._awaitable) == CORO_CREATED:
            self._awaitable.close()

    def outcome(self) -> T:
        """Its result, after the context variables that it changed are changed here too; or its error, raised."""
        if self._changed is not None:
            _carry_over(self.context, self._changed)
        if self._error is not None:
            try:
                raise self._error
            finally:
                # The error's traceback holds this frame.
                self._error = None
        return self._result


def _carry_over(before: Context, after: Context) -> None:
    for variable, value in after.items():
        if before.get(variable, _UNSET) is not value:
            _set(variable, value)


def _set(variable: ContextVar[Any], value: Any) -> None:
    variable.set(value)


_UNSET = object()


class _TaskRunner:
    """An event loop on a thread in the background, made when the first coroutine comes."""

    def __init__(self) -> None:
        self.__loop: asyncio.AbstractEventLoop | None = None
        self.__runner_thread: threading.Thread | None = None
        self.__lock = threading.Lock()
        self.__jobs: set[_Job[Any]] = set()
        self.__process = os.getpid()

    def get_exc_handler(self) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
        """The handler for errors in the loop that nobody awaits: it logs them."""

        def log(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            thread = self.__runner_thread.name if self.__runner_thread is not None else "no thread"
            logger.error("An error in the background of %s, on %s: %s", thread, loop, context)

        return log

    def run(self, coro: Any) -> Any:
        """Run an awaitable to its end, and give its result or raise its error.

        Interrupted (Ctrl-C), it cancels the awaitable and raises at once. Where no thread can be started, as while the
        interpreter shuts down, the awaitable runs on the calling thread.
        """
        job = _Job(coro)
        try:
            loop = self._submit(job)
        except _NoThread:
            if _a_loop_runs_here():
                job.discard()
                raise
            return _run_here(coro)
        try:
            job.wait()
        except BaseException:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(job.cancel)
            raise
        finally:
            self.__jobs.discard(job)
        return job.outcome()

    def _submit(self, job: _Job[Any]) -> asyncio.AbstractEventLoop:
        with self.__lock:
            loop = self.__loop
            if loop is None:
                loop = self._start()
            self.__jobs.add(job)
            loop.call_soon_threadsafe(job.start, loop, context=job.context)
            return loop

    def _start(self) -> asyncio.AbstractEventLoop:
        # On Windows the proactor loop lacks what some libraries need.
        loop = asyncio.SelectorEventLoop() if os.name == "nt" else asyncio.new_event_loop()
        loop.set_exception_handler(self.get_exc_handler())
        name = f"{threading.current_thread().name} : loop-runner"
        thread = threading.Thread(target=self._execute, args=(loop,), daemon=True, name=name)
        try:
            thread.start()
        except RuntimeError as error:
            loop.close()
            raise _NoThread(str(error)) from error
        self.__loop, self.__runner_thread = loop, thread
        return loop

    def _execute(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_forever()
        finally:
            try:
                loop.run_until_complete(_wind_up(loop))
            finally:
                loop.close()
                for job in list(self.__jobs):
                    job.discard()
                    job.fail(RuntimeError("the event loop was closed before the coroutine ended"))

    def _close(self) -> None:
        """Stop the loop and end its thread; the next coroutine makes a new one."""
        if self.__process != os.getpid():
            # The thread stayed in the process that this one was forked from.
            return
        with self.__lock:
            loop, thread = self.__loop, self.__runner_thread
            self.__loop = self.__runner_thread = None
        if loop is None or thread is None:
            return
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(loop.stop)
        if thread.ident != threading.get_ident():
            _wait_for(thread)


def _wait_for(thread: threading.Thread) -> None:
    """Wait a while for *thread* to end.

    Not by ``join``, which asks for the current thread: one that has ended itself, and is only clearing up, would be
    registered anew by that.
    """
    deadline = time.monotonic() + _CLOSING_SECONDS
    while thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.0005)


async def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """End what is left on a loop: its tasks, async generators and executor."""
    tasks = asyncio.all_tasks(loop) - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_CLOSING_SECONDS)
    with suppress(Exception):
        await asyncio.wait_for(loop.shutdown_asyncgens(), _CLOSING_SECONDS)
    with suppress(Exception):
        # While the interpreter shuts down it has no thread left to wait on.
        await asyncio.wait_for(loop.shutdown_default_executor(), _CLOSING_SECONDS)


class _NoThread(RuntimeError):
    """No thread can be started: the interpreter shuts down, or the machine has no more."""


def _a_loop_runs_here() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _run_here(awaitable: Awaitable[T]) -> T:
    async def run() -> T:
        return await awaitable

    return asyncio.run(run())


class _Owner:
    """A thread's hold on its runner: it goes with the thread, and the runner goes with it."""

    def __init__(self, manager: _AsyncLoopManager, name: str, runner: _TaskRunner) -> None:
        self._manager = weakref.ref(manager)
        self.name = name
        self.process = os.getpid()
        self.runner = runner

    def __del__(self) -> None:
        if self.process != os.getpid():
            return
        manager = self._manager()
        if manager is not None:
            manager._runner_map.pop(self.name, None)
        self.runner._close()


class _AsyncLoopManager:
    """Gives each thread an event loop of its own, for as long as the thread lives."""

    def __init__(self) -> None:
        self._runner_map: dict[str, _TaskRunner] = {}
        """The runners of living threads, by the thread's name and identifier and the process."""
        self._local = threading.local()
        _managers.add(self)

    def run_sync(self, coro_func: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        """Call the asynchronous *coro_func* and run what it gives to its end on this thread's loop.

        Context variables flow in, and what the coroutine sets in them flows back. It may be called from anywhere:
        on a thread with a running loop, inside another ``run_sync``, after a fork, while the interpreter shuts down.

        Raises:
            BaseException: whatever the coroutine raises, with its traceback.
        """
        result: T = self._runner().run(coro_func(*args, **kwargs))
        return result

    def synced(self, coro_func: Callable[P, Awaitable[T]]) -> Callable[P, T]:
        """*coro_func* as a function that is not asynchronous; works on methods, and can be pickled."""
        return _Synced(self, coro_func)

    def _runner(self) -> _TaskRunner:
        owner: _Owner | None = getattr(self._local, "owner", None)
        if owner is not None and owner.process == os.getpid():
            return owner.runner
        thread = threading.current_thread()
        name = f"{thread.name}PID:{os.getpid()}:{thread.ident}"
        if len(self._runner_map) > _MANY_RUNNERS:
            logger.warning("There are more than %d event loops, one a thread; is this a recursion?", _MANY_RUNNERS)
        runner = self._runner_map[name] = _TaskRunner()
        self._local.owner = _Owner(self, name, runner)
        return runner

    def _close(self) -> None:
        for runner in list(self._runner_map.values()):
            runner._close()

    def _forget(self) -> None:
        """Leave the runners behind: in a forked process their threads are gone, and their loops belong to the other."""
        _left_behind.extend(self._runner_map.values())
        self._runner_map.clear()


class _Synced(Generic[P, T]):
    """An asynchronous function that is called as if it were not."""

    def __init__(self, manager: _AsyncLoopManager, coro_func: Callable[P, Awaitable[T]]) -> None:
        self._manager = manager
        self._coro_func = coro_func
        update_wrapper(self, coro_func)

    def __call__(self, *args: Any, **kwargs: Any) -> T:
        return self._manager.run_sync(self._coro_func, *args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<synced {self._coro_func!r}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        name: str = getattr(self, "__qualname__", "")
        found: Any = sys.modules.get(getattr(self, "__module__", ""))
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is self:
            # Used as a decorator: the name is this object's.
            return name
        return _synced_again, (None if self._manager is loop_manager else self._manager, self._coro_func)


def _synced_again(manager: _AsyncLoopManager | None, coro_func: Callable[..., Awaitable[T]]) -> Callable[..., T]:
    return (manager or loop_manager).synced(coro_func)


_managers: weakref.WeakSet[_AsyncLoopManager] = weakref.WeakSet()
_left_behind: list[_TaskRunner] = []


def _close_all() -> None:
    for manager in list(_managers):
        manager._close()


def _forget_all() -> None:
    for manager in list(_managers):
        manager._forget()


# Registered when the module is imported, so that it runs after the exit handlers of whoever imports it.
atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)

loop_manager = _AsyncLoopManager()
run_sync = loop_manager.run_sync
