"""The methods of a servicer as an asynchronous server calls them; those that are synchronous run in threads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from inspect import isasyncgenfunction, isawaitable, iscoroutinefunction
from typing import Any

from flytekit_models.services.context import ThreadContext, ThreadRequests
from flytekit_models.services.handlers import Method, incoming, written
from flytekit_models.services.rpc import Rpc
from flytekit_models.services.status import status_of

_END = object()


def is_async(method: Method) -> bool:
    """Whether *method* is asynchronous."""
    return iscoroutinefunction(method) or isasyncgenfunction(method)


def asynchronous(rpc: Rpc[Any, Any], method: Method) -> Method:
    """What an asynchronous server calls."""
    streams = rpc.kind.endswith("_stream")
    if iscoroutinefunction(method):
        return _coroutine(rpc, method, streams)
    if isasyncgenfunction(method):
        return _stream(rpc, method)
    return _stream(rpc, _thread_stream(rpc, method)) if streams else _coroutine(rpc, _thread(rpc, method), False)


def _coroutine(rpc: Rpc[Any, Any], method: Method, writes: bool) -> Method:
    """For *method*, which gives the response; or which *writes* responses by the context, as grpc has it too."""

    async def answer(request: Any, context: Any) -> Any:
        try:
            response = await method(incoming(rpc, request), context)
            return None if writes else written(rpc, response)
        except Exception as error:
            await _abort(error, rpc, context)

    return answer


def _stream(rpc: Rpc[Any, Any], method: Method) -> Method:
    async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
        try:
            async for response in method(incoming(rpc, request), context):
                yield written(rpc, response)
        except Exception as error:
            await _abort(error, rpc, context)

    return answer


async def _abort(error: Exception, rpc: Rpc[Any, Any], context: Any) -> None:
    import grpc

    if isinstance(error, grpc.aio.AbortError):
        raise error
    status = status_of(error, rpc, context)
    await context.abort(status.code, status.details, tuple(status.trailing_metadata))


def _thread(rpc: Rpc[Any, Any], method: Method) -> Method:
    async def answer(request: Any, context: Any) -> Any:
        response = await _in_thread(method, *_for_thread(rpc, request, context))
        # What is behind a decorator may be asynchronous all the same.
        return await response if isawaitable(response) else response

    return answer


def _thread_stream(rpc: Rpc[Any, Any], method: Method) -> Method:
    async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
        responses = iter(await _in_thread(method, *_for_thread(rpc, request, context)))
        while (response := await _in_thread(next, responses, _END)) is not _END:
            yield response

    return answer


def _for_thread(rpc: Rpc[Any, Any], request: Any, context: Any) -> tuple[Any, Any]:
    loop = asyncio.get_running_loop()
    given = ThreadRequests(request, loop) if rpc.kind.startswith("stream_") else request
    return given, ThreadContext(context, loop)


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    def call() -> Any:
        try:
            return function(*arguments)
        except StopIteration as error:
            # No future takes it: whoever waits would wait for ever.
            raise RuntimeError("a method raised StopIteration") from error

    return await asyncio.to_thread(call)
