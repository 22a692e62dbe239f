"""Plain values: numbers, strings, bytes, booleans."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step2_bind.kinds.base import SCALAR_TYPES, At, Kind

_ZEROS = {"bool": "False", "bytes": 'b""', "float": "0.0", "int": "0", "str": '""'}


class Scalar(Kind):
    """A value that is the same in Python."""

    name = "scalar"
    is_message = False

    def fits(self, field: FieldDescriptor) -> bool:
        return field.message_type is None and field.enum_type is None

    def annotation(self, at: At) -> str:
        return at.names.plain(at.element)

    def type(self, at: At) -> str:
        return SCALAR_TYPES[at.element.type]

    def zero(self, at: At) -> str:
        return _ZEROS[self.annotation(at).rpartition(".")[2]]
