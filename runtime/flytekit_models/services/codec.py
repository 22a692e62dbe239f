"""Models to bytes and back, so that grpc sees models where it calls user code, and never has to guess at an error.

grpc swallows what a serializer raises: it logs it and ends the call with INTERNAL. So a request is written before grpc
gets it, and what can't be read becomes an `Undecodable`, which the caller of grpc raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cached_property
from typing import Any, Generic, TypeVar

from flytekit_models.model import message_class
from flytekit_models.services.errors import InvalidMessage

M = TypeVar("M")

_WRITTEN: ContextVar[tuple[Any, bytes]] = ContextVar("flytekit_models_written", default=(None, b""))
"""The model that is being handed to grpc, and its bytes."""


class Undecodable:
    """Stands for a message that cannot be read, on its way through grpc."""

    def __init__(self, error: InvalidMessage) -> None:
        self.error = error


class Codec(Generic[M]):
    """Writes and reads the messages of one model class, or of a protobuf class where a message has no model.

    Args:
        kind: the class.
        what: how errors name the message: the request of which rpc.
    """

    def __init__(self, kind: type[M], what: str) -> None:
        self._kind = kind
        self._what = what
        self._is_model = hasattr(kind, "from_flyte_idl")
        if self._is_model:
            # Finds out that the installed IDL package lacks the message before anything is sent.
            message_class(kind._fm_generated)  # type: ignore[attr-defined]

    def empty(self) -> M:
        """The empty message."""
        return self._read(b"")

    def model(self, value: Any) -> M:
        """*value* as a model, of which it may be the message.

        Raises:
            TypeError: it is neither.
        """
        return value if isinstance(value, self._kind) else self._read(self.encode(value))

    def encode(self, value: Any) -> bytes:
        """The bytes of *value*.

        Raises:
            TypeError: it is no model or message of the type, or a member holds a value of a wrong type.
            ValueError: a member holds a wrong value.
        """
        if isinstance(value, self._kind):
            return value.to_bytes() if self._is_model else _serialized(value)  # type: ignore[attr-defined]
        message = value if isinstance(value, type) else _message(value)
        descriptor = getattr(message, "DESCRIPTOR", None)
        if isinstance(value, type) or descriptor is None or descriptor.full_name != self._name:
            came = f"the class {value.__qualname__}" if isinstance(value, type) else type(value).__qualname__
            raise TypeError(f"{self._what}: expected {self._kind.__qualname__} ({self._name}), got {came}")
        return _serialized(message)

    def decode(self, data: bytes) -> M | Undecodable:
        """The model in *data*; an `Undecodable` if there is none."""
        try:
            return self._read(data)
        except Exception as error:
            invalid = InvalidMessage(f"{self._what} is no valid {self._name}: {error}")
            invalid.__cause__ = error
            return Undecodable(invalid)

    def call(self, grpc_call: Callable[..., Any], value: Any, options: Mapping[str, Any]) -> Any:
        """What *grpc_call* gives for the request *value*, which is written before.

        Raises:
            TypeError, ValueError: it cannot be; nothing was sent.
        """
        token = _WRITTEN.set((value, self.encode(value)))
        try:
            return grpc_call(value, **options)
        finally:
            _WRITTEN.reset(token)

    def written(self, value: M) -> M:
        """*value*, whose bytes are ready for grpc to take in this context: it takes them next."""
        _WRITTEN.set((value, self.encode(value)))
        return value

    def serialize(self, value: Any) -> bytes:
        """What grpc calls: the bytes that were written before, unless an interceptor put something else in place."""
        model, data = _WRITTEN.get()
        return data if model is value else self.encode(value)

    def _read(self, data: bytes) -> M:
        kind: Any = self._kind
        read: M = kind.from_bytes(data) if self._is_model else kind.FromString(data)
        return read

    @cached_property
    def _name(self) -> str:
        """Full name of the message."""
        return str(_message(self.empty()).DESCRIPTOR.full_name)


def opened(message: M | Undecodable) -> M:
    """The *message* that grpc gave.

    Raises:
        InvalidMessage: it is no valid message.
    """
    if isinstance(message, Undecodable):
        raise message.error
    return message


def _message(value: Any) -> Any:
    return value.to_flyte_idl() if hasattr(value, "to_flyte_idl") else value


def _serialized(message: Any) -> bytes:
    return bytes(message.SerializeToString(deterministic=True))
