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
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context, ContextVar, copy_context
from functools import update_wrapper
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from types import MethodType
from typing import Any, Generic, ParamSpec, TypeVar

from flytekit.loggers import logger

T = TypeVar("T")
P = ParamSpec("P")

ExceptionHandler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]

_MANY_RUNNERS = 500
_CLOSING_SECONDS = 1.0
"""How long a closing loop waits for its tasks to end, and whoever closes it for the loop."""
_BLOCKING_SECONDS = 0.1 if os.name == "nt" else -1
"""The longest time to block on a lock without looking for Ctrl-C; on Windows that does not interrupt a lock."""
_UNSET = object()


class _Job(Generic[T]):
    """One awaitable on its way through a loop, and what becomes of it.

    The thread that asks for it makes it, waits for it and may abandon it; everything else happens on the loop's thread.
    """

    def __init__(self, awaitable: Awaitable[T]) -> None:
        self.context = copy_context()
        self.nested = _host_of_this_thread() is not None
        self._awaitable = awaitable
        self._begun = False
        self._abandoned = False
        self._changed: Context | None = None
        self._result: T
        self._error: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        self._finished = threading.Lock()
        self._finished.acquire()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start it, in :attr:`context`, which the task copies."""
        if self._changed is None:
            self._task = loop.create_task(self.run())

    async def run(self) -> None:
        """Await it, and keep what it gives or raises for :meth:`outcome`."""
        self._begun = True
        try:
            self._result = await self._awaitable
        except BaseException as error:
            # Also SystemExit and KeyboardInterrupt: they are the caller's, and would end the loop here.
            self._error = error
            if self._abandoned and not isinstance(error, asyncio.CancelledError):
                message = "An interrupted coroutine failed while it was cancelled"
                asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})
        self._end()

    def fail(self, error: BaseException) -> None:
        """End it with an error, if it has not ended: its loop is closed."""
        if self._changed is None:
            self.discard()
            self._error = error
            self._end()

    def cancel(self) -> None:
        """Cancel it, whether it was started or not."""
        if self._task is not None:
            self._task.cancel()
        if not self._begun:
            # The task, if there is one, is cancelled before it gets as far as to tell of its end.
            self.fail(asyncio.CancelledError())

    def _end(self) -> None:
        self._changed = copy_context()
        # A daemon thread that the exiting interpreter leaves waiting goes on waiting: any error would be printed.
        if self.nested or not _state.exiting:
            self._finished.release()

    def wait(self) -> None:
        """Block until it has ended."""
        while not self._finished.acquire(timeout=_BLOCKING_SECONDS):
            pass

    def abandon(self) -> None:
        """Nobody waits for it any longer."""
        self._abandoned = True

    def discard(self) -> None:
        """Close a coroutine that nobody has begun to await, so that Python does not warn of it."""
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
    variable: ContextVar[Any]
    for variable, value in after.items():
        if before.get(variable, _UNSET) is not value:
            variable.set(value)


class _Host:
    """An event loop on a thread in the background, until it is stopped.

    Raises:
        _NoThread: the thread cannot be started.
    """

    def __init__(self, handler: ExceptionHandler, name: str) -> None:
        self._loop = _new_loop(handler)
        self._lock = threading.Lock()
        self._stopping = False
        self._jobs: set[_Job[Any]] = set()
        self._cancelling = 0
        self._blocked_by: tuple[_Host, _Job[Any]] | None = None
        """What this host's own thread waits for, where a coroutine on it called ``run_sync`` in turn."""
        self._thread = threading.Thread(target=self._serve, daemon=True, name=name)
        try:
            self._thread.start()
        except RuntimeError as error:
            self._loop.close()
            raise _NoThread from error
        _state.hosts.add(self)

    @property
    def stopping(self) -> bool:
        """Whether it takes no more jobs."""
        return self._stopping

    def run(self, job: _Job[Any]) -> bool:
        """Have a job started and block until it has ended; False if this host is stopping, and takes none.

        Whatever interrupts the waiting cancels the job.
        """
        below = _host_of_this_thread()
        before = None
        try:
            if below is not None:
                before, below._blocked_by = below._blocked_by, (self, job)
            if not self._submit(job):
                return False
            if below is not None and below._cancelling:
                # What this thread's loop should cancel waits in that loop, which is about to be blocked.
                self.cancel(job)
            job.wait()
        except BaseException:
            job.abandon()
            self.cancel(job)
            raise
        finally:
            if below is not None:
                below._blocked_by = before
            self._jobs.discard(job)
        return True

    def _submit(self, job: _Job[Any]) -> bool:
        with self._lock:
            if self._stopping:
                return False
            self._jobs.add(job)
            self._loop.call_soon_threadsafe(job.start, self._loop, context=job.context)
            return True

    def cancel(self, job: _Job[Any]) -> None:
        """Cancel a job, and what blocks its loop's thread; called on any thread."""
        with self._lock:
            if self._stopping:
                # Its loop cancels everything, or has done so.
                return
            self._cancelling += 1
            self._loop.call_soon_threadsafe(self._cancel, job)
        blocked_by = self._blocked_by
        if blocked_by is not None:
            host, inner = blocked_by
            host.cancel(inner)

    def _cancel(self, job: _Job[Any]) -> None:
        with self._lock:
            self._cancelling -= 1
        job.cancel()

    def stop(self) -> None:
        """Have the loop end its tasks and close, and the thread end; does not wait for that."""
        with self._lock:
            if not self._stopping:
                self._stopping = True
                # In a context of its own: a thread that is clearing up may have lost the current one.
                self._loop.call_soon_threadsafe(self._loop.stop, context=Context())

    def wait_for_end(self, deadline: float) -> None:
        """Wait until the thread has ended, or the monotonic clock shows *deadline*, in seconds.

        Not by ``join``, which asks for the current thread: one that has ended itself, and is only clearing up, would be
        registered anew by that.
        """
        if self._thread.ident != threading.get_ident():
            while self._thread.is_alive() and time.monotonic() < deadline:
                time.sleep(0.0005)

    def _serve(self) -> None:
        _state.of_thread.host = self
        try:
            while not self._stopping:
                # asyncio lets these out of a task in the background, and reports them as that task's when it goes.
                with suppress(SystemExit, KeyboardInterrupt):
                    self._loop.run_forever()
            _wind_up(self._loop)
        finally:
            self._loop.close()
            _state.hosts.discard(self)
            for job in list(self._jobs):
                job.fail(RuntimeError("The event loop was closed before the coroutine ended"))


