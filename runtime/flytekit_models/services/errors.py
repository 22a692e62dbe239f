"""What goes wrong on the way of a call that is no answer of the server.

Answers stay what they are: a ``grpc.RpcError`` with its code, details and trailing metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc

    from flytekit_models.services.options import Metadata


class InvalidMessage(ValueError):
    """What came over the wire is no valid message of the type that the rpc declares."""


class RepeatedToken(RuntimeError):
    """A server gave a token of a page again: following it would give the same pages for ever."""


class StatusError(Exception):
    """Raised by the method of a servicer: the status that the client gets.

    Args:
        code: the status, other than OK.
        details: what the client is told.
        trailing_metadata: key-value pairs that go with the status.
    """

    def __init__(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> None:
        if getattr(code, "name", "OK") == "OK":
            raise ValueError(f"expected a grpc.StatusCode other than OK, got {code!r}")
        super().__init__(code, details)
        self.code = code
        self.details = details
        self.trailing_metadata: Sequence[tuple[str, str | bytes]] = trailing_metadata

    def __str__(self) -> str:
        return f"{self.code.name}: {self.details}"
