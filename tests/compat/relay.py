"""A server on our servicers, which answers every rpc by a call of our clients to another server.

It prints its address, and ends when its input does. What goes through it goes through models four times: as a request
that a servicer takes and a client gives, and as a response the other way.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

import flytekit.models
from flytekit_models.services import api_v1
from flytekit_models.services.rpc import Rpc

SECONDS = 60
"""How long a call may take."""


def relays(channel: grpc.Channel) -> list[Any]:
    """A servicer of each service."""
    for module in pkgutil.walk_packages(flytekit.models.__path__, "flytekit.models."):
        importlib.import_module(module.name)
    clients = {client._service_: client(channel) for client in api_v1.Client.__subclasses__()}
    return [_relay(servicer, clients[servicer._service_]) for servicer in api_v1.Servicer.__subclasses__()]


def _relay(servicer: type[api_v1.Servicer], client: Any) -> Any:
    def method(rpc: Rpc[Any, Any]) -> Any:
        def relayed(_: object, request: Any, context: grpc.ServicerContext) -> Any:
            return getattr(client, rpc.method)(request, timeout=SECONDS)

        return relayed

    return type("Relay", (servicer,), {rpc.method: method(rpc) for rpc in servicer._service_.rpcs()})()


def main() -> None:
    """Serve until the input ends."""
    server = grpc.server(ThreadPoolExecutor(4))
    with grpc.insecure_channel(sys.argv[1]) as channel:
        for servicer in relays(channel):
            servicer.add_to_server(server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        print(f"127.0.0.1:{port}", flush=True)
        sys.stdin.read()
        server.stop(None).wait()


if __name__ == "__main__":
    main()
