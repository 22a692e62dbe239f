"""Where the runtime defines what the contract names: mixins, and functions for single members."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from flytekit_models import behaviours

BEHAVIOURS = "flytekit_models.behaviours"


@cache
def homes() -> dict[str, str]:
    """The classes and functions of the behaviours, each with the module that defines it; none of them is imported."""
    found = {}
    for path in sorted(Path(behaviours.__path__[0]).glob("*.py")):
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                found[node.name] = f"{BEHAVIOURS}.{path.stem}"
    return found
