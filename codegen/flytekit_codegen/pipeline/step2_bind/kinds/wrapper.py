"""The wrappers of plain values (``google.protobuf.BoolValue``, …)."""

from __future__ import annotations

from dataclasses import replace

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

    def code(self, at: At) -> Code:
        code = super().code(at)
        if is_repeated(at.field) or at.absent == "none":
            return code
        return replace(code, annotation=self.annotation(at))
