"""What a servicer's methods do reaches the client as a status, and nothing else of it does."""

from __future__ import annotations

import gc
import inspect
import logging
import threading
import time
import weakref
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from services import TIMEOUT, Loop, Start, sync_server

from flytekit.models.admin import agent as idl
from flytekit.models.service.agent import (
    AsyncAgentServiceClient,
    AsyncAgentServiceServicer,
    SyncAgentServiceClient,
    SyncAgentServiceServicer,
)
from flytekit_models.services import RequestStream, StatusError

SECRET = "/etc/secret"
TRAILING = (("why", "because"),)


def _fails(context: Any, how: str) -> Any:
    """What a synchronous method does."""
    if how == "status":
        raise StatusError(grpc.StatusCode.NOT_FOUND, "no such task", TRAILING)
    if how == "abort":
        context.set_trailing_metadata(TRAILING)
        context.abort(grpc.StatusCode.NOT_FOUND, "no such task")
    if how == "set and raise":
        context.set_trailing_metadata(TRAILING)
        context.set_code(grpc.StatusCode.NOT_FOUND)
        context.set_details("no such task")
        raise ValueError(SECRET)
    if how == "own call":
        with grpc.insecure_channel("127.0.0.1:1") as channel:
            AsyncAgentServiceClient(channel).get_task(timeout=TIMEOUT)
    if how == "not implemented":
        raise NotImplementedError(SECRET)
    if how == "no response":
        return SECRET
    if how == "wrong response":
        return idl.DeleteTaskResponse()
    if how == "nothing":
        return None
    raise ValueError(SECRET)


async def _fails_async(context: Any, how: str) -> Any:
    if how == "abort":
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such task", TRAILING)
    return _fails(context, how)


class Sync(AsyncAgentServiceServicer):
    def get_task(self, request: idl.GetTaskRequest, context: Any) -> Any:
        return _fails(context, request.resource_meta.decode())

    def get_task_logs(self, request: idl.GetTaskLogsRequest, context: Any) -> Iterator[Any]:
        yield idl.GetTaskLogsResponse()
        yield _fails(context, request.resource_meta.decode())


class Async(AsyncAgentServiceServicer):
    async def get_task(self, request: idl.GetTaskRequest, context: Any) -> Any:
        return await _fails_async(context, request.resource_meta.decode())

    async def get_task_logs(self, request: idl.GetTaskLogsRequest, context: Any) -> AsyncIterator[Any]:
        yield idl.GetTaskLogsResponse()
        yield await _fails_async(context, request.resource_meta.decode())


CODES = grpc.StatusCode
EXPECTED: dict[str, tuple[grpc.StatusCode, str, tuple[Any, ...], bool]] = {
    "status": (CODES.NOT_FOUND, "no such task", TRAILING, False),
    "abort": (CODES.NOT_FOUND, "no such task", TRAILING, False),
    "set and raise": (CODES.NOT_FOUND, "no such task", TRAILING, False),
    "own call": (CODES.UNAVAILABLE, "failed to connect", (), False),
    "not implemented": (CODES.UNIMPLEMENTED, "AsyncAgentService.{} is not implemented", (), False),
    "no response": (CODES.INTERNAL, "the response of AsyncAgentService.{} cannot be written", (), True),
    "wrong response": (CODES.INTERNAL, "the response of AsyncAgentService.{} cannot be written", (), True),
    "nothing": (CODES.INTERNAL, "the response of AsyncAgentService.{} cannot be written", (), True),
    "anything": (CODES.UNKNOWN, "AsyncAgentService.{} failed", (), True),
}
"""What a method does: code, details and metadata that the client gets, and whether the server logs it."""


@pytest.fixture(params=["sync", "sync on async", "async"])
def agent(request: pytest.FixtureRequest, serve: Start, serve_async: Start) -> AsyncAgentServiceClient:
    if request.param == "sync":
        return AsyncAgentServiceClient(serve(Sync()))
    return AsyncAgentServiceClient(serve_async(Async() if request.param == "async" else Sync(), synchronous=True))


