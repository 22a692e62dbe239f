"""Protobuf's JSON mapping for models, with errors that name the path and what was expected there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from inspect import signature
from typing import Any, cast

from google.protobuf import json_format

from flytekit_models.data.json_errors import kind_of_data, problem_of_data, problem_of_message
from flytekit_models.data.json_names import given_twice
from flytekit_models.data.members import message_of, message_type, model_of
from flytekit_models.text import visible

# Their causes are not shown: the texts of protobuf and json have in them what was given, as it was given.


class JsonReadError(json_format.ParseError, ValueError):
    """The JSON does not describe a model of the requested class."""

    def __init__(self, text: str) -> None:
        super().__init__(visible(text))


class JsonWriteError(json_format.SerializeToJsonError, ValueError):
    """The model has a value without a JSON form."""

    def __init__(self, text: str) -> None:
        super().__init__(visible(text))


def to_dict(model: Any, **options: bool) -> dict[str, Any]:
    """Convert *model* to JSON data.

    Raises:
        JsonWriteError: a value has no JSON form.
    """
    message = message_of(model)
    try:
        written: dict[str, Any] = json_format.MessageToDict(message, **known_options(options))
    except (json_format.Error, ValueError, TypeError, OverflowError) as error:
        path, words = problem_of_message(message)
        problem = f"at {path}: {words}" if path else str(error)
        raise JsonWriteError(f"{type(model).__qualname__} can't be written as JSON: {problem}") from None
    except RecursionError:
        raise JsonWriteError(f"{type(model).__qualname__} can't be written as JSON: it is nested too deep") from None
    return written


def to_json(model: Any, indent: int | None, sort_keys: bool, ensure_ascii: bool, **options: bool) -> str:
    """Convert *model* to JSON text.

    Raises:
        JsonWriteError: a value has no JSON form.
    """
    return json.dumps(to_dict(model, **options), indent=indent, sort_keys=sort_keys, ensure_ascii=ensure_ascii)


@cache
def _option_names() -> Mapping[str, str]:
    # Its name in protobuf 4.
    older = {"always_print_fields_with_no_presence": "including_default_value_fields"}
    known = signature(json_format.MessageToDict).parameters
    return {new: old for new, old in older.items() if new not in known}


def known_options(options: Mapping[str, bool]) -> dict[str, Any]:
    """Name *options* as the installed protobuf does."""
    return {_option_names().get(name, name): given for name, given in options.items()}


def from_dict(cls: type[Any], data: Any, ignore_unknown_fields: bool) -> Any:
    """Create a model of the class *cls* from JSON *data*.

    Raises:
        JsonReadError: the data does not describe one.
    """
    message = message_type(cls)()
    if not isinstance(data, Mapping):
        hint = " (from_json reads text)" if isinstance(data, (str, bytes)) else ""
        got = kind_of_data(data) + hint
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: expected an object, got {got}")
    try:
        json_format.ParseDict(cast("dict[str, Any]", data), message, ignore_unknown_fields)
    except Exception as error:
        # json_format raises errors of many types for data of the wrong shape.
        problem = problem_of_data(type(message), data, ignore_unknown_fields, error)
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: {problem}") from None
    problem = given_twice(message.DESCRIPTOR, data)
    if problem:
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: {problem}")
    return model_of(cls, message)


def from_json(cls: type[Any], text: str | bytes, ignore_unknown_fields: bool) -> Any:
    """Create a model of the class *cls* from JSON *text*.

    Raises:
        JsonReadError: the text is not valid JSON, or does not describe one.
    """
    if not isinstance(text, (str, bytes, bytearray, memoryview)):
        hint = " (from_dict reads what is parsed)" if isinstance(text, Mapping) else ""
        got = kind_of_data(text) + hint
        raise JsonReadError(f"{cls.__qualname__} can't be read from JSON: expected text or bytes, got {got}")
    try:
        decoded = text if isinstance(text, str) else bytes(text).decode()
        data = json.loads(decoded, object_pairs_hook=_without_duplicates)
    except (ValueError, TypeError, RecursionError) as error:
        raise JsonReadError(
            f"{cls.__qualname__} can't be read from JSON: the text is not valid JSON: {error}"
        ) from None
    return from_dict(cls, data, ignore_unknown_fields)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice!r} is there twice")
    return entries
