"""Fields that JSON data gives twice: once in camel case and once as in the proto. json_format takes the last one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from flytekit_models.data.json_errors import twice
from flytekit_models.messages import is_repeated


def given_twice(descriptor: Any, data: Mapping[str, Any], path: str = "") -> str:
    """Describe the first field that *data*, which is valid for *descriptor*, gives under both of its names."""
    fields = _by_name(descriptor)
    seen: dict[str, str] = {}
    for key, part in data.items():
        each = fields.get(key)
        if each is None:
            continue
        where = f"{path}.{key}" if path else key
        if seen.setdefault(each.name, key) != key:
            return twice(descriptor, each, where, seen[each.name])
        for place, inner, inside in _inside(each, part, where):
            found = given_twice(inner, inside, place)
            if found:
                return found
    return ""


@cache
def _by_name(descriptor: Any) -> Mapping[str, Any]:
    """Return the fields of a message by the names that JSON has for them; none where JSON is something else."""
    if descriptor.full_name in ("google.protobuf.Any", "google.protobuf.Struct", "google.protobuf.Value"):
        return {}
    return {name: each for each in descriptor.fields for name in (each.name, each.json_name)}


def _inside(each: Any, part: Any, where: str) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """Iterate over the JSON objects in the value *part* of a field that are messages: path, type, data."""
    inner = each.message_type
    if inner is None or part is None:
        return
    if inner.GetOptions().map_entry:
        item = inner.fields_by_name["value"].message_type
        if item is not None:
            yield from ((f"{where}[{key!r}]", item, one) for key, one in part.items() if isinstance(one, Mapping))
    elif is_repeated(each):
        yield from ((f"{where}[{index}]", inner, one) for index, one in enumerate(part) if isinstance(one, Mapping))
    elif isinstance(part, Mapping):
        yield where, inner, part
