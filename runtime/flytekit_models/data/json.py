"""Models as JSON: protobuf's own mapping, with errors that say where something is wrong and what was expected there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from inspect import signature
from typing import Any, cast

from google.protobuf import json_format

from flytekit_models.data.json_errors import kind_of_data, problem_of_data, problem_of_message
from flytekit_models.data.members import message_of, message_type, model_of


class JsonReadError(json_format.ParseError, ValueError):
    """JSON that does not describe the model that was asked for."""


class JsonWriteError(json_format.SerializeToJsonError, ValueError):
    """A model that JSON can't describe."""


def to_dict(model: Any, **options: bool) -> dict[str, Any]:
    """*model* as JSON data.

    Raises:
        JsonWriteError: something in it can't be said in JSON.
    """
    message = message_of(model)
    try:
        written: dict[str, Any] = json_format.MessageToDict(message, **_known(options))
    except (json_format.Error, ValueError, TypeError) as error:
        path, words = problem_of_message(message)
        problem = f"at {path}: {words}" if path else str(error)
        raise JsonWriteError(f"{type(model).__qualname__} can't be written as JSON: {problem}") from error
    return written


def to_json(model: Any, indent: int | None, sort_keys: bool, ensure_ascii: bool, **options: bool) -> str:
    """*model* as JSON text.

    Raises:
        JsonWriteError: something in it can't be said in JSON.
    """
    return json.dumps(to_dict(model, **options), indent=indent, sort_keys=sort_keys, ensure_ascii=ensure_ascii)


@cache
def _option_names() -> Mapping[str, str]:
    # What it is called in protobuf 4.
    older = {"always_print_fields_with_no_presence": "including_default_value_fields"}
    known = signature(json_format.MessageToDict).parameters
    return {new: old for new, old in older.items() if new not in known}


def _known(options: Mapping[str, bool]) -> dict[str, Any]:
    return {_option_names().get(name, name): given for name, given in options.items()}


def from_dict(cls: type[Any], data: Any, ignore_unknown_fields: bool) -> Any:
    """A model of the class *cls* from JSON *data*.

    Raises:
        JsonReadError: the data do not describe one.
    """
    message = message_type(cls)()
    if not isinstance(data, Mapping):
        hint = " (from_json reads text)" if isinstance(data, (str, bytes)) else ""
        got = kind_of_data(data) + hint
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: expected an object, got {got}")
    try:
        json_format.ParseDict(cast("dict[str, Any]", data), message, ignore_unknown_fields)
    except Exception as error:
        # Whatever is in it, json_format fails in many ways: by its own errors, TypeError, AttributeError, ...
        problem = problem_of_data(type(message), data, ignore_unknown_fields, error)
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: {problem}") from error
    return model_of(cls, message)


def from_json(cls: type[Any], text: str | bytes, ignore_unknown_fields: bool) -> Any:
    """A model of the class *cls* from JSON *text*.

    Raises:
        JsonReadError: it is no JSON, or does not describe one.
    """
    if not isinstance(text, (str, bytes, bytearray, memoryview)):
        hint = " (from_dict reads what is parsed)" if isinstance(text, Mapping) else ""
        got = kind_of_data(text) + hint
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: expected text or bytes, got {got}")
    try:
        decoded = text if isinstance(text, str) else bytes(text).decode()
        data = json.loads(decoded, object_pairs_hook=_without_duplicates)
    except (ValueError, TypeError, RecursionError) as error:
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: the text is no JSON: {error}") from error
    return from_dict(cls, data, ignore_unknown_fields)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} is there twice")
    return entries
