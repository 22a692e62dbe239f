"""Keys, lists of scalars and JSON on one line."""

from __future__ import annotations

from typing import Any

from flytekit_models.convert import read_value
from flytekit_models.view.values import Value, quoted, show_number, show_scalar

_LINE = 88
"""Maximum length of lists of scalars and of JSON that are shown on one line."""


def key_name(key: Any) -> str:
    """Format a map key as a name."""
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, str):
        return key if key.isprintable() and key and not set(key) & set(" .:\"'\\[]()") else quoted(key)
    return str(key)


def list_line(each: Any, values: Any) -> Value | None:
    """Format a list of scalars on one line, if it fits."""
    if each.message_type is not None or len(values) > _LINE:
        return None
    length, shown = 2, []
    for one in values:
        if isinstance(one, (str, bytes)) and len(one) > _LINE:
            return None
        text = quoted(one) if isinstance(one, str) else show_scalar(each, one).text
        shown.append(text)
        length += len(text) + 2
        if length > _LINE:
            return None
    return Value(f"[{', '.join(shown)}]", "text" if each.enum_type is None else "enum")


def json_line(message: Any) -> str | None:
    """Format JSON on one line, if it fits."""
    if message.ByteSize() > 2 * _LINE:
        return None
    line = _json_text(message)
    return line if len(line) <= _LINE else None


def _json_text(message: Any) -> str:
    kind = message.DESCRIPTOR.name
    if kind == "Struct":
        return (
            "{" + ", ".join(f"{quoted(key)}: {_json_text(message.fields[key])}" for key in sorted(message.fields)) + "}"
        )
    if kind == "ListValue":
        return "[" + ", ".join(map(_json_text, message.values)) + "]"
    arm = message.WhichOneof("kind")
    if arm in ("struct_value", "list_value"):
        return _json_text(getattr(message, arm))
    plain = read_value(message)
    if plain is None:
        return "null"
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return quoted(plain) if isinstance(plain, str) else show_number(plain)
