"""Prints the members of every model class of this environment, as JSON: what "read everything" reads."""

from __future__ import annotations

import json
import pkgutil
from importlib import import_module
from typing import Any


def members() -> dict[str, list[str]]:
    """Class to its properties and dataclass fields."""
    package = import_module("flytekit.models")
    entity = import_module("flytekit.models.common").FlyteIdlEntity
    for module in pkgutil.walk_packages(package.__path__, "flytekit.models."):
        import_module(module.name)
    found, waiting = {}, [entity]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("flytekit.models."):
            found[f"{kind.__module__}.{kind.__qualname__}"] = sorted(_members(kind))
    return found


def _members(kind: Any) -> set[str]:
    if hasattr(kind, "_fm_proto"):
        from flytekit_models.model import describe

        return {field.property_name for field in describe(kind).fields}
    named = set(getattr(kind, "__dataclass_fields__", ()))
    return named | {name for name in dir(kind) if isinstance(getattr(kind, name, None), property)}


if __name__ == "__main__":
    print(json.dumps(members()))
