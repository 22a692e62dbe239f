"""Streams of models over grpc's own call objects."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any, Generic, TypeVar

from flytekit_models.services.codec import Codec, opened

Q = TypeVar("Q")
R = TypeVar("R")


class Outgoing(Generic[Q]):
    """Requests on their way to grpc, which hides what goes wrong in them; here it is kept.

    Args:
        requests: the models to send, which may come asynchronously where grpc takes such.
        codec: how they are written.
    """

    def __init__(self, requests: Iterable[Q] | AsyncIterable[Q], codec: Codec[Q]) -> None:
        self._requests: Any = requests
        self._codec = codec
        self.error: Exception | None = None
        """What a request could not be made or written for."""

    def __iter__(self) -> Iterator[Q]:
        with _Kept(self):
            for request in self._requests:
                yield self._codec.written(request)

    async def __aiter__(self) -> AsyncIterator[Q]:
        with _Kept(self):
            if hasattr(self._requests, "__aiter__"):
                async for request in self._requests:
                    yield self._codec.written(request)
            else:
                for request in self._requests:
                    yield self._codec.written(request)


class _Kept:
    """Keeps the exception that ends a stream of requests."""

    def __init__(self, outgoing: Outgoing[Any]) -> None:
        self._outgoing = outgoing

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        # What else ends it comes from outside: the stream is closed, or its task cancelled.
        if isinstance(error, Exception):
            self._outgoing.error = error


def reraise(error: BaseException, outgoing: Outgoing[Any] | None) -> None:
    """Raise what is behind the *error* of a call, if it is that a request could not be made or written."""
    if outgoing is not None and outgoing.error is not None:
        raise outgoing.error from error


class ResponseStream(Generic[R]):
    """The stream of responses of a call."""

    call: Any
    """The grpc call, for metadata, status code and callbacks."""

    def __init__(self, call: Any, outgoing: Outgoing[Any] | None = None) -> None:
        self.call = call
        self._outgoing = outgoing

    def __iter__(self) -> Iterator[R]:
        return self

    def __next__(self) -> R:
        try:
            response = next(self.call)
        except StopIteration:
            raise
        except Exception as error:
            reraise(error, self._outgoing)
            raise
        try:
            opened_response: R = opened(response)
        except ValueError:
            self.cancel()
            raise
        return opened_response

    def cancel(self) -> None:
        """Cancel the call. Has no effect if it has ended."""
        self.call.cancel()

    def __enter__(self) -> ResponseStream[R]:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()


class AsyncResponseStream(Generic[R]):
    """The stream of responses of an asynchronous call."""

    call: Any
    """The grpc call, for metadata, status code and callbacks."""

    def __init__(self, call: Any, outgoing: Outgoing[Any] | None = None) -> None:
        self.call = call
        self._outgoing = outgoing
        self._responses: AsyncIterator[Any] | None = None

    def __aiter__(self) -> AsyncIterator[R]:
        return self

    async def __anext__(self) -> R:
        if self._responses is None:
            self._responses = self.call.__aiter__()
        try:
            response = await self._responses.__anext__()
        except StopAsyncIteration:
            raise
        except BaseException as error:
            # grpc cancels a call whose requests fail.
            reraise(error, self._outgoing)
            raise
        try:
            opened_response: R = opened(response)
        except ValueError:
            self.cancel()
            raise
        return opened_response

    def cancel(self) -> None:
        """Cancel the call. Has no effect if it has ended."""
        self.call.cancel()

    async def __aenter__(self) -> AsyncResponseStream[R]:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cancel()


class RequestStream(Generic[Q]):
    """The requests that a method of a servicer gets: to iterate over, asynchronously where the method is so."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests

    def __iter__(self) -> Iterator[Q]:
        return self

    def __next__(self) -> Q:
        request: Q = opened(next(self._requests))
        return request

    def __aiter__(self) -> AsyncIterator[Q]:
        return self

    async def __anext__(self) -> Q:
        request: Q = opened(await self._requests.__anext__())
        return request


class AsyncDuplexStream(AsyncResponseStream[R], Generic[Q, R]):
    """A bidirectional asynchronous call. If no requests were passed, write them with :meth:`write`."""

    def __init__(self, call: Any, codec: Codec[Q], outgoing: Outgoing[Q] | None = None) -> None:
        super().__init__(call, outgoing)
        self._codec = codec

    async def write(self, request: Q) -> None:
        """Send a request.

        Raises:
            TypeError, ValueError: it cannot be written.
        """
        await self._codec.call(self.call.write, request, {})

    async def done_writing(self) -> None:
        """Tell the server that there are no more requests."""
        await self.call.done_writing()
