"""Messages that hold one map and nothing else."""

from __future__ import annotations

from dataclasses import replace

from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated, map_key
from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Code, Kind


class Flattened(Kind):
    """A message around one map, as the map's dict; written even when it is empty."""

    name = "flattened"

    def takes(self, at: At) -> bool:
        message = at.field.message_type
        return message is not None and not is_repeated(at.field) and [is_map(each) for each in message.fields] == [True]

    def code(self, at: At) -> Code:
        from flytekit_codegen.pipeline.step2_bind.kinds import default_kind

        (inner,) = at.message_type.fields
        outer = at.source
        one = replace(at, field=inner)
        kind = default_kind(one.element, at.names)
        key = at.names.plain(map_key(inner))
        source = f"{outer}.{inner.name}"
        read = kind.read_map(one, source)
        written = kind.write_map(one, at.slot, source)
        write = (f"if {at.slot} is not None:", f"    {outer}.SetInParent()", *(f"    {line}" for line in written))
        return Code(f"{at.names.builtin('dict')}[{key}, {kind.annotation(one)}]", read, write)

    @staticmethod
    def path(at: At) -> str:
        """Where in the message the values are."""
        return f"{at.field.name}.{at.message_type.fields[0].name}"
