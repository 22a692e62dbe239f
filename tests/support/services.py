"""The services of the generated package, flyteidl's own stubs for them, and servers to call on 127.0.0.1."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import grpc

from flytekit_models.services import api_v1
from flytekit_models.services.rpc import Rpc

T = TypeVar("T")
Start = Callable[..., Any]
"""Starts a server for a test, and gives a channel to it."""
TIMEOUT = 20
"""Seconds that any call of a test may take; all take far less."""


@dataclass(frozen=True)
class Classes:
    """What is generated for a service, and what protoc made of it."""

    table: type[api_v1.Service]
    client: Any
    async_client: Any
    servicer: Any
    stub: Any
    raw_servicer: Any
    add_raw_servicer: Callable[[Any, Any], None]

    def rpcs(self) -> list[Rpc[Any, Any]]:
        return list(self.table.rpcs())


@cache
def all_services(models: str = "flytekit.models", protos: str = "flyteidl") -> dict[str, Classes]:
    """Every service of a generated package, by full name."""
    for root in (models, protos):
        package = importlib.import_module(root)
        for module in pkgutil.walk_packages(package.__path__, f"{root}."):
            if root == models or module.name.endswith("_pb2_grpc"):
                importlib.import_module(module.name)
    found = {}
    for table in api_v1.Service.__subclasses__():
        if table.__module__.startswith(f"{models}."):
            found[table.NAME] = _classes(table, protos)
    return found


def _classes(table: type[api_v1.Service], protos: str) -> Classes:
    def generated(base: Any) -> Any:
        (one,) = [each for each in base.__subclasses__() if each._service_ is table]
        return one

    name = table.NAME.rpartition(".")[2]
    (raw,) = [
        module
        for key, module in sys.modules.items()
        if key.startswith(f"{protos}.") and key.endswith("_pb2_grpc") and _has(module, name, table.NAME)
    ]
    return Classes(
        table,
        generated(api_v1.Client),
        generated(api_v1.AsyncClient),
        generated(api_v1.Servicer),
        getattr(raw, f"{name}Stub"),
        getattr(raw, f"{name}Servicer"),
        getattr(raw, f"add_{name}Servicer_to_server"),
    )


def _has(module: Any, name: str, full_name: str) -> bool:
    """Whether a module of stubs is the one of a service: its stub asks a channel for the rpcs of that name."""
    stub = getattr(module, f"{name}Stub", None)
    asked: list[str] = []

    class Channel:
        def __getattr__(self, _: str) -> Callable[..., None]:
            return lambda path, **__: asked.append(path)

    if stub is None:
        return False
    stub(Channel())
    return asked[0].startswith(f"/{full_name}/")


@contextmanager
def sync_server(*servicers: Any, credentials: Any = None, options: Any = (), **more: Any) -> Iterator[str]:
    """A server that answers by *servicers*, which add themselves; its address."""
    server = grpc.server(ThreadPoolExecutor(4), options=options, **more)
    for servicer in servicers:
        servicer.add_to_server(server)
    port = (
        server.add_secure_port("127.0.0.1:0", credentials) if credentials else server.add_insecure_port("127.0.0.1:0")
    )
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(0).wait(TIMEOUT)


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of *work*."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(TIMEOUT)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(TIMEOUT)
        self._loop.close()


@contextmanager
def async_server(loop: Loop, *servicers: Any) -> Iterator[str]:
    """An asynchronous server on *loop*; its address."""

    async def start() -> tuple[Any, int]:
        server = grpc.aio.server()
        for servicer in servicers:
            servicer.add_to_server(server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = loop.run(start())
    try:
        yield f"127.0.0.1:{port}"
    finally:
        loop.run(server.stop(0))
