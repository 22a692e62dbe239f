"""What is asked of descriptors, whose attributes differ between the versions of protobuf."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool

from flytekit_models.messages import is_packed, is_repeated

_TYPES = descriptor_pb2.FieldDescriptorProto
_LISTS = {
    "ints": _TYPES.TYPE_INT64,
    "floats": _TYPES.TYPE_FLOAT,
    "flags": _TYPES.TYPE_BOOL,
    "texts": _TYPES.TYPE_STRING,
    "data": _TYPES.TYPE_BYTES,
}


class _Protobuf4:
    """A field as protobuf 4 describes it."""

    def __init__(self, field: Any, syntax: str) -> None:
        self._field = field
        self.file = SimpleNamespace(syntax=syntax)
        self.label = 3
        self.LABEL_REPEATED = 3

    def __getattr__(self, name: str) -> Any:
        if name in ("is_packed", "is_repeated"):
            raise AttributeError(name)
        return getattr(self._field, name)


def _fields(syntax: str, packed: bool | None) -> list[Any]:
    file = descriptor_pb2.FileDescriptorProto(name=f"{syntax}_{packed}.proto", package=f"p_{packed}", syntax=syntax)
    message = file.message_type.add(name="Lists")
    for number, (name, kind) in enumerate(_LISTS.items(), 1):
        field = message.field.add(name=name, number=number, type=kind, label=_TYPES.LABEL_REPEATED)
        if packed is not None and kind not in (_TYPES.TYPE_STRING, _TYPES.TYPE_BYTES):
            field.options.packed = packed
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return list(pool.FindMessageTypeByName(f"p_{packed}.Lists").fields)


@pytest.mark.parametrize("packed", [None, True, False])
@pytest.mark.parametrize("syntax", ["proto2", "proto3"])
def test_the_same_is_said_of_a_list_by_every_protobuf(syntax: str, packed: bool | None) -> None:
    fields = _fields(syntax, packed)
    for field in fields:
        assert is_packed(_Protobuf4(field, syntax)) == is_packed(field)
        assert is_repeated(_Protobuf4(field, syntax)) and is_repeated(field)
    assert [is_packed(field) for field in fields[:3]] == [syntax == "proto3" if packed is None else packed] * 3
    assert not any(map(is_packed, fields[3:]))
