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

    def given(self, at: At) -> str:
        message = self.annotation(at)
        return (
            "Any" if message == "Any" else f"{message} | {at.names.abstract('Mapping')}[{at.names.builtin('str')}, Any]"
        )
