"""Maps of every kind of key, whose keys are one on the wire though no dict takes them for one."""

from __future__ import annotations

from typing import Any

import flytekit_models_core as core
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from wire_classes import SCALARS, Classes

KEYS = {number: name for number, name in SCALARS.items() if name not in ("bytes", "double", "enum", "float")}


class Apart(int):
    """Equal to nothing but itself."""

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def _maps() -> Any:
    """A message that has a map of each kind of key."""
    file = descriptor_pb2.FileDescriptorProto(name="maps.proto", package="maps", syntax="proto3")
    message = file.message_type.add(name="Maps")
    for number, (kind, name) in enumerate(KEYS.items(), start=1):
        entry = message.nested_type.add(name=f"By{name.capitalize()}Entry")
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, type=kind, label=1)
        entry.field.add(name="value", number=2, type=5, label=1)
        message.field.add(name=f"by_{name}", number=number, type=11, label=3, type_name=f".maps.Maps.{entry.name}")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("maps.Maps"))


MAPS = _maps()
MODEL = Classes(converted=False).of(MAPS.DESCRIPTOR)


@pytest.mark.parametrize("kind", sorted(KEYS.values()))
def test_of_keys_that_are_one_the_last_counts(kind: str) -> None:
    low, high = (b"\xc3\xa4", b"z") if kind == "string" else (0, 1)
    others = [str(low, "utf-8") if isinstance(low, bytes) else Apart(low), *([2, -1] if kind == "bool" else [])]
    given = {low: 1, high: 2, **dict.fromkeys(others, 3)}
    model, message = MODEL(), MAPS()
    setattr(model, f"f_by_{kind}", given)
    for key, value in given.items():
        getattr(message, f"by_{kind}")[key] = value
    assert len(getattr(message, f"by_{kind}")) == 2 < len(given)
    assert core.to_bytes(model, True) == message.SerializeToString(deterministic=True)
    assert MAPS.FromString(core.to_bytes(model, False)) == message
