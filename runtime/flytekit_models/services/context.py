"""What a synchronous method gets on an asynchronous server: a context that can be used from a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from flytekit_models.services.status import Aborted, Status


class ThreadContext:
    """Stands for the asynchronous context *context* of *loop*, as a ``grpc.ServicerContext`` for use in a thread.

    grpc has one of its own, which is not used: its ``abort`` lets the method go on, and runs into what the call is
    sending.
    """

    def __init__(self, context: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._context = context
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def abort(self, code: Any, details: str, trailing_metadata: Any = ()) -> NoReturn:
        """End the call with a status, and the method that answers it."""
        raise Aborted(Status(code, details, trailing_metadata))

    def abort_with_status(self, status: Any) -> NoReturn:
        """End the call with a ``grpc.Status``."""
        self.abort(status.code, status.details, status.trailing_metadata or ())

    def send_initial_metadata(self, initial_metadata: Any) -> None:
        """Send metadata before the first response."""
        sent = self._context.send_initial_metadata(initial_metadata)
        asyncio.run_coroutine_threadsafe(sent, self._loop).result()

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Call *callback* when the call has ended; False if it has already."""
        if not self.is_active():
            return False
        self._context.add_done_callback(lambda _: callback())
        return True

    def is_active(self) -> bool:
        """Whether the call goes on."""
        return not self._context.done()


class ThreadRequests:
    """Asynchronous *requests* of *loop*, for use in a thread."""

    def __init__(self, requests: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._requests = requests.__aiter__()
        self._loop = loop

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(self._next(), self._loop).result()
        except StopAsyncIteration:
            raise StopIteration from None

    async def _next(self) -> Any:
        return await self._requests.__anext__()
