"""What a client sends is what it was given, and what goes wrong says so."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from services import TIMEOUT, Loop, Start

from flytekit.models.admin import agent as idl
from flytekit.models.admin.version import GetVersionRequest, GetVersionResponse, Version
from flytekit.models.common import ObjectGetRequest
from flytekit.models.core.identifier import Identifier
from flytekit.models.literals import Literal, LiteralMap, Primitive, Scalar
from flytekit.models.service.admin import AdminServiceAsyncClient, AdminServiceClient, AdminServiceServicer
from flytekit.models.service.agent import (
    AsyncAgentServiceAsyncClient,
    AsyncAgentServiceClient,
    AsyncAgentServiceServicer,
    SyncAgentServiceAsyncClient,
    SyncAgentServiceClient,
    SyncAgentServiceServicer,
)
from flytekit_models.services import InvalidMessage

UNLIMITED = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))
HEADER = idl.CreateRequestHeader(output_prefix="s3://x")


class Admin(AdminServiceServicer):
    """Tells what came with a call."""

    def __init__(self) -> None:
        self.metadata: dict[str, Any] = {}
        self.remaining: float | None = None
        self.ended = threading.Event()

    def get_version(self, request: GetVersionRequest, context: grpc.ServicerContext) -> GetVersionResponse:
        self.metadata = dict(context.invocation_metadata())
        self.remaining = context.time_remaining()
        return GetVersionResponse(control_plane_version=Version(version="v1"))

    def get_domains(self, request: Any, context: grpc.ServicerContext) -> Any:
        context.add_callback(self.ended.set)
        assert self.ended.wait(TIMEOUT)
        raise AssertionError("nobody waits any more")


class Agent(AsyncAgentServiceServicer):
    """Has logs without end, as long as somebody listens."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def get_task_logs(
        self, request: idl.GetTaskLogsRequest, context: grpc.ServicerContext
    ) -> Iterator[idl.GetTaskLogsResponse]:
        context.add_callback(self.ended.set)
        context.send_initial_metadata((("begins", "here"),))
        context.set_trailing_metadata((("ends", "there"),))
        for number in range(request.lines or 10**9):
            if self.ended.is_set():
                return
            yield _log(str(number))


def _log(line: str) -> idl.GetTaskLogsResponse:
    return idl.GetTaskLogsResponse(body=idl.GetTaskLogsResponseBody(results=[line]))


def _lines(responses: list[idl.GetTaskLogsResponse]) -> list[str]:
    return [line for response in responses for line in response.body.results]


