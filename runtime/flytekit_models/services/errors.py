"""Errors of a call that are not a response of the server.

Errors that the server returns are raised as ``grpc.RpcError``, with code, details and trailing metadata.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc

    from flytekit_models.services.options import Metadata


class InvalidMessage(ValueError):
    """The received bytes are not a valid message of the type that the rpc declares."""


class RepeatedToken(RuntimeError):
    """The server returned a page token a second time; following it would loop forever."""


class StatusError(Exception):
    """Raise this in a method of a servicer to end the call with a status.

    Args:
        code: the status, other than OK.
        details: message for the client.
        trailing_metadata: key-value pairs sent with the status.
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
