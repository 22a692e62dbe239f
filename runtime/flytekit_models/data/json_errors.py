"""The path of what makes JSON conversion fail, found after the fact by converting the parts one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf import json_format

from flytekit_models.data.paths import near
from flytekit_models.messages import is_repeated

_SHOWN = 80
_WELL_KNOWN = {
    "google.protobuf.Timestamp": 'a time as in "2024-05-06T07:08:09Z", of the years 1 to 9999',
    "google.protobuf.Duration": 'a duration in seconds, as in "1.5s"',
    "google.protobuf.FieldMask": "the paths of fields in one text, with commas",
    "google.protobuf.Struct": "an object",
    "google.protobuf.ListValue": "an array",
    "google.protobuf.Value": "any JSON",
    "google.protobuf.Any": 'an object whose "@type" names a type that this program knows',
}
_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}


def kind_of_data(data: Any) -> str:
    """Describe JSON *data* in a word or two."""
    if isinstance(data, Mapping):
        return "an object"
    if isinstance(data, (list, tuple)):
        return "an array"
    if data is None:
        return "null"
    text = repr(data) if isinstance(data, (str, bool, int, float)) else f"something of the type {type(data).__name__}"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def twice(descriptor: Any, each: Any, where: str, first: str) -> str:
    """Say that the field *each* is given *where* it is, and was given as *first* before."""
    return f"at {where}: {descriptor.full_name}.{each.name} is there twice, as {first!r} too"


def problem_of_data(message_type: Any, data: Mapping[str, Any], ignore_unknown: bool, error: Exception) -> str:
    """Describe what is wrong with *data* and where; fall back to the text of *error*."""
    if isinstance(error, RecursionError) or "too deep" in str(error):
        # Of how deep it may be, json_format tells nobody but in its text.
        return "it is nested too deep"
    return _Search(ignore_unknown).in_message(message_type.DESCRIPTOR, message_type, data, "") or _own_words(error)


def _own_words(error: Exception) -> str:
    text = str(error)
    return text if len(text) <= 500 else text[:500] + "..."


class _Search:
    """Looks for the deepest part that fails on its own."""

    def __init__(self, ignore_unknown: bool) -> None:
        self._ignore_unknown = ignore_unknown

    def in_message(self, descriptor: Any, message_type: Any, data: Mapping[str, Any], path: str) -> str:
        seen: dict[str, str] = {}
        for key, part in data.items():
            where = _at(path, key)
            each = _field(descriptor, key)
            if each is None:
                if not self._ignore_unknown:
                    names = [one.name if "_" in str(key) else one.json_name for one in descriptor.fields]
                    return f"at {where}: {descriptor.full_name} has no field {key!r}; {near(str(key), names)}"
                continue
            if each.name in seen:
                return twice(descriptor, each, where, seen[each.name])
            seen[each.name] = key
            error = self._fails(message_type, {key: part})
            if error is not None:
                return self._in_field(each, message_type, key, part, where) or f"at {where}: {_own_words(error)}"
        return self._two_arms(descriptor, data, path)

    def _two_arms(self, descriptor: Any, data: Mapping[str, Any], path: str) -> str:
        for oneof in descriptor.oneofs:
            arms = [key for key, part in data.items() if part is not None and _field(descriptor, key) in oneof.fields]
            if len(arms) > 1:
                shown = " and ".join(map(str, arms))
                return f"at {path or 'the top'}: expected one of the fields of the oneof {oneof.name}, got {shown}"
        return ""

    def _fails(self, message_type: Any, data: Mapping[str, Any]) -> Exception | None:
        try:
            json_format.ParseDict(dict(data), message_type(), self._ignore_unknown)
        except Exception as error:
            return error
        return None

    def _in_field(self, each: Any, message_type: Any, key: str, part: Any, where: str) -> str:
        if _is_map(each):
            return self._in_map(each, message_type, key, part, where)
        if is_repeated(each):
            if not isinstance(part, (list, tuple)):
                return f"at {where}: expected an array of {_expected(each)}, got {kind_of_data(part)}"
            for index, one in enumerate(part):
                if one is None or self._fails(message_type, {key: [one]}):
                    return self._in_one(each, one, f"{where}[{index}]")
            return ""
        return self._in_one(each, part, where)

    def _in_map(self, each: Any, message_type: Any, key: str, part: Any, where: str) -> str:
        name, item = each.message_type.fields_by_name["key"], each.message_type.fields_by_name["value"]
        if not isinstance(part, Mapping):
            return f"at {where}: expected an object in which every value is {_expected(item)}, got {kind_of_data(part)}"
        for entry, one in part.items():
            if one is None or self._fails(message_type, {key: {entry: one}}):
                inside = f"{where}[{entry!r}]"
                found = self._in_one(item, one, inside)
                # A wrong key is wrong whatever its value.
                if name.type != name.TYPE_STRING and not isinstance(entry, str):
                    return f"at {inside}: expected a key as text, got {kind_of_data(entry)}"
                return found
        return ""

    def _in_one(self, each: Any, part: Any, where: str) -> str:
        inner = each.message_type
        if inner is not None and inner.full_name not in _WELL_KNOWN and isinstance(part, Mapping):
            found = self.in_message(inner, _class_of(inner), part, where) if _class_of(inner) else ""
            if found:
                return found
        return f"at {where}: expected {_expected(each)}, got {kind_of_data(part)}"


def _class_of(descriptor: Any) -> Any:
    from google.protobuf.message_factory import GetMessageClass

    return GetMessageClass(descriptor)


def _at(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _field(descriptor: Any, key: Any) -> Any:
    """Return the field with the JSON name *key*: in camel case, or as in the proto."""
    for each in descriptor.fields:
        if key in (each.json_name, each.name):
            return each
    return None


def _is_map(each: Any) -> bool:
    return each.message_type is not None and bool(each.message_type.GetOptions().map_entry)


def _expected(each: Any) -> str:
    """Describe the values that the field *each* accepts."""
    if each.message_type is not None:
        name = each.message_type.full_name
        if name.startswith("google.protobuf.") and name.endswith("Value") and name not in _WELL_KNOWN:
            return _expected(each.message_type.fields_by_name["value"])
        return _WELL_KNOWN.get(name, f"an object that is a {name}")
    if each.enum_type is not None:
        names = [one.name for one in each.enum_type.values]
        shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
        return f"a name of {each.enum_type.full_name} ({shown}) or a number"
    kinds = {
        each.TYPE_BOOL: "true or false",
        each.TYPE_STRING: "a text",
        each.TYPE_BYTES: "bytes as base64",
        each.TYPE_DOUBLE: "a number",
        each.TYPE_FLOAT: "a number that 32 bits can hold",
    }
    if each.type in kinds:
        return kinds[each.type]
    kind = {
        each.CPPTYPE_INT32: "int32",
        each.CPPTYPE_INT64: "int64",
        each.CPPTYPE_UINT32: "uint32",
        each.CPPTYPE_UINT64: "uint64",
    }[each.cpp_type]
    low, high = _RANGES[kind]
    return f"a whole number from {low} to {high}"


def problem_of_message(message: Any) -> tuple[str, str]:
    """Return the path of the deepest part of *message* without a JSON form, and protobuf's error for it."""
    path, words = "", ""
    while message is not None:
        found = message
        for step, part in _parts(message):
            error = _written(part)
            if error is not None:
                path, words, message = path + step, _own_words(error), part
                break
        if found is message:
            break
    return path.lstrip("."), words


_OF_JSON = frozenset({"google.protobuf.Struct", "google.protobuf.ListValue", "google.protobuf.Value"})


def _parts(message: Any) -> Iterator[tuple[str, Any]]:
    """Iterate over the direct sub-messages of *message*, each with its step."""
    is_json = message.DESCRIPTOR.full_name in _OF_JSON
    for each, part in message.ListFields():
        name = "" if is_json else f".{each.name}"
        if each.message_type is None:
            continue
        if _is_map(each):
            if each.message_type.fields_by_name["value"].message_type is not None:
                yield from ((f"{name}[{key!r}]", part[key]) for key in part)
        elif is_repeated(each):
            yield from ((f"{name}[{index}]", one) for index, one in enumerate(part))
        else:
            yield name, part


def _written(message: Any) -> Exception | None:
    try:
        json_format.MessageToDict(message)
    except Exception as error:
        return error
    return None
