"""All rpcs of all services, both ways against flyteidl's own stubs: what is sent arrives, byte for byte.

Our clients call a server on flyteidl's servicers, flyteidl's stubs call a server on ours, each synchronous and
asynchronous, with random messages.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lossless import wire
from random_messages import messages
from services import TIMEOUT, Classes, Loop, all_services, async_server, sync_server

from flytekit_models.model import message_class
from flytekit_models.services.rpc import Rpc

_SETTINGS = settings(
    max_examples=4, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
_ALL = [(service, rpc.name) for service, classes in all_services().items() for rpc in classes.rpcs()]


@dataclass
class _Script:
    """What the server of the moment is to answer, and what it got; messages."""

    responses: list[Any] = field(default_factory=list)
    received: list[Any] = field(default_factory=list)


_SCRIPT = _Script()


def _answer(streams_in: bool, streams_out: bool, given: Any) -> Any:
    _SCRIPT.received += list(given) if streams_in else [given]
    return iter(_SCRIPT.responses) if streams_out else _SCRIPT.responses[0]


def _raw_servicer(classes: Classes) -> Any:
    """A servicer of flyteidl's, with a method for each rpc; it adds itself as ours do."""

    def method(rpc: Rpc[Any, Any]) -> Any:
        streams_in, streams_out = rpc.kind.startswith("stream_"), rpc.kind.endswith("_stream")
        return lambda self, given, context: _answer(streams_in, streams_out, given)

    methods = {rpc.name: method(rpc) for rpc in classes.rpcs()}
    made = type("Raw", (classes.raw_servicer,), methods)()
    made.add_to_server = lambda server: classes.add_raw_servicer(made, server)
    return made


def _servicer(classes: Classes) -> Any:
    """A synchronous servicer of ours."""

    def method(rpc: Rpc[Any, Any]) -> Any:
        streams_in, streams_out = rpc.kind.startswith("stream_"), rpc.kind.endswith("_stream")

        def answer(self: Any, given: Any, context: Any) -> Any:
            taken = (one.to_flyte_idl() for one in given) if streams_in else given.to_flyte_idl()
            answered = _answer(streams_in, streams_out, taken)
            read = rpc.response._kind.from_flyte_idl
            return map(read, answered) if streams_out else read(answered)

        return answer

    return type("Ours", (classes.servicer,), {rpc.method: method(rpc) for rpc in classes.rpcs()})()


def _async_servicer(classes: Classes) -> Any:
    """An asynchronous servicer of ours."""

    def method(rpc: Rpc[Any, Any]) -> Any:
        streams_in, streams_out = rpc.kind.startswith("stream_"), rpc.kind.endswith("_stream")

        async def taken(given: Any) -> Any:
            return [one.to_flyte_idl() async for one in given] if streams_in else given.to_flyte_idl()

        async def one(self: Any, given: Any, context: Any) -> Any:
            return rpc.response._kind.from_flyte_idl(_answer(streams_in, False, await taken(given)))

        async def many(self: Any, given: Any, context: Any) -> AsyncIterator[Any]:
            for response in _answer(streams_in, True, await taken(given)):
                yield rpc.response._kind.from_flyte_idl(response)

        return many if streams_out else one

    return type("OursAsync", (classes.servicer,), {rpc.method: method(rpc) for rpc in classes.rpcs()})()


@dataclass
class _Clients:
    """Each of the ways from a client to a server, by service."""

    loop: Loop
    sync: dict[str, Any]
    aio: dict[str, Any]
    stubs: dict[str, Any]
    async_stubs: dict[str, Any]


@pytest.fixture(scope="module")
def clients() -> Iterator[_Clients]:
    services = all_services()
    loop = Loop()
    with ExitStack() as stack:
        stack.callback(loop.close)
        raw = stack.enter_context(sync_server(*map(_raw_servicer, services.values())))
        ours = stack.enter_context(sync_server(*map(_servicer, services.values())))
        ours_async = stack.enter_context(async_server(loop, *map(_async_servicer, services.values())))
        channels = [stack.enter_context(grpc.insecure_channel(address)) for address in (raw, ours, ours_async)]

        async def connect() -> Any:
            return grpc.aio.insecure_channel(raw)

        aio = loop.run(connect())
        stack.callback(lambda: loop.run(aio.close()))
        yield _Clients(
            loop,
            {name: classes.client(channels[0]) for name, classes in services.items()},
            {name: classes.async_client(aio) for name, classes in services.items()},
            {name: classes.stub(channels[1]) for name, classes in services.items()},
            {name: classes.stub(channels[2]) for name, classes in services.items()},
        )


def test_every_service_is_there() -> None:
    services = all_services()
    assert len(services) == 11
    assert len(_ALL) == 92


@pytest.mark.parametrize(("service", "name"), _ALL)
def test_lossless_both_ways(clients: _Clients, service: str, name: str) -> None:
    (rpc,) = [each for each in all_services()[service].rpcs() if each.name == name]
    kinds = rpc.request._kind, rpc.response._kind
    requests, responses = (messages(message_class(kind)) for kind in kinds)
    several = rpc.kind.startswith("stream_"), rpc.kind.endswith("_stream")

    @_SETTINGS
    @given(
        st.lists(requests, min_size=0 if several[0] else 1, max_size=3 if several[0] else 1),
        st.lists(responses, min_size=0 if several[1] else 1, max_size=3 if several[1] else 1),
    )
    def check(sent: list[Any], answered: list[Any]) -> None:
        models = [kinds[0].from_flyte_idl(one) for one in sent]
        argument, raw_argument = (models, iter(sent)) if several[0] else (models[0], sent[0])

        def expect(got: Iterable[Any]) -> None:
            assert [wire(one) for one in _SCRIPT.received] == [wire(one) for one in sent]
            assert [wire(one) for one in got] == [wire(one) for one in answered]

        def prepare() -> None:
            _SCRIPT.responses, _SCRIPT.received = answered, []

        prepare()
        got = getattr(clients.sync[service], rpc.method)(argument, timeout=TIMEOUT)
        expect(one.to_flyte_idl() for one in (list(got) if several[1] else [got]))

        async def call() -> list[Any]:
            got = getattr(clients.aio[service], rpc.method)(argument, timeout=TIMEOUT)
            return [one async for one in got] if several[1] else [await got]

        prepare()
        expect(one.to_flyte_idl() for one in clients.loop.run(call()))
        for stubs in (clients.stubs, clients.async_stubs):
            prepare()
            got = getattr(stubs[service], name)(raw_argument, timeout=TIMEOUT)
            expect(list(got) if several[1] else [got])
            raw_argument = iter(sent) if several[0] else sent[0]

    check()