class Echo(SyncAgentServiceServicer):
    """Answers each request as it comes, with its inputs."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def execute_task_sync(self, requests: Any, context: grpc.ServicerContext) -> Iterator[idl.ExecuteTaskSyncResponse]:
        for request in requests:
            self.taken.append(request.header.output_prefix if request.header else "inputs")
            yield idl.ExecuteTaskSyncResponse(outputs=request.inputs)


# Options.


def test_options_are_grpcs(serve: Start) -> None:
    admin = Admin()
    client = AdminServiceClient(serve(admin))
    response = client.get_version(
        timeout=7,
        metadata=(("who", "me"), ("raw-bin", b"\xff")),
        wait_for_ready=True,
        compression=grpc.Compression.Gzip,
    )
    assert response.control_plane_version.version == "v1"
    assert (admin.metadata["who"], admin.metadata["raw-bin"]) == ("me", b"\xff")
    # The server's clock is not read at the same moment: it may see a little more.
    assert admin.remaining is not None and 0 < admin.remaining < 8


def test_an_option_that_grpc_does_not_know_is_refused(serve: Start) -> None:
    client: Any = AdminServiceClient(serve(Admin()))
    with pytest.raises(TypeError, match="retries"):
        client.get_version(retries=3)


def test_a_request_is_a_model_a_message_or_nothing(serve: Start) -> None:
    client: Any = AdminServiceClient(serve(Admin()))
    for request in ((), (None,), (GetVersionRequest(),), (GetVersionRequest().to_flyte_idl(),)):
        assert client.get_version(*request).control_plane_version.version == "v1"


def test_a_client_takes_channels_of_its_kind(serve: Start, serve_async: Start) -> None:
    with pytest.raises(TypeError, match=r"AdminServiceAsyncClient takes a grpc\.aio\.Channel; for a grpc\.Channel"):
        AdminServiceAsyncClient(serve())
    with pytest.raises(TypeError, match=r"AdminServiceClient takes a grpc\.Channel; for a grpc\.aio\.Channel"):
        AdminServiceClient(serve_async())
    for wrong in ("localhost:8089", None):
        with pytest.raises(
            TypeError, match=r"AdminServiceClient takes a grpc\.Channel, got \w+; grpc\.insecure_channel"
        ):
            AdminServiceClient(wrong)  # type: ignore[arg-type]


def test_it_is_shown_by_its_service(serve: Start) -> None:
    assert repr(AdminServiceClient(serve())) == "<AdminServiceClient of flyteidl.service.AdminService>"


# Deadlines and cancelling.


def test_a_deadline_ends_a_call_at_both_ends(serve: Start) -> None:
    admin = Admin()
    with pytest.raises(grpc.RpcError) as caught:
        AdminServiceClient(serve(admin)).get_domains(timeout=0.2)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert admin.ended.wait(TIMEOUT)


def test_cancelling_the_task_cancels_the_call(serve: Start, serve_async: Start, loop: Loop) -> None:
    admin = Admin()

    channel = serve_async(admin)

    async def run() -> None:
        call = asyncio.ensure_future(AdminServiceAsyncClient(channel).get_domains())
        await asyncio.sleep(0.3)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    loop.run(run())
    assert admin.ended.wait(TIMEOUT)


def test_a_stream_is_cancelled_by_its_end(serve: Start) -> None:
    agent = Agent()
    with AsyncAgentServiceClient(serve(agent)).get_task_logs() as logs:
        assert _lines([next(logs), next(logs)]) == ["0", "1"]
        assert dict(logs.call.initial_metadata()) == {"begins": "here"}
    assert agent.ended.wait(TIMEOUT)
    with pytest.raises(grpc.RpcError) as caught:
        list(logs)
    assert caught.value.code() is grpc.StatusCode.CANCELLED


def test_an_asynchronous_stream_is_cancelled_by_its_end(serve_async: Start, loop: Loop) -> None:
    agent = Agent()
    channel = serve_async(agent)

    async def read() -> list[str]:
        async with AsyncAgentServiceAsyncClient(channel).get_task_logs() as logs:
            return _lines([await anext(logs), await anext(logs)])

    assert loop.run(read()) == ["0", "1"]
    assert agent.ended.wait(TIMEOUT)


def test_what_a_stream_ends_with_is_on_its_call(serve: Start) -> None:
    logs = AsyncAgentServiceClient(serve(Agent())).get_task_logs(idl.GetTaskLogsRequest(lines=2))
    assert _lines(list(logs)) == ["0", "1"]
    assert dict(logs.call.trailing_metadata()) == {"ends": "there"}
    assert logs.call.code() is grpc.StatusCode.OK


# Streams of requests.


def _headers(*prefixes: str) -> Iterator[idl.ExecuteTaskSyncRequest]:
    for prefix in prefixes:
        yield idl.ExecuteTaskSyncRequest(header=idl.CreateRequestHeader(output_prefix=prefix))


def test_both_ways_at_once(serve: Start) -> None:
    echo = Echo()
    answers = SyncAgentServiceClient(serve(echo)).execute_task_sync(_headers("a", "b"))
    assert len(list(answers)) == 2
    assert echo.taken == ["a", "b"]


def test_requests_may_come_asynchronously_or_be_written(serve_async: Start, loop: Loop) -> None:
    echo = Echo()
    client = SyncAgentServiceAsyncClient(serve_async(echo))

    async def asynchronously() -> AsyncIterator[idl.ExecuteTaskSyncRequest]:
        for request in _headers("a", "b"):
            await asyncio.sleep(0)
            yield request

    async def run() -> int:
        answers = [each async for each in client.execute_task_sync(asynchronously())]
        answers += [each async for each in client.execute_task_sync(_headers("c"))]
        stream = client.execute_task_sync()
        for request in _headers("d", "e"):
            await stream.write(request)
            answers.append(await anext(stream))
        await stream.done_writing()
        answers += [each async for each in stream]
        return len(answers)

    assert loop.run(run()) == 5
    assert echo.taken == ["a", "b", "c", "d", "e"]


class Boom(Exception):
    """What a person's generator raises."""


def test_what_the_requests_raise_reaches_the_caller(serve: Start, serve_async: Start, loop: Loop) -> None:
    def requests() -> Iterator[idl.ExecuteTaskSyncRequest]:
        yield from _headers("a")
        raise Boom("mine")

    with pytest.raises(Boom, match="mine"):
        list(SyncAgentServiceClient(serve(Echo())).execute_task_sync(requests()))
    client = SyncAgentServiceAsyncClient(serve_async(Echo()))

    async def run() -> None:
        with pytest.raises(Boom, match="mine"):
            _ = [each async for each in client.execute_task_sync(requests())]

    loop.run(run())


def test_a_request_of_a_stream_that_cannot_be_written_is_not_sent(serve: Start, serve_async: Start, loop: Loop) -> None:
    def requests() -> Iterator[Any]:
        yield from _headers("a", 5)  # type: ignore[arg-type]

    path = r"ExecuteTaskSyncRequest\.header\.output_prefix: expected str, got int 5"
    echo = Echo()
    with pytest.raises(TypeError, match=path):
        list(SyncAgentServiceClient(serve(echo)).execute_task_sync(requests()))
    assert 5 not in echo.taken
    client = SyncAgentServiceAsyncClient(serve_async(echo))

    async def run() -> None:
        with pytest.raises(TypeError, match=path):
            _ = [each async for each in client.execute_task_sync(requests())]
        stream = client.execute_task_sync()
        with pytest.raises(TypeError, match=path):
            await stream.write(next(_headers(5)))  # type: ignore[arg-type]
        stream.cancel()

    loop.run(run())


