"""Messages that have a model."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.kinds.base import At, Kind


class SubModel(Kind):
    """A message as the model of its own, which wraps its part of the parent's message."""

    name = "model"

    def fits(self, field: FieldDescriptor) -> bool:
        return field.message_type is not None and not field.message_type.file.name.startswith("google/protobuf/")

    def annotation(self, at: At) -> str:
        return at.names.model(at.message_type, at.contract.model)

    def read(self, at: At, source: str) -> str:
        model = at.names.model(at.message_type, at.contract.model, at_runtime=True)
        wrap = at.names.api("wrap_read" if at.names.is_dataclass(at.message_type, at.contract.model) else "wrap")
        return f"{wrap}({model}, {source})"

    def write(self, at: At, value: str, target: str) -> str:
        writer = (
            "write_model_or_nothing" if at.names.may_be_nothing(at.message_type, at.contract.model) else "write_model"
        )
        return f"{at.names.api(writer)}({value}, {target})"
