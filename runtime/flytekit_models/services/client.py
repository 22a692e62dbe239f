"""The base class of synchronous clients, over a channel of the caller."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from flytekit_models.lazy import LazyModule
from flytekit_models.services.codec import opened
from flytekit_models.services.pager import Walk
from flytekit_models.services.rpc import Pages, Rpc, Service, StreamStream, StreamUnary, UnaryStream, UnaryUnary
from flytekit_models.services.streams import Outgoing, ResponseStream, reraise

if TYPE_CHECKING:
    import grpc
else:
    # For who asks for type hints: only those who make channels and servers import it.
    grpc = LazyModule("grpc")

Q = TypeVar("Q")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741


class Client:
    """A client of one service.

    Args:
        channel: channel to the server. It determines credentials, interceptors and retries.

    Raises:
        TypeError: the channel is one of the other kind, synchronous or asynchronous.
    """

    _service_: ClassVar[type[Service]]
    _is_async_: ClassVar[bool] = False

    def __init__(self, channel: grpc.Channel) -> None:
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

    def _unary_unary_(self, rpc: UnaryUnary[Q, R], request: Q | None, options: Mapping[str, Any]) -> R:
        call = self._call_(rpc)
        response: R = opened(rpc.request.call(call, rpc.request.empty() if request is None else request, options))
        return response

    def _unary_stream_(
        self, rpc: UnaryStream[Q, R], request: Q | None, options: Mapping[str, Any]
    ) -> ResponseStream[R]:
        call = self._call_(rpc)
        return ResponseStream(rpc.request.call(call, rpc.request.empty() if request is None else request, options))

    def _stream_unary_(self, rpc: StreamUnary[Q, R], requests: Iterable[Q], options: Mapping[str, Any]) -> R:
        outgoing = Outgoing(requests, rpc.request)
        try:
            response = self._call_(rpc)(iter(outgoing), **options)
        except Exception as error:
            reraise(error, outgoing)
            raise
        opened_response: R = opened(response)
        return opened_response

    def _stream_stream_(
        self, rpc: StreamStream[Q, R], requests: Iterable[Q], options: Mapping[str, Any]
    ) -> ResponseStream[R]:
        outgoing = Outgoing(requests, rpc.request)
        return ResponseStream(self._call_(rpc)(iter(outgoing), **options), outgoing)

    def _items_(
        self,
        pages: Pages[Q, R, I],
        request: Q | None,
        page_size: int | None,
        maximum: int | None,
        options: Mapping[str, Any],
    ) -> Iterator[I]:
        return self._walk_(Walk(pages, request, page_size, maximum), options)

    def _walk_(self, walk: Walk[Q, R, I], options: Mapping[str, Any]) -> Iterator[I]:
        while walk.goes_on:
            yield from walk.items_of(self._unary_unary_(walk.rpc, walk.request, options))


def connect(channel: Any, rpc: Rpc[Any, Any]) -> Any:
    """grpc's callable for *rpc* over *channel*."""
    # Both classes are found here, so that what the installed IDL package lacks is an error before a request is sent.
    serialize, deserialize = rpc.request.serialize, rpc.response.decode
    return getattr(channel, rpc.kind)(rpc.path, request_serializer=serialize, response_deserializer=deserialize)


def refuse_other_kind(client: Any, channel: Any) -> None:
    """Refuse what is no channel, or one whose calls are awaited where the client does not, and the other way round."""
    kinds = {False: "grpc.Channel", True: "grpc.aio.Channel"}
    takes = f"{type(client).__name__} takes a {kinds[client._is_async_]}"
    if not hasattr(channel, "unary_unary"):
        raise TypeError(
            f"{takes}, got {type(channel).__name__}; grpc.insecure_channel(address) makes one, for instance"
        )
    # Whoever has a channel of grpc's has imported it; what only stands for one may be either.
    grpc = sys.modules.get("grpc")
    if grpc is None or not isinstance(channel, (grpc.Channel, grpc.aio.Channel)):
        return
    if isinstance(channel, grpc.aio.Channel) != client._is_async_:
        other = "synchronous" if client._is_async_ else "asynchronous"
        raise TypeError(f"{takes}; for a {kinds[not client._is_async_]} there is the {other} client")
