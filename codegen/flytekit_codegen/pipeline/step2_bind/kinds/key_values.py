"""Lists of key-value messages."""

from __future__ import annotations

from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated
from flytekit_codegen.pipeline.step2_bind.kinds.base import SCALAR_TYPES, At, Code, Kind


class KeyValues(Kind):
    """A list of messages with a ``key`` and a ``value``, as a dict; of a key that comes twice, the last one counts."""

    name = "key-values"

    def takes(self, at: At) -> bool:
        message = at.element.message_type
        if message is None or is_map(at.field) or not is_repeated(at.field):
            return False
        return {"key", "value"} <= set(message.fields_by_name)

    def code(self, at: At) -> Code:
        key, value = (at.names.plain(at.message_type.fields_by_name[name]) for name in ("key", "value"))
        given = f"{at.names.abstract('Mapping')}[{key}, {value}] | None"
        parts = (at.message_type.fields_by_name[name] for name in ("key", "value"))
        pair = "/".join(f"{part.number}/{SCALAR_TYPES[part.type]}" for part in parts)
        return Code(f"{at.names.builtin('dict')}[{key}, {value}]", given, f"[]{self.type(at)}/{pair}")
