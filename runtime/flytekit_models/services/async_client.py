"""The base class of asynchronous clients, over an asynchronous channel of the caller."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from flytekit_models.lazy import LazyModule
from flytekit_models.services.client import connect, refuse_other_kind
from flytekit_models.services.codec import opened
from flytekit_models.services.pager import Walk
from flytekit_models.services.rpc import Pages, Rpc, Service, StreamStream, StreamUnary, UnaryStream, UnaryUnary
from flytekit_models.services.streams import AsyncDuplexStream, AsyncResponseStream, Outgoing, reraise

if TYPE_CHECKING:
    import grpc.aio
else:
    # For who asks for type hints: only those who make channels and servers import it.
    grpc = LazyModule("grpc")

Q = TypeVar("Q")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741


class AsyncClient:
    """Asynchronous client of a service.

    Args:
        channel: asynchronous channel to the server. It determines credentials, interceptors and retries.

    Raises:
        TypeError: the channel is a synchronous one.
    """

    _service_: ClassVar[type[Service]]
    _is_async_: ClassVar[bool] = True

    def __init__(self, channel: grpc.aio.Channel) -> None:
        refuse_other_kind(self, channel)
        self._channel_ = channel
        self._calls_: dict[Rpc[Any, Any], Any] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__qualname__} of {self._service_.NAME}>"

    def _call_(self, rpc: Rpc[Any, Any]) -> Any:
        """grpc's callable for *rpc*, made once."""
        found = self._calls_.get(rpc)
        if found is None:
            found = self._calls_[rpc] = connect(self._channel_, rpc)
        return found

    async def _unary_unary_(self, rpc: UnaryUnary[Q, R], request: Q | None, options: Mapping[str, Any]) -> R:
        call = self._call_(rpc)
        response: R = opened(await rpc.request.call(call, rpc.request.empty() if request is None else request, options))
        return response

    def _unary_stream_(
        self, rpc: UnaryStream[Q, R], request: Q | None, options: Mapping[str, Any]
    ) -> AsyncResponseStream[R]:
        call = self._call_(rpc)
        return AsyncResponseStream(rpc.request.call(call, rpc.request.empty() if request is None else request, options))

    async def _stream_unary_(
        self, rpc: StreamUnary[Q, R], requests: Iterable[Q] | AsyncIterable[Q], options: Mapping[str, Any]
    ) -> R:
        outgoing = Outgoing(requests, rpc.request)
        try:
            response = await self._call_(rpc)(outgoing.__aiter__(), **options)
        except BaseException as error:
            # grpc cancels a call whose requests fail.
            reraise(error, outgoing)
            raise
        opened_response: R = opened(response)
        return opened_response

    def _stream_stream_(
        self,
        rpc: StreamStream[Q, R],
        requests: Iterable[Q] | AsyncIterable[Q] | None,
        options: Mapping[str, Any],
    ) -> AsyncDuplexStream[Q, R]:
        if requests is None:
            return AsyncDuplexStream(self._call_(rpc)(**options), rpc.request)
        outgoing = Outgoing(requests, rpc.request)
        return AsyncDuplexStream(self._call_(rpc)(outgoing.__aiter__(), **options), rpc.request, outgoing)

    def _items_(
        self,
        pages: Pages[Q, R, I],
        request: Q | None,
        page_size: int | None,
        maximum: int | None,
        options: Mapping[str, Any],
    ) -> AsyncIterator[I]:
        return self._walk_(Walk(pages, request, page_size, maximum), options)

    async def _walk_(self, walk: Walk[Q, R, I], options: Mapping[str, Any]) -> AsyncIterator[I]:
        while walk.goes_on:
            for item in walk.items_of(await self._unary_unary_(walk.rpc, walk.request, options)):
                yield item
