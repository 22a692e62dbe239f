"""Lists of key-value messages."""

from __future__ import annotations

from flytekit_codegen.pipeline.step1_read.idl import is_map, is_repeated
from flytekit_codegen.pipeline.step2_bind.kinds.base import At, Code, Kind


class KeyValues(Kind):
    """A list of messages with a ``key`` and a ``value``, as a dict; of a key that comes twice, the last one counts."""

    name = "key-values"

    def takes(self, at: At) -> bool:
        message = at.element.message_type
        if message is None or is_map(at.field) or not is_repeated(at.field):
            return False
        return {"key", "value"} <= set(message.fields_by_name)

    def code(self, at: At) -> Code:
        key_type, value_type = (at.names.plain(at.message_type.fields_by_name[name]) for name in ("key", "value"))
        read = f"{{item.key: item.value for item in {at.source}}}"
        write: tuple[str, ...] = (f"if {at.slot}:", f"    for {at.key}, {at.item} in {at.slot}.items():")
        write += (f"        {at.source}.add(key={at.key}, value={at.item})",)
        return Code(f"{at.names.builtin('dict')}[{key_type}, {value_type}]", read, write)
