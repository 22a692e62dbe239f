"""What a client is told when the method of a servicer fails: a status, and nothing of how it came about."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from flytekit_models.services.errors import InvalidMessage, StatusError
from flytekit_models.services.rpc import Rpc

logger = logging.getLogger(__name__)


class UnwritableResponse(Exception):
    """A method gave what is no response of its rpc."""


class Status(NamedTuple):
    """What ends a call."""

    code: Any
    details: str
    trailing_metadata: Any = ()


class Aborted(Exception):
    """A method ended its call; this is the status."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


def status_of(error: Exception, rpc: Rpc[Any, Any], context: Any) -> Status:
    """The status that stands for *error*; what nobody meant the client to see is logged instead.

    A status that the method has set or aborted with stays. So does that of a call that it made itself and that failed.
    """
    import grpc

    if isinstance(error, Aborted):
        return error.status
    given = context.code()
    if given and getattr(given, "value", given) != grpc.StatusCode.OK.value:
        return Status(_code(given), _text(context.details()))
    if isinstance(error, StatusError):
        return Status(error.code, error.details, error.trailing_metadata)
    if isinstance(error, NotImplementedError):
        return Status(grpc.StatusCode.UNIMPLEMENTED, f"{rpc.title} is not implemented")
    if isinstance(error, InvalidMessage):
        return Status(grpc.StatusCode.INTERNAL, str(error).partition(": ")[0])
    if isinstance(error, grpc.RpcError) and hasattr(error, "code") and hasattr(error, "details"):
        return Status(error.code(), error.details() or "")
    logger.error("%s failed", rpc.title, exc_info=error)
    if isinstance(error, UnwritableResponse):
        return Status(grpc.StatusCode.INTERNAL, f"the response of {rpc.title} cannot be written")
    return Status(grpc.StatusCode.UNKNOWN, f"{rpc.title} failed")


def _code(given: Any) -> Any:
    """The status code of a context: a synchronous one has the member, an asynchronous one its number."""
    import grpc

    return next(
        (code for code in grpc.StatusCode if given in (code, code.value, code.value[0])), grpc.StatusCode.UNKNOWN
    )


def _text(details: Any) -> str:
    return details.decode(errors="replace") if isinstance(details, bytes) else str(details or "")
