"""Random messages and random bytes."""

from __future__ import annotations

import math
import struct
from importlib import import_module
from pkgutil import walk_packages
from random import Random
from typing import Any

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from wire_classes import is_map, is_repeated

TEXTS = ("", "a", "key", "value with spaces", "é", "日本語", "\U0001f600", "\x00\x1b[31m", "x" * 200)
DOUBLES = (0.0, -0.0, 1.0, -1.5, 1e300, 5e-324, math.inf, -math.inf, math.nan)


def all_messages(package: str = "flyteidl") -> list[Descriptor]:
    """Every message of a package, nested ones too."""
    found: dict[str, Descriptor] = {}

    def add(descriptor: Descriptor) -> None:
        if not descriptor.GetOptions().map_entry:
            found[descriptor.full_name] = descriptor
            for nested in descriptor.nested_types:
                add(nested)

    for module in walk_packages(import_module(package).__path__, f"{package}."):
        if module.name.endswith("_pb2"):
            for descriptor in import_module(module.name).DESCRIPTOR.message_types_by_name.values():
                add(descriptor)
    return [found[name] for name in sorted(found)]


def message_class(descriptor: Descriptor) -> Any:
    return message_factory.GetMessageClass(descriptor)


class Maker:
    """Makes messages whose every choice comes from *random*."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def message(self, descriptor: Descriptor, depth: int = 4) -> Any:
        made = message_class(descriptor)()
        self.fill(made, depth)
        return made

    def fill(self, message: Any, depth: int) -> None:
        random = self.random
        message.SetInParent()
        density = random.choice((0.2, 0.5, 0.9)) * (1 if len(message.DESCRIPTOR.fields) < 40 else 0.3)
        for field in message.DESCRIPTOR.fields:
            if random.random() > density or (depth <= 0 and field.message_type is not None):
                continue
            if is_map(field):
                self._fill_map(message, field, depth)
            elif is_repeated(field):
                values = getattr(message, field.name)
                for _ in range(random.randrange(4)):
                    if field.message_type is not None:
                        self.fill(values.add(), depth - 1)
                    else:
                        values.append(self.scalar(field))
            elif field.message_type is not None:
                self.fill(getattr(message, field.name), depth - 1)
            else:
                setattr(message, field.name, self.scalar(field))
        if random.random() < 0.1 and message.DESCRIPTOR.full_name != "google.protobuf.Value":
            message.MergeFromString(self.unknown())

    def _fill_map(self, message: Any, field: FieldDescriptor, depth: int) -> None:
        key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        target = getattr(message, field.name)
        for _ in range(self.random.randrange(5)):
            if value.message_type is not None:
                self.fill(target[self.scalar(key)], depth - 1)
            else:
                target[self.scalar(key)] = self.scalar(value)

    def unknown(self) -> bytes:
        number = self.random.choice((3000, 4000, 2**29 - 1))
        kind = self.random.randrange(4)
        content = descriptor_pb2.FileDescriptorProto(name="x")
        made = varint(number << 3 | (0, 1, 2, 3)[kind])
        if kind == 0:
            return made + varint(self.random.getrandbits(64))
        if kind == 1:
            return made + self.random.randbytes(8)
        if kind == 2:
            return made + b"\x05" + self.random.randbytes(5)
        return made + content.SerializeToString() + varint(number << 3 | 4)

    def scalar(self, field: FieldDescriptor) -> Any:
        random = self.random
        if field.type == field.TYPE_STRING:
            return random.choice(TEXTS)
        if field.type == field.TYPE_BYTES:
            return random.randbytes(random.randrange(6))
        if field.type == field.TYPE_BOOL:
            return random.random() < 0.5
        if field.type == field.TYPE_DOUBLE:
            return random.choice(DOUBLES)
        if field.type == field.TYPE_FLOAT:
            return struct.unpack("<f", struct.pack("<f", random.choice((0.0, -0.0, 1.5, 3.1, math.inf, math.nan))))[0]
        if field.type == field.TYPE_ENUM:
            # What a closed enum does not know cannot be set.
            unknown = [] if field.enum_type.is_closed else [0, 77, -1]
            return random.choice([value.number for value in field.enum_type.values] + unknown)
        bits = 32 if field.type in _NARROW else 64
        if field.type in _UNSIGNED:
            return random.choice((0, 1, 127, 128, random.getrandbits(bits), 2**bits - 1))
        return random.choice((0, 1, -1, 64, -64, random.getrandbits(bits - 1), 2 ** (bits - 1) - 1, -(2 ** (bits - 1))))


_NARROW = {getattr(FieldDescriptor, f"TYPE_{n}") for n in ("INT32", "UINT32", "SINT32", "FIXED32", "SFIXED32")}
_UNSIGNED = {getattr(FieldDescriptor, f"TYPE_{n}") for n in ("UINT32", "UINT64", "FIXED32", "FIXED64")}


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def mutate(data: bytes, random: Random) -> bytes:
    """Bytes that differ from *data* in a few places, and may be a message or not."""
    changed = bytearray(data)
    for _ in range(random.randrange(1, 4)):
        place = random.randrange(len(changed) + 1)
        action = random.randrange(6)
        if action == 0 and place < len(changed):
            changed[place] = random.randrange(256)
        elif action == 1 and place < len(changed):
            changed[place] ^= 1 << random.randrange(8)
        elif action == 2:
            changed[place:place] = random.randbytes(random.randrange(4))
        elif action == 3:
            del changed[place : place + random.randrange(1, 4)]
        elif action == 4:
            del changed[place:]
        else:
            other = random.randrange(len(changed) + 1)
            changed[place:place] = changed[min(place, other) : max(place, other)][:40]
    return bytes(changed)