# Errors.


class Recorder(grpc.UnaryUnaryClientInterceptor):  # type: ignore[misc]
    """Keeps what passes through it."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.responses: list[Any] = []

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        self.requests.append(request)
        call = continuation(details, request)
        self.responses.append(call.result())
        return call


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (ObjectGetRequest(id=5), r"ObjectGetRequest\.id: expected .*, got int 5"),  # type: ignore[arg-type]
        (
            ObjectGetRequest(id=Identifier(1, "p", "d", "n", version=object())),  # type: ignore[arg-type]
            r"ObjectGetRequest\.id\.version: expected str, got object",
        ),
        (5, r"the request of AdminService\.GetTask: expected ObjectGetRequest .*, got int"),
        (
            GetVersionRequest(),
            r"the request of AdminService\.GetTask: expected ObjectGetRequest .*, got GetVersionRequest",
        ),
        (ObjectGetRequest, r"the request of AdminService\.GetTask: .*, got the class ObjectGetRequest"),
    ],
)
def test_a_request_that_cannot_be_written_is_not_sent(
    serve: Start, serve_async: Start, loop: Loop, request_: Any, error: str
) -> None:
    recorder = Recorder()
    with pytest.raises(TypeError, match=error):
        AdminServiceClient(serve(interceptors=(recorder,))).get_task(request_)
    assert not recorder.requests
    with pytest.raises(TypeError, match=error):
        loop.run(AdminServiceAsyncClient(serve_async()).get_task(request_))


class Garbage:
    """Answers anything with what is no message."""

    def add_to_server(self, server: Any) -> None:
        class Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
            def service(self, details: Any) -> Any:
                if details.method.endswith("GetTaskLogs"):
                    return grpc.unary_stream_rpc_method_handler(
                        lambda *_: iter([_log("a").to_flyte_idl().SerializeToString(), b"\xff"])
                    )
                return grpc.unary_unary_rpc_method_handler(lambda *_: b"\xff")

        server.add_generic_rpc_handlers((Handlers(),))


def test_a_response_that_is_no_message_says_so(serve: Start, serve_async: Start, loop: Loop) -> None:
    channel = serve(Garbage())
    with pytest.raises(
        InvalidMessage, match=r"the response of AdminService\.GetTask is no valid flyteidl\.admin\.Task"
    ):
        AdminServiceClient(channel).get_task()
    logs = AsyncAgentServiceClient(channel).get_task_logs()
    assert _lines([next(logs)]) == ["a"]
    with pytest.raises(InvalidMessage, match=r"AsyncAgentService\.GetTaskLogs is no valid"):
        next(logs)
    aio = serve_async(Garbage())

    async def run() -> None:
        with pytest.raises(InvalidMessage):
            await AdminServiceAsyncClient(aio).get_task()
        with pytest.raises(InvalidMessage):
            _ = [each async for each in AsyncAgentServiceAsyncClient(aio).get_task_logs()]

    loop.run(run())


def test_a_server_that_is_not_there(loop: Loop) -> None:
    with grpc.insecure_channel("127.0.0.1:1") as channel, pytest.raises(grpc.RpcError) as caught:
        AdminServiceClient(channel).get_version(timeout=TIMEOUT)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


# Interceptors.


def test_interceptors_see_models_and_may_change_them(serve: Start) -> None:
    class Replacer(Recorder):
        def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            return super().intercept_unary_unary(
                continuation, details, ObjectGetRequest(id=Identifier(1, "p", "d", "n", "v2"))
            )

    class Tasks(AdminServiceServicer):
        def get_task(self, request: ObjectGetRequest, context: Any) -> Any:
            from flytekit.models.task import Task, TaskClosure

            return Task(request.id, TaskClosure(None))  # type: ignore[arg-type]

    recorder = Replacer()
    client = AdminServiceClient(serve(Tasks(), interceptors=(recorder,)))
    got = client.get_task(ObjectGetRequest(id=Identifier(1, "p", "d", "n", "v1")))
    assert got.id.version == "v2"
    assert recorder.requests[0].id.version == "v2"
    assert recorder.responses == [got]


# Large messages.


@pytest.mark.parametrize("size", [0, 100, 80_000])
def test_large_messages(serve: Start, serve_async: Start, loop: Loop, size: int) -> None:
    literals = {f"key-{n}": Literal(Scalar(primitive=Primitive(string_value="x" * 40))) for n in range(size)}
    request = idl.ExecuteTaskSyncRequest(inputs=LiteralMap(literals))
    (answer,) = SyncAgentServiceClient(serve(Echo(), options=UNLIMITED)).execute_task_sync([request])
    assert answer.outputs == request.inputs


def test_a_message_over_the_limit_is_an_answer_of_grpc(serve: Start) -> None:
    request = idl.ExecuteTaskSyncRequest(inputs=LiteralMap({"x" * 5_000_000: Literal(Scalar())}))
    with pytest.raises(grpc.RpcError) as caught:
        list(SyncAgentServiceClient(serve(Echo())).execute_task_sync([request]))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
