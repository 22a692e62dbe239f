"""What has to hold of the compiled core for any bytes: it does with them what protobuf does."""

from __future__ import annotations

from typing import Any

import flytekit_models_core as core
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError as ProtobufRefuses
from wire_classes import Classes, DecodeError, read_all, rebuild
from wire_messages import message_class

PLAIN, CONVERTED, EAGER = Classes(converted=False), Classes(converted=True), Classes(converted=False, eager=True)


def check(descriptor: Descriptor, data: bytes) -> bool:
    """Read, write and compare *data* by the core and by protobuf; whether it is a message at all."""
    try:
        message = message_class(descriptor).FromString(data)
    except ProtobufRefuses:
        message = None
    for classes in (PLAIN, CONVERTED, EAGER):
        cls = classes.of(descriptor)
        try:
            model = core.from_bytes(cls, data)
        except DecodeError:
            assert message is None, "the core refuses what protobuf reads"
            continue
        assert message is not None, "the core reads what protobuf refuses"
        _check_model(cls, model, data, message_class(descriptor).FromString(data))
    return message is not None


def _check_model(cls: Any, model: Any, data: bytes, message: Any) -> None:
    canonical = core.canonical(cls, data)
    _check_same(canonical, message)
    assert core.canonical(cls, canonical) == canonical, "the canonical form has another canonical form"
    if core.is_canonical(cls, data):
        assert canonical == data, "it was taken for canonical"
    if cls.classes.eager:
        assert not model._fm_unread, "it was to be read at once"
        _check_same(core.to_bytes(model, False), message)
    else:
        assert core.to_bytes(model, False) == data, "an unread model is not written as it was read"
    assert core.to_bytes(model, True) == canonical, "a model is not written canonically"
    other = core.from_bytes(cls, data)
    read_all(model)
    assert core.to_bytes(model, True) == canonical, "a read model is not written canonically"
    _check_same(core.to_bytes(model, False), message)
    assert core.equal(model, other), "reading has changed it"
    message.DiscardUnknownFields()
    known = hash(message.SerializeToString(deterministic=True))
    assert core.hash(model) == core.hash(other) == known, "equal models would have unequal hashes"


def check_built(descriptor: Descriptor, data: bytes) -> None:
    """Build a model of the values in *data*, a message, and write it as protobuf does."""
    message = message_class(descriptor).FromString(data)
    message.DiscardUnknownFields()
    for classes in (PLAIN, EAGER):
        model = read_all(core.from_bytes(classes.of(descriptor), data))
        assert core.to_bytes(rebuild(model), True) == message.SerializeToString(deterministic=True)


def _check_same(written: bytes, message: Any) -> None:
    if written != message.SerializeToString(deterministic=True):
        # Protobuf keeps unknown fields in the order in which they came.
        assert type(message).FromString(written) == message, "it is another message"
