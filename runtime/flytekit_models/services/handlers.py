"""The methods of a servicer as a synchronous server calls them: models in and out, failures as statuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flytekit_models.services.codec import opened
from flytekit_models.services.rpc import Rpc
from flytekit_models.services.status import UnwritableResponse, status_of
from flytekit_models.services.streams import RequestStream

Method = Callable[[Any, Any], Any]


def handler(rpc: Rpc[Any, Any], behaviour: Method) -> Any:
    """grpc's handler that answers *rpc* by *behaviour*."""
    import grpc

    make = getattr(grpc, f"{rpc.kind}_rpc_method_handler")
    # Found out on the first call, since that imports the modules of both classes.
    return make(
        behaviour,
        request_deserializer=lambda data: rpc.request.decode(data),
        response_serializer=lambda response: rpc.response.serialize(response),
    )


def incoming(rpc: Rpc[Any, Any], request: Any) -> Any:
    """What the method is given for what grpc gives.

    Raises:
        InvalidMessage: it is no valid message.
    """
    return RequestStream(request) if rpc.kind.startswith("stream_") else opened(request)


def written(rpc: Rpc[Any, Any], response: Any) -> Any:
    """The *response* of a method, ready for grpc to send.

    Raises:
        UnwritableResponse: it is none.
    """
    try:
        return rpc.response.written(response)
    except (TypeError, ValueError) as error:
        raise UnwritableResponse(str(error)) from error


def synchronous(rpc: Rpc[Any, Any], method: Method) -> Method:
    """What a synchronous server calls."""
    return _stream(rpc, method) if rpc.kind.endswith("_stream") else _unary(rpc, method)


def _unary(rpc: Rpc[Any, Any], method: Method) -> Method:
    def answer(request: Any, context: Any) -> Any:
        try:
            return written(rpc, method(incoming(rpc, request), context))
        except Exception as error:
            _abort(error, rpc, context)

    return answer


def _stream(rpc: Rpc[Any, Any], method: Callable[[Any, Any], Iterable[Any]]) -> Method:
    def answer(request: Any, context: Any) -> Iterator[Any]:
        try:
            for response in method(incoming(rpc, request), context):
                yield written(rpc, response)
        except Exception as error:
            _abort(error, rpc, context)

    return answer


def _abort(error: Exception, rpc: Rpc[Any, Any], context: Any) -> None:
    status = status_of(error, rpc, context)
    if status.trailing_metadata:
        context.set_trailing_metadata(tuple(status.trailing_metadata))
    context.abort(status.code, status.details)
