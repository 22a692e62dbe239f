"""Modules that generated code names, imported when somebody asks for what is in them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from flytekit_models._core import MODULE as CORE


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


def loaded_on_demand(part: str, namespace: dict[str, Any]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The ``__getattr__`` and ``__dir__`` of a module of which the module *part* has a part.

    The part is imported when somebody asks for one of the names in ``__all__`` that *namespace*, the module's, lacks.
    """

    module = namespace["__name__"]
    if "__getattr__" in namespace:
        from flytekit_models.parts import forget

        # The module is reloaded, and so is its part.
        forget(part, namespace)

    def find(name: str) -> Any:
        if name == "__path__":
            # An import inside a function asks for it each time, in vain, and drops the error.
            raise AttributeError(name)
        exports = namespace.get("__all__", ())
        if name in exports:
            from importlib import import_module

            found = vars(import_module(part))
            given = {each: found[each] for each in exports if each in found and each not in namespace}
            if sys.version_info >= (3, 13):
                from flytekit_models.parts import forget_lines

                forget_lines(given.values(), module)
            namespace.update(given)
            if name in namespace:
                return namespace[name]
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    def names() -> list[str]:
        return sorted({*namespace, *namespace.get("__all__", ())})

    return find if CORE is None else CORE.make_on_demand(find), names
