"""Behaviour of ``flytekit.models.core.errors``."""

from __future__ import annotations

from typing import Any


def given_timestamp(timestamp: Any) -> Any:
    """Return the given timestamp; the default is a new empty ``Timestamp``."""
    if timestamp is not None:
        return timestamp
    from google.protobuf.timestamp_pb2 import Timestamp

    return Timestamp()
