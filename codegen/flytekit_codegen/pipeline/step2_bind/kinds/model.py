"""Messages that have a model."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step1_read.sources import WELL_KNOWN
from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Kind


class SubModel(Kind):
    """A message as the model of its own, which stands for its part of the parent's message."""

    name = "model"

    def fits(self, field: FieldDescriptor) -> bool:
        return field.message_type is not None and field.message_type.file.name not in WELL_KNOWN

    def annotation(self, at: At) -> str:
        return at.names.model(at.message_type, at.contract.model)

    def type(self, at: At) -> str:
        return f"model:{at.names.model_reference(at.message_type, at.contract.model)}"
