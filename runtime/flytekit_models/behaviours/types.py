"""Behaviour of ``flytekit.models.types``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class LiteralTypeBehaviour:
    """Short representation of ``LiteralType`` for rich."""

    def __rich_repr__(self: Any) -> Iterator[str]:
        yield _in_short(self)


def _in_short(literal_type: Any) -> str:
    if literal_type.simple is not None:
        return "Simple"
    if literal_type.schema is not None:
        return "Schema"
    if literal_type.collection_type is not None:
        return f"List[{_in_short(literal_type.collection_type)}]"
    if literal_type.map_value_type is not None:
        return f"Dict[str, {_in_short(literal_type.map_value_type)}]"
    if literal_type.blob is not None:
        return {0: "File", 1: "Directory"}.get(literal_type.blob.dimensionality, "Unknown Blob Type")
    if literal_type.enum_type is not None:
        return "Enum"
    if literal_type.union_type is not None:
        return "Union"
    if literal_type.structured_dataset_type is not None:
        return f"StructuredDataset(format={literal_type.structured_dataset_type.format})"
    return "Unknown Type"


def given_attr_path(attr_path: Any) -> Any:
    """Return the given attribute path; the default is a new empty list, which callers append to."""
    return [] if attr_path is None else attr_path


def read_attr(message: Any) -> str | int:
    """Read a step of the path into a promise: a key or an index. A step that says neither is index 0."""
    step: str | int = message.string_value if message.WhichOneof("value") == "string_value" else message.int_value
    return step


def write_attr(step: str | int, message: Any) -> None:
    """Write a step of the path into a promise.

    Raises:
        TypeError: *step* is neither a str nor an int.
    """
    message.SetInParent()
    if isinstance(step, str):
        message.string_value = step
    elif isinstance(step, int) and not isinstance(step, bool):
        message.int_value = step
    else:
        from flytekit_models.shown import shown

        raise TypeError(f"expected steps that are str or int, got {shown(step)}")
