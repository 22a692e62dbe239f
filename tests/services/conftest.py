"""A server whose servicer a test writes, and clients of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import pytest
from services import Loop, Start, async_server, sync_server


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """An event loop in a thread of its own."""
    running = Loop()
    yield running
    running.close()


@pytest.fixture
def serve() -> Iterator[Start]:
    """Starts a server that answers by the servicers it is given; gives a channel to it."""
    with ExitStack() as stack:

        def start(*servicers: Any, interceptors: tuple[Any, ...] = (), options: Any = ()) -> grpc.Channel:
            address = stack.enter_context(sync_server(*servicers, options=options))
            channel = stack.enter_context(grpc.insecure_channel(address, options=options))
            return grpc.intercept_channel(channel, *interceptors)

        yield start


@pytest.fixture
def serve_async(loop: Loop) -> Iterator[Start]:
    """Starts an asynchronous server; gives an asynchronous channel to it, or a synchronous one."""
    with ExitStack() as stack:

        def start(*servicers: Any, synchronous: bool = False, interceptors: Any = None) -> Any:
            address = stack.enter_context(async_server(loop, *servicers))
            if synchronous:
                return stack.enter_context(grpc.insecure_channel(address))

            async def connect() -> Any:
                return grpc.aio.insecure_channel(address, interceptors=interceptors)

            channel = loop.run(connect())
            stack.callback(lambda: loop.run(channel.close()))
            return channel

        yield start
