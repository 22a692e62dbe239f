"""The core reads and writes every message as protobuf does."""

from __future__ import annotations

from random import Random

import flytekit_models_core as core
import pytest
from google.protobuf import struct_pb2
from google.protobuf.descriptor import Descriptor
from wire_check import PLAIN, check, check_built
from wire_classes import DecodeError
from wire_messages import Maker, all_messages, mutate, varint

MESSAGES = all_messages()


@pytest.mark.parametrize("descriptor", MESSAGES, ids=lambda each: each.full_name)
def test_random_messages(descriptor: Descriptor) -> None:
    random = Random(descriptor.full_name)
    make = Maker(random)
    for _ in range(3):
        message = make.message(descriptor)
        data = message.SerializeToString(deterministic=True)
        assert check(descriptor, data)
        check_built(descriptor, data)
        assert check(descriptor, message.SerializeToString() + make.message(descriptor).SerializeToString())
        for _ in range(4):
            check(descriptor, mutate(data, random))
        check(descriptor, random.randbytes(random.randrange(12)))


def test_what_protobuf_serializes_is_canonical() -> None:
    random = Random(1)
    make = Maker(random)
    for descriptor in MESSAGES:
        message = make.message(descriptor)
        # Those protobuf writes in the order in which they came.
        message.DiscardUnknownFields()
        assert core.is_canonical(PLAIN.of(descriptor), message.SerializeToString(deterministic=True))


def _nested(levels: int) -> bytes:
    data = b""
    for _ in range(levels):
        value = b"\x2a" + varint(len(data)) + data
        entry = b"\x0a\x00\x12" + varint(len(value)) + value
        data = b"\x0a" + varint(len(entry)) + entry
    return data


@pytest.mark.parametrize("levels", range(30, 37))
def test_messages_nest_as_deep_as_protobuf_reads(levels: int) -> None:
    assert check(struct_pb2.Struct.DESCRIPTOR, _nested(levels)) is (levels <= 33)


@pytest.mark.parametrize("levels", range(98, 104))
def test_groups_nest_as_deep_as_protobuf_reads(levels: int) -> None:
    data = b"\x7b" * levels + b"\x7c" * levels
    assert check(struct_pb2.Value.DESCRIPTOR, data) is (levels <= 100)


_LITERAL = next(each for each in MESSAGES if each.full_name == "flyteidl.core.Literal")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x0a\x05", "it is cut off, at byte 1"),
        (b"\x0a", "it is cut off, at byte 1"),
        (b"\x0a\x04\x0a\x02\x08", "it is cut off, at byte 1"),
        (b"\x0a\x03\x0a\x01\x08", "it is cut off, at byte 5, in scalar.primitive"),
        (b"\x0a\x05\x0a\x03\x1a\x01\xff", "a string is no UTF-8, at byte 6, in scalar.primitive.string_value"),
        (b"\x0a\x0d\x0a\x0b\x08" + b"\xff" * 10, "a varint is too long, at byte 5, in scalar.primitive"),
        (b"\x00\x01", "a field has no number"),
        (b"\x7f", "there is no such wire type"),
        (b"\x7c", "a group ends that did not start"),
        (b"\x7b", "a group does not end, or is nested too deep"),
        (b"\x8a\x80\x80\x80\x80\x00\x00", "a tag or a length is none"),
    ],
)
def test_what_is_no_message_is_refused_with_its_place(data: bytes, problem: str) -> None:
    with pytest.raises(DecodeError) as caught:
        core.from_bytes(PLAIN.of(_LITERAL), data)
    assert f"these {len(data)} bytes are no valid flyteidl.core.Literal: " in str(caught.value)
    assert problem in str(caught.value)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_come_in_any_form(kind: type) -> None:
    data = b"\x0a\x06\x0a\x04\x1a\x02hi"
    model = core.from_bytes(PLAIN.of(_LITERAL), kind(data))
    assert model.m_scalar.m_primitive.m_string_value == "hi"
    assert core.to_bytes(model, True) == data


def test_what_is_given_may_change_afterwards() -> None:
    data = bytearray(b"\x0a\x06\x0a\x04\x1a\x02hi")
    model = core.from_bytes(PLAIN.of(_LITERAL), data)
    data[-1] = 0xFF
    assert model.m_scalar.m_primitive.m_string_value == "hi"
