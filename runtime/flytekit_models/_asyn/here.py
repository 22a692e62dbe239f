"""A job on the calling thread, where no other can be started."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from flytekit_models._asyn.job import Job
from flytekit_models._asyn.loops import ExceptionHandler, new_loop, wind_up

T = TypeVar("T")


def run_here(job: Job[T], handler: ExceptionHandler) -> T:
    """Run a job on the calling thread, on a loop that lives as long; also where another loop runs already."""
    try:
        loop = new_loop(handler)
    except BaseException:
        job.discard()
        raise
    try:
        with _no_loop_running():
            try:
                loop.run_until_complete(job.run())
            finally:
                wind_up(loop)
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