class _State:
    """What this module knows of the process."""

    def __init__(self) -> None:
        self.exiting = False
        self.hosts: set[_Host] = set()
        self.of_thread = threading.local()


_state = _State()


class _NoThread(RuntimeError):
    """No thread can be started: the interpreter shuts down, or the system has no more."""


def _host_of_this_thread() -> _Host | None:
    """The host whose loop the current thread runs, if it is one of those."""
    host: _Host | None = getattr(_state.of_thread, "host", None)
    return host


def _new_loop(handler: ExceptionHandler) -> asyncio.AbstractEventLoop:
    # On Windows the default is the proactor loop, which lacks what some libraries need.
    loop = asyncio.SelectorEventLoop() if os.name == "nt" else asyncio.new_event_loop()
    loop.set_exception_handler(handler)
    return loop


def _wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """End what is left on a loop that doesn't run: its tasks, async generators and executor."""
    loop.run_until_complete(_end_tasks(asyncio.all_tasks(loop)))
    for ending in (loop.shutdown_asyncgens, loop.shutdown_default_executor):
        # The executor's end cannot be awaited while the interpreter shuts down; closing the loop tells it to end.
        with suppress(Exception):
            loop.run_until_complete(asyncio.wait_for(ending(), _CLOSING_SECONDS))


