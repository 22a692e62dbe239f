"""The methods of a servicer as grpc calls them: messages in and out, failures as statuses."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

from flytekit_models.services.codec import opened
from flytekit_models.services.context import Aborted, complete
from flytekit_models.services.rpc import Rpc
from flytekit_models.services.status import UnwritableResponse, status_of
from flytekit_models.services.streams import RequestStream


def is_async(method: Callable[..., Any]) -> bool:
    """Whether *method* is asynchronous."""
    return iscoroutinefunction(method) or isasyncgenfunction(method)


def handler(rpc: Rpc[Any, Any], method: Callable[..., Any]) -> Any:
    """grpc's handler that answers *rpc* by *method*."""
    import grpc

    streams = rpc.kind.endswith("_stream")
    behaviour: Callable[[Any, Any], Any]
    if isasyncgenfunction(method):
        behaviour = _async_stream(rpc, method)
    elif iscoroutinefunction(method):
        behaviour = _coroutine(rpc, method)
    else:
        behaviour = _stream(rpc, method) if streams else _unary(rpc, method)
    make = getattr(grpc, f"{rpc.kind}_rpc_method_handler")
    # Both are found out on the first call, since that imports the modules of their classes.
    return make(
        behaviour,
        request_deserializer=lambda data: rpc.request.decode(data),
        response_serializer=lambda response: rpc.response.serialize(response),
    )


def _incoming(rpc: Rpc[Any, Any], request: Any) -> Any:
    return RequestStream(request) if rpc.kind.startswith("stream_") else opened(request)


def _written(rpc: Rpc[Any, Any], response: Any) -> Any:
    """The *response*, ready for grpc to send."""
    try:
        return rpc.response.written(response)
    except (TypeError, ValueError) as error:
        raise UnwritableResponse(str(error)) from error


def _unary(rpc: Rpc[Any, Any], method: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    def answer(request: Any, context: Any) -> Any:
        context = complete(context)
        try:
            return _written(rpc, method(_incoming(rpc, request), context))
        except Aborted:
            return None
        except Exception as error:
            _abort(error, rpc, context)

    return answer


def _stream(rpc: Rpc[Any, Any], method: Callable[..., Iterable[Any]]) -> Callable[[Any, Any], Iterator[Any]]:
    def answer(request: Any, context: Any) -> Iterator[Any]:
        context = complete(context)
        try:
            for response in method(_incoming(rpc, request), context):
                yield _written(rpc, response)
        except Aborted:
            return
        except Exception as error:
            _abort(error, rpc, context)

    return answer


def _abort(error: Exception, rpc: Rpc[Any, Any], context: Any) -> None:
    status = status_of(error, rpc, context)
    if status.trailing_metadata:
        context.set_trailing_metadata(tuple(status.trailing_metadata))
    with suppress(Aborted):
        context.abort(status.code, status.details)


def _coroutine(rpc: Rpc[Any, Any], method: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    """Also for a stream whose responses the method writes by the context; these grpc takes as they are."""
    streams = rpc.kind.endswith("_stream")

    async def answer(request: Any, context: Any) -> Any:
        try:
            response = await method(_incoming(rpc, request), context)
            return None if streams else _written(rpc, response)
        except Exception as error:
            await _abort_async(error, rpc, context)

    return answer


def _async_stream(
    rpc: Rpc[Any, Any], method: Callable[..., AsyncIterable[Any]]
) -> Callable[[Any, Any], AsyncIterator[Any]]:
    async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            async for response in method(_incoming(rpc, request), context):
                yield _written(rpc, response)
        except Exception as error:
            await _abort_async(error, rpc, context)

    return answer


async def _abort_async(error: Exception, rpc: Rpc[Any, Any], context: Any) -> None:
    import grpc

    if isinstance(error, grpc.aio.AbortError):
        raise error
    status = status_of(error, rpc, context)
    await context.abort(status.code, status.details, tuple(status.trailing_metadata))
