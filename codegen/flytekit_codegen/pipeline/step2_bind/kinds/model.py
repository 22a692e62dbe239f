"""Messages that have a model."""

from __future__ import annotations

from google.protobuf.descriptor import FieldDescriptor

from flytekit_codegen.pipeline.step1_read.sources import WELL_KNOWN
from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Kind


class SubModel(Kind):
    """A message as the model of its own, which wraps its part of the parent's message."""

    name = "model"

    def fits(self, field: FieldDescriptor) -> bool:
        return field.message_type is not None and field.message_type.file.name not in WELL_KNOWN

    def annotation(self, at: At) -> str:
        return at.names.model(at.message_type, at.contract.model)

    def read(self, at: At, source: str) -> str:
        return f"{at.names.api('wrap_read' if self._is_dataclass(at) else 'wrap')}({self._model(at)}, {source})"

    def read_list(self, at: At, source: str) -> str:
        if self._is_dataclass(at):
            return super().read_list(at, source)
        return f"{at.names.api('wrap_list')}({self._model(at)}, {source})"

    def read_map(self, at: At, source: str) -> str:
        if self._is_dataclass(at):
            return super().read_map(at, source)
        return f"{at.names.api('wrap_map')}({self._model(at)}, {source})"

    def _is_dataclass(self, at: At) -> bool:
        return at.names.is_dataclass(at.message_type, at.contract.model)

    def _model(self, at: At) -> str:
        return at.names.model(at.message_type, at.contract.model, at_runtime=True)

    def shows(self, at: At) -> bool:
        return not at.names.may_be_nothing(at.message_type, at.contract.model)

    def write(self, at: At, value: str, target: str) -> str:
        if self.shows(at):
            return f"{self._model(at)}._write({value}, {target})"
        return f"{at.names.api('write_model_or_nothing')}({self._model(at)}, {value}, {target})"

    def write_list(self, at: At, values: str, target: str) -> tuple[str, ...]:
        if at.contract.written == "none-as-empty":
            return super().write_list(at, values, target)
        return (f"{at.names.api('write_model_list')}({self._model(at)}, {values}, {target})",)

    def write_map(self, at: At, values: str, target: str) -> tuple[str, ...]:
        return (f"{at.names.api('write_model_map')}({self._model(at)}, {values}, {target})",)
