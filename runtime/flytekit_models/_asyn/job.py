"""One awaitable on its way through an event loop."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable
from contextvars import Context, ContextVar, copy_context
from inspect import CORO_CREATED, getcoroutinestate, iscoroutine
from typing import Any, Generic, TypeVar

from flytekit_models._asyn import process

T = TypeVar("T")

_BLOCKING_SECONDS = 0.1 if os.name == "nt" else -1
"""The longest time to block on a lock without looking for Ctrl-C; on Windows that does not interrupt a lock."""
_UNSET = object()


class Job(Generic[T]):
    """One awaitable on its way through a loop, and what becomes of it.

    The thread that asks for it makes it, waits for it and may abandon it; everything else happens on the
    loop's thread.

    Args:
        awaitable: What to await.
        nested: Whether the thread that asks runs a loop of this package itself.
    """

    def __init__(self, awaitable: Awaitable[T], nested: bool = False) -> None:
        self.context = copy_context()
        self.nested = nested
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
        """End it with an error, if it has not ended: its loop is closed, or it is cancelled before it begins."""
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
        if self.nested or not process.exiting():
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
