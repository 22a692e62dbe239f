"""The base protocol of all models: what an object with a message behind it can do."""

from __future__ import annotations

import abc
import os
from typing import Any

from flytekit_models.text import message_tree


class FlyteABCMeta(abc.ABCMeta):
    """The metaclass of models; an ABCMeta, so that models combine with abstract mixins."""

    def __instancecheck__(cls, instance: Any) -> bool:
        # Most checks are about a real base class: the method resolution order answers them without ABC's caches.
        return cls in type(instance).__mro__ or super().__instancecheck__(instance)


class FlyteType(FlyteABCMeta):
    """The metaclass that also says how a model class is shown."""

    def __repr__(cls) -> str:
        return cls.short_class_string()

    def __str__(cls) -> str:
        return cls.verbose_class_string()

    def short_class_string(cls) -> str:
        """The class in short: its ``repr``."""
        return super().__repr__()

    def verbose_class_string(cls) -> str:
        """The class at length: its ``str``; the short form unless a metaclass says more."""
        return cls.short_class_string()

    def from_flyte_idl(cls, idl_object: Any) -> Any:
        """Stand in for the reader of a class that has none of its own.

        Raises:
            NotImplementedError: always; the class can be written but not read.
        """
        raise NotImplementedError(f"{cls.__name__} has no from_flyte_idl: it can be written, but not read")


class FlyteIdlEntity(metaclass=FlyteType):
    """Anything that can be written as a message of the Flyte IDL.

    Equality, hash and text are those of the message. A subclass needs no more than ``to_flyte_idl``; it need not
    call ``super().__init__()``.
    """

    @abc.abstractmethod
    def to_flyte_idl(self) -> Any:
        """Write this object as a message of its own, which the caller may keep and change."""

    def _as_message(self) -> Any:
        """The message to compare, hash and show; callers must not change it."""
        return self.to_flyte_idl()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FlyteIdlEntity) and bool(other._as_message() == self._as_message())

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._as_message().SerializePartialToString(deterministic=True))

    def __repr__(self) -> str:
        return str(self._as_message())

    def __str__(self) -> str:
        return self.short_string()

    def short_string(self) -> str:
        """The class and, as an indented tree, the fields that are set."""
        tree = message_tree(self._as_message(), indent=2)
        return f"Flyte Serialized object ({type(self).__name__}):{os.linesep}{tree}"

    def _repr_html_(self) -> str:
        """The same tree for a notebook, every value escaped."""
        from html import escape

        return f"<h4>{escape(type(self).__name__)}</h4><pre>{escape(message_tree(self._as_message()))}</pre>"

    def serialize_to_string(self) -> bytes:
        """The message in wire format."""
        wire: bytes = self._as_message().SerializePartialToString()
        return wire

    @property
    def is_empty(self) -> bool:
        """Whether nothing is set: the message takes no byte on the wire."""
        return not self._as_message().SerializePartialToString()


class FlyteCustomIdlEntity(FlyteIdlEntity):
    """A model that travels as JSON in a ``google.protobuf.Struct`` rather than as a message of its own."""

    @classmethod
    def from_flyte_idl(cls, idl_object: Any) -> Any:
        """Read the model from a ``google.protobuf.Struct``, which is not kept."""
        from google.protobuf import json_format

        return cls.from_dict(json_format.MessageToDict(idl_object))

    def to_flyte_idl(self) -> Any:
        """Write the model into a new ``google.protobuf.Struct``."""
        from google.protobuf import struct_pb2

        from flytekit_models.convert import write_struct

        message = struct_pb2.Struct()
        write_struct(self.to_dict(), message)
        return message

    @classmethod
    @abc.abstractmethod
    def from_dict(cls, idl_dict: dict[str, Any]) -> Any:
        """Read the model from plain JSON data."""

    @abc.abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Write the model as plain JSON data."""
