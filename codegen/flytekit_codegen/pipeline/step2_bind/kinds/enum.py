"""Enum values."""

from __future__ import annotations

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Kind


class Enum(Kind):
    """An enum value as the member of its holder, which is an int."""

    name = "enum"
    is_message = False

    def fits(self, field: FieldDescriptor) -> bool:
        return field.enum_type is not None

    def annotation(self, at: At) -> str:
        enum = _enum_of(at.element)
        return at.names.enum(enum) if at.names.has_holder(enum) else at.names.builtin("int")

    def given(self, at: At) -> str:
        return at.names.builtin("int")

    def type(self, at: At) -> str:
        enum = _enum_of(at.element)
        return f"enum:{at.names.enum_reference(enum)}" if at.names.has_holder(enum) else "int32"

    def zero(self, at: At) -> str:
        return "0"

    def stored(self, at: At) -> str | None:
        enum = _enum_of(at.element)
        if not at.names.has_holder(enum):
            return None
        member = f"{at.names.api('as_member')}({at.names.enum(enum)}, {{}})"
        if at.contract.accepts is not None:
            return member
        # Most are values of the holder: these cost no call.
        return f"{member} if {{}}.__class__ is {at.names.builtin('int')} else {{}}"

    def stored_list(self, at: At) -> str:
        enum = _enum_of(at.element)
        if not at.names.has_holder(enum):
            return super().stored_list(at)
        return f"{at.names.api('as_members')}({at.names.enum(enum)}, {{}})"


def _enum_of(field: FieldDescriptor) -> EnumDescriptor:
    assert field.enum_type is not None
    return field.enum_type
