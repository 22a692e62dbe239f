"""What a generated module says of its services: the rpcs of each, with the models they take and give.

Generated code holds one class for a service, whose attributes are its rpcs; clients and servicers share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import ClassVar, Generic, TypeVar

from flytekit_models.services.codec import Codec

Q = TypeVar("Q")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741


class Service:
    """The rpcs of a service, each under the name of its method."""

    NAME: ClassVar[str]
    """Full name of the service."""

    @classmethod
    def rpcs(cls) -> Iterator[Rpc[object, object]]:
        """The rpcs, in their order in the IDL."""
        return (each for each in vars(cls).values() if isinstance(each, Rpc))


class Rpc(Generic[Q, R]):
    """One rpc.

    Args:
        name: its name in the IDL.
        types: gives the classes of its request and its response; called on first use, since it imports them.
    """

    kind: ClassVar[str]
    """How grpc names it: ``unary_stream`` is one request and a stream of responses."""

    method: str
    """Name of its method in Python."""
    path: str
    """What it is called on the wire."""

    def __init__(self, name: str, types: Callable[[], tuple[type[Q], type[R]]]) -> None:
        self.name = name
        self._types = types

    def __set_name__(self, service: type[Service], method: str) -> None:
        self.method = method
        self.path = f"/{service.NAME}/{self.name}"

    def __repr__(self) -> str:
        return f"<rpc {self.path}>"

    @property
    def title(self) -> str:
        """How errors name it: ``AdminService.GetTask``."""
        return self.path[1:].rpartition(".")[2].replace("/", ".")

    @cached_property
    def request(self) -> Codec[Q]:
        """How its requests are written and read."""
        return Codec(self._types()[0], f"the request of {self.title}")

    @cached_property
    def response(self) -> Codec[R]:
        """How its responses are written and read."""
        return Codec(self._types()[1], f"the response of {self.title}")


class UnaryUnary(Rpc[Q, R]):
    """One request, one response."""

    kind = "unary_unary"


class UnaryStream(Rpc[Q, R]):
    """One request, a stream of responses."""

    kind = "unary_stream"


class StreamUnary(Rpc[Q, R]):
    """A stream of requests, one response."""

    kind = "stream_unary"


class StreamStream(Rpc[Q, R]):
    """A stream of requests, a stream of responses."""

    kind = "stream_stream"


class Pages(Generic[Q, R, I]):
    """An rpc that gives a list in pages.

    Args:
        rpc: the rpc.
        items: gives the items of a page.
        limit: member of the request that says how many items a page has.
        token: member of the request that says which page is wanted.
        next_token: member of the response that says which page comes next.
    """

    def __init__(
        self,
        rpc: UnaryUnary[Q, R],
        items: Callable[[R], Iterable[I] | None],
        limit: str = "limit",
        token: str = "token",
        next_token: str = "token",
    ) -> None:
        self.rpc = rpc
        self.items = items
        self.limit = limit
        self.token = token
        self.next_token = next_token
