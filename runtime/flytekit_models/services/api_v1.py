"""Version 1 of the runtime API for generated services.

Modules name it by one alias, so that no message or service of an IDL can clash with what is in it.
"""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from flytekit_models.services.async_client import AsyncClient
from flytekit_models.services.client import Client
from flytekit_models.services.options import CallOptions
from flytekit_models.services.rpc import Pages, Service, StreamStream, StreamUnary, UnaryStream, UnaryUnary
from flytekit_models.services.servicer import Servicer
from flytekit_models.services.streams import AsyncDuplexStream, AsyncResponseStream, RequestStream, ResponseStream

if TYPE_CHECKING:
    from typing_extensions import Unpack
else:
    try:
        from typing import Unpack
    except ImportError:  # Python 3.10: for whoever resolves the hints, it is as good as the class in it.
        from typing import Optional as Unpack

R = TypeVar("R")

Context: TypeAlias = Any
"""A ``grpc.ServicerContext``, or a ``grpc.aio.ServicerContext``: it depends on the server."""
Response: TypeAlias = R | Awaitable[R]
"""What a method of a servicer gives for an rpc with one response."""
Responses: TypeAlias = Iterable[R] | AsyncIterable[R] | Awaitable[None]
"""What it gives for an rpc with a stream of them."""

__all__ = [
    "Any",
    "AsyncClient",
    "AsyncDuplexStream",
    "AsyncIterable",
    "AsyncIterator",
    "AsyncResponseStream",
    "CallOptions",
    "Client",
    "Context",
    "Iterable",
    "Iterator",
    "Pages",
    "RequestStream",
    "Response",
    "ResponseStream",
    "Responses",
    "Service",
    "Servicer",
    "StreamStream",
    "StreamUnary",
    "UnaryStream",
    "UnaryUnary",
    "Unpack",
]
