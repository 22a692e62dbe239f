"""Messages that stay what they are."""

from __future__ import annotations

from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Kind


class RawMessage(Kind):
    """A protobuf message as it is: what no other kind fits, and what callers expect raw."""

    name = "message"

    def takes(self, at: At) -> bool:
        return at.element.message_type is not None

    def annotation(self, at: At) -> str:
        return at.names.pb2(at.message_type)

    def read(self, at: At, source: str) -> str:
        return source

    def write(self, at: At, value: str, target: str) -> str:
        return f"{at.names.api('write_entity')}({value}, {target})"
