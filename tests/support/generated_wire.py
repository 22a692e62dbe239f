"""What has to hold of a generated model for any bytes: it takes, refuses and keeps them as protobuf does."""

from __future__ import annotations

from random import Random
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError as ProtobufRefuses
from lossless import read_all, wire
from wire_messages import Maker, mutate

from flytekit_models.entity import hash_of_message
from flytekit_models.errors import DecodeError
from flytekit_models.model import message_class


def check_wire(model: Any, seed: str, rounds: int) -> None:
    """Compare *model* with protobuf on random, merged and mutated bytes of its message."""
    random = Random(seed)
    make = Maker(random)
    descriptor = message_class(model).DESCRIPTOR
    for _ in range(rounds):
        data = wire(make.message(descriptor))
        check_bytes(model, data)
        check_bytes(model, data + wire(make.message(descriptor)))
        for _ in range(4):
            check_bytes(model, mutate(data, random))


def check_bytes(model: Any, data: bytes) -> None:
    """Read and write *data* by *model* and by protobuf."""
    try:
        message = message_class(model).FromString(data)
    except ProtobufRefuses:
        message = None
    try:
        unread = model.from_bytes(data)
    except DecodeError:
        assert message is None, f"the model refuses what protobuf reads: {data!r}"
        return
    assert message is not None, f"the model reads what protobuf refuses: {data!r}"
    _check_same(unread, message)
    read = model.from_bytes(data)
    try:
        read_all(read)
    except UnicodeDecodeError:
        # Protobuf gives nothing of a map with a key that is no UTF-8.
        assert _has_unreadable_map(message)
        return
    _check_same(read, message)
    assert unread == read and hash(unread) == hash(read), "reading has changed it"
    _check_same(model.from_flyte_idl(message), message)


def _has_unreadable_map(message: Any) -> bool:
    try:
        json_format.MessageToDict(message)
    except (UnicodeDecodeError, json_format.SerializeToJsonError):
        return True
    return False


def _check_same(model: Any, message: Any) -> None:
    assert hash(model) == hash_of_message(message), "equal models would have unequal hashes"
    for written in (model.to_bytes(), model.to_flyte_idl().SerializePartialToString(deterministic=True)):
        if written != wire(message):
            # Unknown fields may stand in another order.
            assert type(message).FromString(written) == message, f"it is another message: {message}"
