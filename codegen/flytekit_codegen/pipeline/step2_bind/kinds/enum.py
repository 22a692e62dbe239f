"""Enum values."""

from __future__ import annotations

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Kind


class EnumNumber(Kind):
    """An enum value as the int it is on the wire."""

    name = "enum"
    is_message = False

    def fits(self, field: FieldDescriptor) -> bool:
        return field.enum_type is not None

    def annotation(self, at: At) -> str:
        return at.names.builtin("int")

    def read(self, at: At, source: str) -> str:
        return source

    def zero(self, at: At) -> str:
        return "0"


class EnumMember(EnumNumber):
    """An enum value as the member of its holder, where callers ask for ``.value`` or ``.name``."""

    name = "enum-member"

    def fits(self, field: FieldDescriptor) -> bool:
        return False

    def takes(self, at: At) -> bool:
        return super().fits(at.element)

    def annotation(self, at: At) -> str:
        return at.names.enum(_enum_of(at.element))

    def read(self, at: At, source: str) -> str:
        return f"{at.names.enum_at_runtime(_enum_of(at.element))}({source})"


def _enum_of(field: FieldDescriptor) -> EnumDescriptor:
    assert field.enum_type is not None
    return field.enum_type
