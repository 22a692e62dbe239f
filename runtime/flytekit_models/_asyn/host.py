"""An event loop on a thread in the background."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from typing import Any

from flytekit_models._asyn import process
from flytekit_models._asyn.job import Job
from flytekit_models._asyn.loops import ExceptionHandler, new_loop, wind_up
from flytekit_models._atomic import Claim

_of_thread = threading.local()


class NoThread(RuntimeError):
    """No thread can be started: the interpreter shuts down, the system has no more, or it is about to start one."""


def host_of_this_thread() -> Host | None:
    """The host whose loop the current thread runs, if it is one of those."""
    host: Host | None = getattr(_of_thread, "host", None)
    return host


class Host:
    """An event loop on a thread in the background, until it is stopped.

    Args:
        handler: For errors in the loop that nobody awaits.
        name: Of the thread.
        below: Kept for who runs jobs on the host's own thread in turn.
        place: Where it is to be. Somebody may be quicker, another thread or what interrupts this one: it stops then.

    Raises:
        NoThread: the thread cannot be started.
    """

    def __init__(self, handler: ExceptionHandler, name: str, below: list[Any], place: dict[None, Host]) -> None:
        if process.exiting():
            raise NoThread
        self.below = below
        self.next: dict[None, Host] = {}
        """At most one: the host that took its place when it was closed."""
        self._process = os.getpid()
        self._stopping = False
        self._winding_up = False
        self._broken: BaseException | None = None
        """Why the loop does not run, if that is its own fault."""
        self._waiting: dict[Job[Any], Claim] = {}
        """Jobs that its thread has not begun with; whoever takes the claim decides what becomes of the job."""
        self._started: set[Job[Any]] = set()
        self._to_cancel: set[Job[Any]] = set()
        self._blocked_by: tuple[Host, Job[Any]] | None = None
        """What this host's own thread waits for, where a coroutine on it called ``run_sync`` in turn."""
        self._owner = Claim()
        """Taken by who closes the loop: its thread, or this thread if it cannot start that one."""
        self._loop = new_loop(handler)
        self._thread = threading.Thread(target=self._serve, daemon=True, name=name)
        process.hosts.add(self)
        try:
            self._thread.start()
            if process.exiting():
                # Too late for who closes all of them.
                raise NoThread
            if place.setdefault(None, self) is not self:
                self.stop()
        except BaseException as error:
            self._give_up()
            if isinstance(error, RuntimeError) and not isinstance(error, NoThread):
                raise NoThread from error
            raise

    def _give_up(self) -> None:
        self.stop()
        if self._owner.take():
            process.hosts.discard(self)
            self._loop.close()

    @property
    def stopping(self) -> bool:
        """Whether it takes no more jobs; its thread may have stayed in the process that this was forked from."""
        return self._stopping or self._process != os.getpid()

    def run(self, job: Job[Any]) -> bool:
        """Have a job started and block until it has ended; False if this host is stopping, and takes none.

        Whatever interrupts the waiting cancels the job.
        """
        below = host_of_this_thread()
        before = None
        try:
            if below is not None:
                before, below._blocked_by = below._blocked_by, (self, job)
            if not self._submit(job):
                if self._broken is None:
                    return False
                job.discard()
                raise RuntimeError(f"The event loop does not run: {self._broken}") from self._broken
            if below is not None and below._to_cancel:
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
            self._waiting.pop(job, None)
            self._started.discard(job)
        return True

    def _submit(self, job: Job[Any]) -> bool:
        claim = Claim()
        self._waiting[job] = claim
        if not self._tell(self._begin, job, claim, context=job.context) or self._stopping:
            # It may have come too late. If it can be taken back, it has.
            return not claim.take()
        return True

    def _begin(self, job: Job[Any], claim: Claim) -> None:
        if claim.take():
            self._started.add(job)
            job.start(self._loop)

    def cancel(self, job: Job[Any]) -> None:
        """Cancel a job, and what blocks its loop's thread; called on any thread."""
        self._to_cancel.add(job)
        if not self._tell(self._cancel, job):
            # Its loop is closed, and has cancelled everything.
            self._to_cancel.discard(job)
            return
        blocked_by = self._blocked_by
        if blocked_by is not None:
            host, inner = blocked_by
            host.cancel(inner)

    def _cancel(self, job: Job[Any]) -> None:
        if job in self._to_cancel:
            self._to_cancel.discard(job)
            job.cancel()

    def _tell(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> bool:
        """Have the loop call something, in case of an interruption twice; False if it is closed."""
        # By default in a context of its own: a thread that is clearing up may have lost the current one.
        context = Context() if context is None else context
        try:
            self._loop.call_soon_threadsafe(callback, *args, context=context)
        except RuntimeError:
            return False
        except BaseException:
            # An interruption: whether the loop got it, and was woken, is not known.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(callback, *args, context=context)
            raise
        return True

    def stop(self) -> None:
        """Have the loop end its tasks and close, and the thread end; does not wait for that."""
        if self._process == os.getpid():
            self._stopping = True
            self._tell(self._stop)

    def _stop(self) -> None:
        if not self._winding_up:
            self._loop.stop()

    def wait_for_end(self, deadline: float) -> None:
        """Wait until the thread has ended, or the monotonic clock shows *deadline*, in seconds.

        Not by ``join``, which asks for the current thread: one that has ended itself, and is only clearing up, would be
        registered anew by that.
        """
        if self._thread.ident != threading.get_ident():
            while self._thread.is_alive() and time.monotonic() < deadline:
                time.sleep(0.0005)

    def _serve(self) -> None:
        if not self._owner.take():
            return
        _of_thread.host = self
        try:
            while not self._stopping:
                # asyncio lets these out of a task in the background, and reports them as that task's when it goes.
                with suppress(SystemExit, KeyboardInterrupt):
                    self._loop.run_forever()
            self._winding_up = True
            wind_up(self._loop)
        except BaseException as error:
            self._broken = error
        finally:
            self._stopping = True
            self._loop.close()
            process.hosts.discard(self)
            self._fail_what_is_left()

    def _fail_what_is_left(self) -> None:
        left = self._started.copy()
        left.update(job for job, claim in self._waiting.copy().items() if claim.take())
        for job in left:
            error = RuntimeError("The event loop was closed before the coroutine ended")
            error.__cause__ = self._broken
            job.fail(error)
