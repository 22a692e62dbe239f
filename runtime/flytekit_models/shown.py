"""How a value is shown in an error: on one line, short, and without trusting its ``repr``."""

from __future__ import annotations

from reprlib import Repr
from typing import Any

from flytekit_models.text import visible

_WIDTH = 80


def shown(value: Any, typed: bool = True) -> str:
    """*value* with its type before it, cut to about a line; control characters are escaped.

    >>> shown(5), shown("a" * 100)[:20], shown("x", typed=False)
    ('int 5', "str 'aaaaaaaaaaaaaaa", "'x'")
    """
    # Models are told by their class: showing one would write it.
    text = "model" if hasattr(type(value), "to_flyte_idl") else _text(value)
    text = visible(text)
    if len(text) > _WIDTH:
        text = text[: _WIDTH - 3] + "..."
    return f"{visible(type(value).__name__)} {text}" if typed else text


def _text(value: Any) -> str:
    try:
        return _SHORT.repr(value)
    except Exception as error:
        return f"(its repr raises {type(error).__name__})"


class _Short(Repr):
    """A repr that looks no deeper, and no further, than what is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = 4
        self.maxstring = self.maxother = self.maxlong = _WIDTH

    def repr_int(self, x: int, level: int) -> str:
        """An int; one too long for Python to write is told by its size."""
        return repr(x) if x.bit_length() < 400 else f"of {x.bit_length()} bits"

    def repr_instance(self, x: Any, level: int) -> str:
        """Anything else; a message is told by its name, since its text may be as long as it is."""
        name = getattr(getattr(x, "DESCRIPTOR", None), "full_name", None)
        if isinstance(name, str) and hasattr(x, "ListFields") and not isinstance(x, type):
            return f"message of {name}"
        return super().repr_instance(x, level)


_SHORT = _Short()