@pytest.mark.parametrize("how", EXPECTED)
@pytest.mark.parametrize("streams", [False, True])
def test_an_exception_is_a_status(
    agent: AsyncAgentServiceClient, how: str, streams: bool, caplog: pytest.LogCaptureFixture
) -> None:
    code, details, trailing, is_logged = EXPECTED[how]
    name = "GetTaskLogs" if streams else "GetTask"
    got = 0
    with pytest.raises(grpc.RpcError) as caught:
        if streams:
            for _ in agent.get_task_logs(idl.GetTaskLogsRequest(resource_meta=how.encode()), timeout=TIMEOUT):
                got += 1
        else:
            agent.get_task(idl.GetTaskRequest(resource_meta=how.encode()), timeout=TIMEOUT)
    error = caught.value
    assert got == streams
    assert error.code() is code
    assert details.format(name) in error.details()
    assert tuple((key, value) for key, value in error.trailing_metadata()) == trailing
    assert SECRET not in str(error)
    ours = [record for record in caplog.records if record.name == "flytekit_models.services.status"]
    assert bool(ours) is is_logged
    assert caplog.records == ours
    if is_logged:
        assert ours[0].levelno == logging.ERROR
        assert ours[0].exc_info is not None
        assert f"AsyncAgentService.{name} failed" in ours[0].getMessage()


def test_what_is_not_overridden_is_unimplemented(agent: AsyncAgentServiceClient) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        agent.delete_task(timeout=TIMEOUT)
    assert caught.value.code() is CODES.UNIMPLEMENTED
    assert caught.value.details() == "AsyncAgentService.DeleteTask is not implemented"
    with pytest.raises(NotImplementedError):
        AsyncAgentServiceServicer().delete_task(idl.DeleteTaskRequest(), None)


def test_every_kind_of_rpc_is_unimplemented(serve: Start) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(SyncAgentServiceClient(serve(SyncAgentServiceServicer())).execute_task_sync([]))
    assert caught.value.code() is CODES.UNIMPLEMENTED


def test_a_request_that_is_no_message(serve: Start, serve_async: Start) -> None:
    for channel in (serve(Sync()), serve_async(Async(), synchronous=True), serve_async(Sync(), synchronous=True)):
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary("/flyteidl.service.AsyncAgentService/GetTask")(b"\xff", timeout=TIMEOUT)
        assert caught.value.code() is CODES.INTERNAL
        what = "the request of AsyncAgentService.GetTask is no valid flyteidl.admin.GetTaskRequest"
        assert caught.value.details() == what


class Counting(SyncAgentServiceServicer):
    """Reads its requests until one is wrong."""

    def execute_task_sync(self, requests: RequestStream[idl.ExecuteTaskSyncRequest], context: Any) -> Iterator[Any]:
        for _ in requests:
            yield idl.ExecuteTaskSyncResponse()


class AsyncCounting(SyncAgentServiceServicer):
    async def execute_task_sync(
        self, requests: RequestStream[idl.ExecuteTaskSyncRequest], context: Any
    ) -> AsyncIterator[Any]:
        async for _ in requests:
            yield idl.ExecuteTaskSyncResponse()


def test_a_request_of_a_stream_that_is_no_message(serve: Start, serve_async: Start) -> None:
    servers = [
        serve(Counting()),
        serve_async(Counting(), synchronous=True),
        serve_async(AsyncCounting(), synchronous=True),
    ]
    for channel in servers:
        call = channel.stream_stream("/flyteidl.service.SyncAgentService/ExecuteTaskSync")(
            iter([b"", b"\xff"]), timeout=TIMEOUT
        )
        assert next(call) == b""
        with pytest.raises(grpc.RpcError) as caught:
            next(call)
        assert caught.value.code() is CODES.INTERNAL
        assert "the request of SyncAgentService.ExecuteTaskSync is no valid" in caught.value.details()


class Writing(AsyncAgentServiceServicer):
    """Writes a stream by the context."""

    async def get_task_logs(self, request: idl.GetTaskLogsRequest, context: Any) -> None:
        await context.write(idl.GetTaskLogsResponse(body=idl.GetTaskLogsResponseBody(results=["a"])))
        await context.write(idl.GetTaskLogsResponse(body=idl.GetTaskLogsResponseBody(results=["b"])))


def test_a_stream_may_be_written_by_the_context(serve_async: Start) -> None:
    logs = AsyncAgentServiceClient(serve_async(Writing(), synchronous=True)).get_task_logs(timeout=TIMEOUT)
    assert [line for each in logs for line in each.body.results] == ["a", "b"]


def test_asynchronous_methods_need_an_asynchronous_server() -> None:
    with (
        pytest.raises(TypeError, match=r"Async\.get_task is asynchronous, and a grpc\.Server cannot await it"),
        sync_server(Async()),
    ):
        pass


def test_several_services_on_one_server(serve: Start) -> None:
    channel = serve(Sync(), Counting())
    assert len(list(SyncAgentServiceClient(channel).execute_task_sync([idl.ExecuteTaskSyncRequest()]))) == 1
    with pytest.raises(grpc.RpcError, match="no such task"):
        AsyncAgentServiceClient(channel).get_task(idl.GetTaskRequest(resource_meta=b"status"))


