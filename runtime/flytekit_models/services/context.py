"""The context of a synchronous method on an asynchronous server, as that of a synchronous server is."""

from __future__ import annotations

from typing import Any, NoReturn


class Aborted(Exception):
    """The call has its status; the method has nothing more to say."""


class SyncContext:
    """Stands for grpc's context, which neither ends the method that aborts, nor tells which status was set."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._code: Any = None
        self._details = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def abort(self, code: Any, details: str = "", trailing_metadata: Any = ()) -> NoReturn:
        """End the call with a status, and the method that answers it."""
        self._context.abort(code, details, tuple(trailing_metadata))
        raise Aborted(details)

    def abort_with_status(self, status: Any) -> NoReturn:
        """End the call with a ``grpc.Status``."""
        self.abort(status.code, status.details, status.trailing_metadata or ())

    def set_code(self, code: Any) -> None:
        """Set the code that the call ends with."""
        self._context.set_code(code)
        self._code = code

    def set_details(self, details: str) -> None:
        """Set what the client is told."""
        self._context.set_details(details)
        self._details = details

    def code(self) -> Any:
        """The code that was set."""
        return self._code

    def details(self) -> str:
        """The details that were set."""
        return self._details


def complete(context: Any) -> Any:
    """*context*, or what stands for it if it lacks what every other has."""
    return context if hasattr(context, "code") else SyncContext(context)
