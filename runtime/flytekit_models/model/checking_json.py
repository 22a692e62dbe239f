"""What in a JSON value a Struct, Value or ListValue cannot hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flytekit_models import convert
from flytekit_models.convert import is_message
from flytekit_models.shown import shown


class WrongJson(Exception):
    """Something inside a JSON value is wrong: where it is in the value, and the class of the error to raise."""

    def __init__(self, text: str, path: str, kind: type[Exception] = ValueError) -> None:
        super().__init__(text)
        self.path = path
        self.kind = kind


def wrong_json(value: Any) -> WrongJson | None:
    """The first thing in the JSON *value* that JSON cannot hold."""
    stack: list[tuple[Any, str]] = [(value, "")]
    # One that holds itself is looked at once. They are held, so that each has an identity of its own.
    seen: dict[int, Any] = {}
    while stack:
        item, at = stack.pop()
        if is_message(item) or id(item) in seen:
            continue
        if isinstance(item, (Mapping, list, tuple)):
            seen[id(item)] = item
        if isinstance(item, Mapping):
            keys: dict[str, Any] = {}
            for key in item:
                try:
                    text = convert.json_key(key)
                except TypeError:
                    return WrongJson(f"expected a str for the key, got {shown(key)}", at, TypeError)
                if text in keys:
                    return WrongJson(f"two keys become {text!r}: {shown(keys[text])} and {shown(key)}", at)
                if has_surrogate(text):
                    return WrongJson(f"expected str, got a key with the lone surrogate {surrogate(text)}", at)
                keys[text] = key
            stack += [(item[key], f"{at}[{shown(key, typed=False)}]") for key in reversed(list(item))]
        elif isinstance(item, (list, tuple)):
            stack += [(one, f"{at}[{index}]") for index, one in reversed(list(enumerate(item)))]
        elif isinstance(item, str):
            if has_surrogate(item):
                return WrongJson(f"expected str, got one with the lone surrogate {surrogate(item)}", at)
        elif isinstance(item, int):
            try:
                float(item)
            except OverflowError:
                return WrongJson(f"expected a number that a double can hold, got {shown(item)}", at)
        elif item is not None and not isinstance(item, float) and at:
            return WrongJson(f"expected a JSON value, got {shown(item)}", at, TypeError)
    return None


def has_surrogate(text: str) -> bool:
    """Whether the *text* has a half of a character, which UTF-8 cannot write."""
    return any("\ud800" <= one <= "\udfff" for one in text) if not text.isascii() else False


def surrogate(text: str) -> str:
    """The first lone surrogate of the *text*, as its escape."""
    return next(ascii(one) for one in text if "\ud800" <= one <= "\udfff")
