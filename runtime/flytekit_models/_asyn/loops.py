"""How event loops are made and ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flytekit_models._asyn import process

ExceptionHandler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]


def new_loop(handler: ExceptionHandler) -> asyncio.AbstractEventLoop:
    """An event loop of the kind that the program has chosen, with that handler for errors that nobody awaits."""
    # On Windows the default is the proactor loop, which lacks what some libraries need.
    loop = asyncio.SelectorEventLoop() if os.name == "nt" else asyncio.new_event_loop()
    loop.set_exception_handler(handler)
    return loop


def wind_up(loop: asyncio.AbstractEventLoop) -> None:
    """End what is left on a loop that doesn't run: its tasks, async generators and executor."""
    loop.run_until_complete(_end_tasks(asyncio.all_tasks(loop)))
    for ending in (loop.shutdown_asyncgens, loop.shutdown_default_executor):
        # The executor's end cannot be awaited while the interpreter shuts down; closing the loop tells it to end.
        with suppress(Exception):
            loop.run_until_complete(asyncio.wait_for(ending(), process.CLOSING_SECONDS))


async def _end_tasks(tasks: set[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        _, refusing = await asyncio.wait(tasks, timeout=process.CLOSING_SECONDS)
        for task in refusing:
            # Given up; asyncio would report each when it goes, at exit too.
            task._log_destroy_pending = False  # type: ignore[attr-defined]