@pytest.mark.parametrize("code", [grpc.StatusCode.OK, 5, "NOT_FOUND", None])
def test_a_status_error_is_an_error(code: Any) -> None:
    with pytest.raises(ValueError, match=r"expected a grpc\.StatusCode other than OK"):
        StatusError(code, "x")


def test_a_status_error_says_what_it_is() -> None:
    assert str(StatusError(grpc.StatusCode.NOT_FOUND, "no such task")) == "NOT_FOUND: no such task"


class Interceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """Keeps the requests and responses that pass through it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = continuation(details)

        def answer(request: Any, context: Any) -> Any:
            response = handler.unary_unary(request, context)
            self.seen += [request, response]
            return response

        return grpc.unary_unary_rpc_method_handler(answer, handler.request_deserializer, handler.response_serializer)


def test_server_interceptors_see_models() -> None:
    class Agent(AsyncAgentServiceServicer):
        def create_task(self, request: idl.CreateTaskRequest, context: Any) -> idl.CreateTaskResponse:
            return idl.CreateTaskResponse(resource_meta=request.output_prefix.encode())

    interceptor = Interceptor()
    request = idl.CreateTaskRequest(output_prefix="s3://x")
    with sync_server(Agent(), interceptors=[interceptor]) as address, grpc.insecure_channel(address) as channel:
        response = AsyncAgentServiceClient(channel).create_task(request, timeout=TIMEOUT)
    assert interceptor.seen == [request, response]


class Details:
    """Which rpc is asked for."""

    method = "/flyteidl.service.AsyncAgentService/GetTask"


class Wrapped:
    """Stands for a server, as tools that watch servers do."""

    def __init__(self) -> None:
        self.handlers: list[Any] = []

    def add_generic_rpc_handlers(self, handlers: Any) -> None:
        self.handlers += handlers


def test_what_stands_for_a_server_gets_handlers_that_fit_the_methods() -> None:
    for servicer in (Sync(), Async()):
        server: Any = Wrapped()
        servicer.add_to_server(server)
        (handlers,) = server.handlers
        answer = handlers.service(Details).unary_unary
        assert inspect.iscoroutinefunction(answer) is isinstance(servicer, Async)


ended = threading.Event()


class Reading(SyncAgentServiceServicer):
    """Reads all requests before it answers."""

    def execute_task_sync(self, requests: Any, context: Any) -> Iterator[Any]:
        context.send_initial_metadata((("began", "yes"),))
        taken = [request.header.output_prefix for request in requests]
        assert context.is_active() and context.add_callback(ended.set)
        assert dict(context.invocation_metadata())["who"] == "me"
        for prefix in taken:
            yield idl.ExecuteTaskSyncResponse(
                header=idl.ExecuteTaskSyncResponseHeader(resource=idl.Resource(message=prefix))
            )


def test_a_synchronous_method_has_the_same_context_on_both_servers(serve: Start, serve_async: Start) -> None:
    requests = [
        idl.ExecuteTaskSyncRequest(header=idl.CreateRequestHeader(output_prefix=prefix)) for prefix in ("a", "b")
    ]
    for channel in (serve(Reading()), serve_async(Reading(), synchronous=True)):
        answers = SyncAgentServiceClient(channel).execute_task_sync(
            requests, timeout=TIMEOUT, metadata=(("who", "me"),)
        )
        assert [each.header.resource.message for each in answers] == ["a", "b"]
        assert dict(answers.call.initial_metadata()) == {"began": "yes"}
        assert ended.wait(TIMEOUT)
        ended.clear()


class Stopping(AsyncAgentServiceServicer):
    def get_task(self, request: idl.GetTaskRequest, context: Any) -> Any:
        raise StopIteration(SECRET)


def test_stop_iteration_is_an_exception_like_any_other(serve: Start, serve_async: Start) -> None:
    for channel in (serve(Stopping()), serve_async(Stopping(), synchronous=True)):
        with pytest.raises(grpc.RpcError) as caught:
            AsyncAgentServiceClient(channel).get_task(timeout=TIMEOUT)
        assert (caught.value.code(), caught.value.details()) == (CODES.UNKNOWN, "AsyncAgentService.GetTask failed")


def test_abort_with_status_ends_a_synchronous_method(serve: Start, serve_async: Start) -> None:
    @dataclass
    class Given(grpc.Status):  # type: ignore[misc]
        code: grpc.StatusCode
        details: str
        trailing_metadata: Any

    class Aborting(AsyncAgentServiceServicer):
        def get_task(self, request: idl.GetTaskRequest, context: Any) -> Any:
            context.abort_with_status(Given(CODES.NOT_FOUND, "no such task", TRAILING))

    for channel in (serve(Aborting()), serve_async(Aborting(), synchronous=True)):
        with pytest.raises(grpc.RpcError) as caught:
            AsyncAgentServiceClient(channel).get_task(timeout=TIMEOUT)
        assert (caught.value.code(), caught.value.details()) == (CODES.NOT_FOUND, "no such task")
        assert tuple(tuple(pair) for pair in caught.value.trailing_metadata()) == TRAILING


def test_what_is_behind_a_decorator_may_be_asynchronous(serve_async: Start) -> None:
    def watched(method: Any) -> Any:
        return lambda *arguments: method(*arguments)

    class Watched(AsyncAgentServiceServicer):
        @watched
        async def get_task(self, request: idl.GetTaskRequest, context: Any) -> Any:
            return await _fails_async(context, request.resource_meta.decode())

        @watched
        async def delete_task(self, request: idl.DeleteTaskRequest, context: Any) -> idl.DeleteTaskResponse:
            return idl.DeleteTaskResponse()

    agent = AsyncAgentServiceClient(serve_async(Watched(), synchronous=True))
    assert agent.delete_task(timeout=TIMEOUT) == idl.DeleteTaskResponse()
    with pytest.raises(grpc.RpcError, match="no such task"):
        agent.get_task(idl.GetTaskRequest(resource_meta=b"status"), timeout=TIMEOUT)


class Endless(SyncAgentServiceServicer):
    """Reads and answers until nobody listens."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def execute_task_sync(self, requests: Any, context: Any) -> Iterator[Any]:
        try:
            for _ in requests:
                yield idl.ExecuteTaskSyncResponse()
        finally:
            self.ended.set()


