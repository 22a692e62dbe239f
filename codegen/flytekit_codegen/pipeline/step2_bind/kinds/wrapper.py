"""The wrappers of plain values (``google.protobuf.BoolValue``, …)."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step1_read.idl import is_repeated
from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Code, Kind

_WRAPPERS = "google/protobuf/wrappers.proto"


class Wrapper(Kind):
    """A wrapped plain value as the value, or None."""

    name = "wrapper"

    def fits(self, field: FieldDescriptor) -> bool:
        return field.message_type is not None and field.message_type.file.name == _WRAPPERS

    def annotation(self, at: At) -> str:
        return at.names.plain(at.message_type.fields_by_name["value"])

    def read(self, at: At, source: str) -> str:
        return f"{source}.value"

    def write(self, at: At, value: str, target: str) -> str:
        return f"{at.names.api('write_wrapped')}({value}, {target})"

    def code(self, at: At) -> Code:
        if is_repeated(at.field):
            return super().code(at)
        absent = "None" if at.absent == "none" else "False"
        annotation = self.annotation(at) + (" | None" if at.absent == "none" else "")
        name = f'"{at.field.name}"'
        read = f"{at.names.api('read_wrapper')}(message, {name}, {absent})"
        write = f"    {at.names.api('write_wrapper')}({at.slot}, message, {name})"
        return Code(annotation, read, (f"if {at.slot} is not None:", write))
