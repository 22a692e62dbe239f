"""Modules that generated code names in its annotations, imported when somebody asks for what is in them."""

from __future__ import annotations

from typing import Any


class LazyModule:
    """Stands for the module *name*: asking for something in it imports it.

    Type checkers see the module itself. At run time, annotations are only looked at by those who ask for type hints,
    and a class of another module is only needed when a value of it is met.
    """

    def __init__(self, name: str) -> None:
        self._fm_name = name

    def __getattr__(self, name: str) -> Any:
        from importlib import import_module

        found = getattr(import_module(self._fm_name), name)
        if isinstance(found, type):
            # Constructors ask for classes with every call: from now on this one is found without coming here.
            setattr(self, name, found)
        return found

    def __repr__(self) -> str:
        return f"<module {self._fm_name!r}, imported on use>"
