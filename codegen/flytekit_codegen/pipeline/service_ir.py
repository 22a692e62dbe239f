"""What templates render of services: frozen, complete, and in Python's terms, as `ir` is of models."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pager:
    """The method that gives the items of all pages of an rpc."""

    method: str
    item: str
    """Annotation of an item."""
    items: str
    """The member of the response that holds the items of a page."""
    names: tuple[tuple[str, str], ...]
    """The members that say how many items a page has, and which it is, where they are not named as usual."""


@dataclass(frozen=True)
class Rpc:
    """A method of clients and of a servicer."""

    name: str
    method: str
    doc: str
    kind: str
    """What streams: ``UnaryUnary``, ``UnaryStream``, ``StreamUnary`` or ``StreamStream``."""
    streams_requests: bool
    streams_responses: bool
    request: str
    response: str
    needs_request: bool
    """Whether the model of the request can't be made of nothing."""
    pager: Pager | None

    @property
    def helper(self) -> str:
        """The method of the runtime that calls it."""
        return {
            "UnaryUnary": "_unary_unary_",
            "UnaryStream": "_unary_stream_",
            "StreamUnary": "_stream_unary_",
            "StreamStream": "_stream_stream_",
        }[self.kind]


@dataclass(frozen=True)
class Service:
    """A service, and what its classes are called."""

    full_name: str
    doc: str
    table: str
    client: str
    async_client: str
    servicer: str
    rpcs: tuple[Rpc, ...]


@dataclass(frozen=True)
class Services:
    """The services of one module."""

    door: str
    """The name under which the runtime is imported."""
    services: tuple[Service, ...]
