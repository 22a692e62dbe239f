"""The base class of servicers: methods that take and return models, added to a server of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flytekit_models.lazy import LazyModule
from flytekit_models.services.rpc import Service

if TYPE_CHECKING:
    import grpc
    import grpc.aio
else:
    # For who asks for type hints: only those who make channels and servers import it.
    grpc = LazyModule("grpc")


class Servicer:
    """Implements the rpcs of a service as methods with their names in snake case.

    A method is ``def`` or, on an asynchronous server, ``async def``; one that gives a stream yields. What it raises
    reaches the client as UNKNOWN and is logged; a `StatusError` is raised for any other status. What is not
    overridden is answered with UNIMPLEMENTED.
    """

    _service_: ClassVar[type[Service]]

    def add_to_server(self, server: grpc.Server | grpc.aio.Server) -> None:
        """Register this servicer with *server*.

        Raises:
            TypeError: a method is asynchronous, and the server is not.
        """
        # Only servers need these, and not every importer of a service is one.
        import grpc

        from flytekit_models.services.async_handlers import asynchronous, is_async
        from flytekit_models.services.handlers import handler, synchronous

        methods: dict[Any, Any] = {rpc: getattr(self, rpc.method) for rpc in self._service_.rpcs()}
        waiting = [rpc.method for rpc, method in methods.items() if is_async(method)]
        # What is neither stands for one of them: only an asynchronous one can be meant for asynchronous methods.
        is_asynchronous = isinstance(server, grpc.aio.Server) or (bool(waiting) and not isinstance(server, grpc.Server))
        if waiting and not is_asynchronous:
            what = f"{type(self).__qualname__}.{waiting[0]} is asynchronous"
            raise TypeError(f"{what}, and a grpc.Server cannot await it: use a grpc.aio.server(), or a plain `def`")
        behave = asynchronous if is_asynchronous else synchronous
        handlers = {rpc.name: handler(rpc, behave(rpc, method)) for rpc, method in methods.items()}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(self._service_.NAME, handlers),))
