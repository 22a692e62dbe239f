"""The base protocol of all models: what an object with a message behind it can do."""

from __future__ import annotations

import abc
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flytekit_models.lazy import LazyModule
from flytekit_models.model.attributes import add_attributes

if TYPE_CHECKING:
    from flytekit_models import text as _text
else:
    _text = LazyModule("flytekit_models.text")


class FlyteABCMeta(abc.ABCMeta):
    """The metaclass of models; an ABCMeta, so that models combine with abstract mixins."""

    def __instancecheck__(cls, instance: Any) -> bool:
        # Most checks are about a real base class: the method resolution order answers them without ABC's caches.
        return cls in type(instance).__mro__ or super().__instancecheck__(instance)


class FlyteType(FlyteABCMeta):
    """The metaclass that also gives generated classes their attributes, and says how a model class is shown."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any) -> Any:
        if "_fm_proto" in namespace:
            add_attributes(name, namespace)
        return super().__new__(cls, name, bases, namespace, **kwargs)

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        _tell_of_change(cls, name)

    def __delattr__(cls, name: str) -> None:
        super().__delattr__(name)
        _tell_of_change(cls, name)

    def __dir__(cls) -> list[str]:
        return public_names(cls, super().__dir__())

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


def _tell_of_change(cls: type[Any], name: str) -> None:
    """Tell a model class that an attribute was put into it, or taken out of it, after it was made."""
    if name[0] != "_" or name in ("__init__", "__setattr__"):
        changed = getattr(cls, "_fm_changed", None)
        if changed is not None:
            changed(name)


def public_names(cls: type[Any], names: Iterable[str]) -> list[str]:
    """Leave out of *names* the slots of a model class, and what is internal."""
    slots = getattr(cls, "_fm_slots", {})
    internal = {slot for member, slot in slots.items() if slot != member}
    return [name for name in names if not name.startswith("_fm_") and name not in internal]


class FlyteIdlEntity(metaclass=FlyteType):
    """Anything that can be written as a message of the Flyte IDL.

    Equality, hash and text are those of the message. A subclass needs no more than ``to_flyte_idl``; it need not
    call ``super().__init__()``. What cannot be written can still be compared and shown.
    """

    @abc.abstractmethod
    def to_flyte_idl(self) -> Any:
        """Write this object as a message of its own, which the caller may keep and change."""

    def _fm_as_message(self) -> Any:
        """The message to compare, hash and show; callers must not change it."""
        return self.to_flyte_idl()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, FlyteIdlEntity):
            return False
        try:
            return bool(other._fm_as_message() == self._fm_as_message())
        except Exception:
            # Whatever is wrong with one of them (a foreign object may raise anything).
            return _equal_members(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash_of_message(self._fm_as_message())

    def __repr__(self) -> str:
        try:
            return _text.message_text(self._fm_as_message())
        except Exception as error:
            return _text.unwritable_text(self, error)

    def __str__(self) -> str:
        return self.short_string()

    def short_string(self) -> str:
        """The class and, as an indented tree, the fields that are set."""
        return f"Flyte Serialized object ({_text.visible(type(self).__name__)}):{os.linesep}{self._fm_tree(indent=2)}"

    def _repr_html_(self) -> str:
        """The same tree for a notebook, every value escaped."""
        from html import escape

        return f"<h4>{escape(type(self).__name__)}</h4><pre>{escape(self._fm_tree())}</pre>"

    def _fm_parts(self) -> _text.WholeMessage:
        """The message that a tree shows: as much of it as can be seen there."""
        return _text.WholeMessage(self._fm_as_message())

    def _fm_tree(self, indent: int = 0, parts: _text.WholeMessage | None = None) -> str:
        try:
            return _text.message_tree(parts or self._fm_parts(), indent)
        except Exception as error:
            return " " * indent + _text.unwritable_text(self, error)

    def serialize_to_string(self) -> bytes:
        """The message in wire format."""
        wire: bytes = self._fm_as_message().SerializePartialToString()
        return wire

    @property
    def is_empty(self) -> bool:
        """Whether nothing is set: the message takes no byte on the wire."""
        return not self._fm_as_message().SerializePartialToString()


def hash_of_message(message: Any, may_change: bool = False) -> int:
    """A hash of *message* that is the same for equal messages: whatever the order of unknown fields.

    Unless it *may change*, a copy of it is looked at.
    """
    known = message
    if not may_change:
        known = type(message)()
        known.CopyFrom(message)
    known.DiscardUnknownFields()
    return hash(known.SerializePartialToString(deterministic=True))


def _equal_members(one: FlyteIdlEntity, other: FlyteIdlEntity) -> bool:
    """Whether two entities of which one cannot be written are of one class and have equal members."""
    if type(one) is not type(other):
        return False
    slots = getattr(type(one), "_fm_slots", {})
    try:
        mine, theirs = ([getattr(each, member, None) for member in slots] for each in (one, other))
        return bool(slots) and bool(mine == theirs) and bool(vars(one) == vars(other))
    except Exception:
        # Values of others may compare as they like.
        return False


class FlyteCustomIdlEntity(FlyteIdlEntity):
    """A model that travels as JSON in a ``google.protobuf.Struct`` rather than as a message of its own."""

    # Also of a model that has a message, this is compared, hashed and shown: what travels.
    _fm_as_message = FlyteIdlEntity._fm_as_message
    _fm_parts = FlyteIdlEntity._fm_parts

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
