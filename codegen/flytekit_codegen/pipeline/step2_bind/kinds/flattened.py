"""Messages that hold one map and nothing else."""

from __future__ import annotations

from dataclasses import replace

from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated, map_key
from flytekit_codegen.pipeline.step2_bind.kinds.base import SCALAR_TYPES, At, Code, Kind


class Flattened(Kind):
    """A message around one map, as the map's dict; written even when it is empty."""

    name = "flattened"

    def takes(self, at: At) -> bool:
        message = at.field.message_type
        return message is not None and not is_repeated(at.field) and [is_map(each) for each in message.fields] == [True]

    def code(self, at: At) -> Code:
        from flytekit_codegen.pipeline.step2_bind.kinds import default_kind

        (inner,) = at.message_type.fields
        one = replace(at, field=inner)
        kind = default_kind(one.element, at.names)
        key = at.names.plain(map_key(inner))
        values = f"{{{SCALAR_TYPES[map_key(inner).type]}}}{kind.type(one)}"
        return Code(
            f"{at.names.builtin('dict')}[{key}, {kind.annotation(one)}]",
            f"{at.names.abstract('Mapping')}[{key}, {kind.given(one)}] | None",
            f"flattened:{at.message_type.full_name}/{inner.number}/{inner.name}/{values}",
        )
