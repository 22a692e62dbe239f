"""Parts of modules, which are loaded on demand: what is forgotten of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any


def forget(part: str, namespace: dict[str, Any]) -> None:
    """Take what came from *part* out of *namespace*, and have *part* imported anew."""
    found = vars(sys.modules.pop(part, None) or object)
    for each in namespace.get("__all__", ()):
        if each in found and namespace.get(each) is found[each]:
            del namespace[each]


def forget_lines(values: Iterable[Any], module: str) -> None:
    """Take from classes of *module* the line that they begin at: it is one of another file, which nobody asks for."""
    for each in values:
        if isinstance(each, type) and each.__module__ == module and "__firstlineno__" in vars(each):
            type.__delattr__(each, "__firstlineno__")
            forget_lines(list(vars(each).values()), module)