class AsyncEndless(Endless):
    async def execute_task_sync(self, requests: Any, context: Any) -> AsyncIterator[Any]:
        try:
            async for _ in requests:
                yield idl.ExecuteTaskSyncResponse()
        finally:
            self.ended.set()


def test_a_method_ends_when_nobody_listens_any_more(serve: Start, serve_async: Start) -> None:
    def requests(until: threading.Event) -> Iterator[Any]:
        yield idl.ExecuteTaskSyncRequest()
        until.wait(TIMEOUT)

    for start, servicer in (
        (lambda each: serve(each), Endless()),
        (lambda each: serve_async(each, synchronous=True), Endless()),
        (lambda each: serve_async(each, synchronous=True), AsyncEndless()),
    ):
        client = SyncAgentServiceClient(start(servicer))
        done = threading.Event()
        with client.execute_task_sync(requests(done), timeout=TIMEOUT) as answers:
            assert next(answers) == idl.ExecuteTaskSyncResponse()
            assert not servicer.ended.is_set()
        assert servicer.ended.wait(TIMEOUT), servicer
        done.set()


def test_a_server_keeps_no_response(serve: Start, serve_async: Start) -> None:
    kept: list[Any] = []

    class Agent(AsyncAgentServiceServicer):
        def get_task(self, request: idl.GetTaskRequest, context: Any) -> idl.GetTaskResponse:
            response = idl.GetTaskResponse()
            kept.append(weakref.ref(response))
            return response

    for channel in (serve(Agent()), serve_async(Agent(), synchronous=True)):
        AsyncAgentServiceClient(channel).get_task(timeout=TIMEOUT)
        # The thread that answered may still be on its way out of the call.
        for _ in range(100):
            gc.collect()
            if kept[-1]() is None:
                break
            time.sleep(0.05)
        assert kept[-1]() is None


def test_abort_is_called_once(loop: Loop) -> None:
    """gRPC wants what it raises left alone."""

    class Context:
        def __init__(self) -> None:
            self.aborted: list[Any] = []

        def code(self) -> Any:
            return CODES.NOT_FOUND if self.aborted else None

        async def abort(self, code: Any, *_: Any) -> None:
            self.aborted.append(code)
            raise grpc.aio.AbortError("Locally aborted.")

    server: Any = Wrapped()
    Async().add_to_server(server)
    answer = server.handlers[0].service(Details).unary_unary
    for how, code in (("abort", CODES.NOT_FOUND), ("anything", CODES.UNKNOWN)):
        context = Context()
        with pytest.raises(grpc.aio.AbortError):
            loop.run(answer(idl.GetTaskRequest(resource_meta=how.encode()), context))
        assert context.aborted == [code]