async def _end_tasks(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        _, refusing = await asyncio.wait(tasks, timeout=_CLOSING_SECONDS)
        for task in refusing:
            # Given up; asyncio would report each when it goes, at exit too.
            task._log_destroy_pending = False  # type: ignore[attr-defined]


def _run_here(job: _Job[T], handler: ExceptionHandler) -> T:
    """Run a job on the calling thread, on a loop that lives as long; also where another loop runs already."""
    loop = _new_loop(handler)
    try:
        with _no_loop_running():
            try:
                loop.run_until_complete(job.run())
            finally:
                _wind_up(loop)
    finally:
        loop.close()
    return job.outcome()


@contextmanager
def _no_loop_running() -> Iterator[None]:
    """Put this thread's running loop and task aside, with what asyncio offers to those who write event loops."""
    outer = asyncio._get_running_loop()
    task = None if outer is None else asyncio.current_task(outer)
    if outer is not None and task is not None:
        asyncio.tasks._leave_task(outer, task)
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(outer)
        if outer is not None and task is not None:
            asyncio.tasks._enter_task(outer, task)


class _TaskRunner:
    """Runs awaitables on an event loop in the background, which is made when the first of them comes."""

    def __init__(self) -> None:
        self.__host: _Host | None = None
        self.__lock = threading.Lock()
        self.__process = os.getpid()

    def __del__(self) -> None:
        self._stop()

    def get_exc_handler(self) -> ExceptionHandler:
        """The handler for errors in the loop that nobody awaits: it logs them."""

        def log(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            # Nothing of the runner itself is held here, so that it goes when nobody else holds it.
            logger.error("An error in the background of %s, on %s: %s", threading.current_thread().name, loop, context)

        return log

    def run(self, coro: Any) -> Any:
        """Run an awaitable to its end, and give its result or raise its error.

        Interrupted (Ctrl-C), it cancels the awaitable and raises at once. Where no thread can be started, as while the
        interpreter shuts down, the awaitable runs on the calling thread.
        """
        job = _Job(coro)
        while True:
            try:
                host = self._host()
            except _NoThread:
                return _run_here(job, self.get_exc_handler())
            except BaseException:
                job.discard()
                raise
            if host.run(job):
                return job.outcome()

    def _host(self) -> _Host:
        with self.__lock:
            if _state.exiting:
                # A loop that is made now would not be closed.
                raise _NoThread
            host = self.__host
            if host is None or host.stopping:
                name = f"{threading.current_thread().name} : loop-runner"
                host = self.__host = _Host(self.get_exc_handler(), name)
            return host

    def _stop(self) -> _Host | None:
        host = self.__host
        # Asked in this order, as the modules are gone when the last runners go at exit, and their hosts stopped.
        if host is None or host.stopping or self.__process != os.getpid():
            # In another process the thread stayed in the one that this was forked from.
            return None
        host.stop()
        return host

    def _close(self) -> None:
        """Stop the loop, and wait a second at most until its thread has ended; the next awaitable makes a new one."""
        host = self._stop()
        if host is not None:
            host.wait_for_end(time.monotonic() + _CLOSING_SECONDS)


class _Owner:
    """A thread's hold on its runner: it goes with the thread, and the runner goes with it."""

    def __init__(self, manager: _AsyncLoopManager, name: str, runner: _TaskRunner) -> None:
        self._manager = weakref.ref(manager)
        self._name = name
        self.process = os.getpid()
        self.runner = runner

    def __del__(self) -> None:
        manager = self._manager()
        if manager is not None and self.process == os.getpid():
            manager._runner_map.pop(self._name, None)
        self.runner._close()


class _AsyncLoopManager:
    """Gives each thread an event loop of its own, for as long as the thread lives."""

    def __init__(self) -> None:
        self._runner_map: dict[str, _TaskRunner] = {}
        """The runners of living threads, by the thread's name and the process; among threads of one name, all but the
        first have their identifier in it too."""
        self._local = threading.local()
        _managers.add(self)

    def run_sync(self, coro_func: Callable[..., Awaitable[T]], *args: Any, **kwargs: Any) -> T:
        """Call the asynchronous *coro_func* and run what it gives to its end on this thread's loop.

        Context variables flow in, and what the coroutine sets in them flows back. It may be called from anywhere:
        on a thread with a running loop, inside another ``run_sync``, after a fork, while the interpreter shuts down.

        Raises:
            BaseException: whatever the coroutine raises, with its traceback.
        """
        awaitable = coro_func(*args, **kwargs)
        result: T = self._runner().run(awaitable)
        return result

    def synced(self, coro_func: Callable[P, Awaitable[T]]) -> Callable[P, T]:
        """*coro_func* as a function that is not asynchronous; works on methods, and can be pickled."""
        return _Synced(self, coro_func)

    def __reduce__(self) -> str | tuple[type[_AsyncLoopManager], tuple[()]]:
        # Loops stay where they are; the manager that everybody shares is everybody's in the other process too.
        return "loop_manager" if self is loop_manager else (type(self), ())

    def _runner(self) -> _TaskRunner:
        owner: _Owner | None = getattr(self._local, "owner", None)
        if owner is not None and owner.process == os.getpid():
            return owner.runner
        if len(self._runner_map) > _MANY_RUNNERS:
            logger.warning("There are more than %d event loops, one a thread; is this a recursion?", _MANY_RUNNERS)
        thread = threading.current_thread()
        runner = _TaskRunner()
        name = f"{thread.name}PID:{os.getpid()}"
        if self._runner_map.setdefault(name, runner) is not runner:
            name = f"{name}:{thread.ident}"
            self._runner_map[name] = runner
        self._local.owner = _Owner(self, name, runner)
        return runner


class _Synced(Generic[P, T]):
    """An asynchronous function, or a bound method, that is called as if it were not asynchronous."""

    def __init__(self, manager: _AsyncLoopManager, coro_func: Callable[P, Awaitable[T]]) -> None:
        update_wrapper(self, coro_func)
        # Marks that a function which only gives a coroutine may bear; what is called here gives none.
        for mark in ("_is_coroutine", "_is_coroutine_mark", "_is_coroutine_marker"):
            self.__dict__.pop(mark, None)
        self._manager = manager
        self._coro_func = coro_func

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._manager.run_sync(self._coro_func, *args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> _Synced[..., T]:
        bind = getattr(self._coro_func, "__get__", None)
        if bind is not None:
            bound = bind(instance, owner)
        else:
            bound = self._coro_func if instance is None else MethodType(self._coro_func, instance)
        return self if bound is self._coro_func else _Synced(self._manager, bound)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Synced):
            return NotImplemented
        return self._manager is other._manager and self._coro_func == other._coro_func

    def __hash__(self) -> int:
        return hash(self._coro_func)

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
        return _synced_again, (self._manager, self._coro_func)


def _synced_again(manager: _AsyncLoopManager, coro_func: Callable[..., Any]) -> Callable[..., Any]:
    # What a decorated method is called by is synced already when it is found again on its object.
    return coro_func if isinstance(coro_func, _Synced) else manager.synced(coro_func)


_managers: weakref.WeakSet[_AsyncLoopManager] = weakref.WeakSet()


def _close_all() -> None:
    """Close every loop, all at the same time."""
    _state.exiting = True
    hosts = list(_state.hosts)
    for host in hosts:
        host.stop()
    deadline = time.monotonic() + _CLOSING_SECONDS
    for host in hosts:
        host.wait_for_end(deadline)


def _forget_all() -> None:
    """Leave the loops behind: in a forked process their threads are gone, and they belong to the other."""
    _state.hosts.clear()
    for manager in list(_managers):
        manager._runner_map.clear()


# Registered when the module is imported, so that it runs after the exit handlers of whoever imports it.
atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)

loop_manager = _AsyncLoopManager()
run_sync = loop_manager.run_sync
