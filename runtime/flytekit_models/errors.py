"""The errors that models raise, beside TypeError and ValueError for a wrong value."""

from __future__ import annotations


class FlyteIdlTooOld(ValueError):
    """The installed IDL package lacks a message or a field that was asked for."""


class MessagesMissing(ImportError):
    """The module with the protobuf classes of a model is not there, or cannot be imported."""


class OneofConflict(ValueError):
    """Two arms of one oneof are set."""


class DecodeError(ValueError):
    """The bytes are not a valid message of the requested type."""
