"""What models do that no field of the IDL says: a module for each module of models, a mixin for each class.

Mixins hold methods; the functions beside them convert what a constructor is given, or read and write a single member,
where the contract names them.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def module_of(model: Any) -> ModuleType:
    """The generated module of *model*, a model or a class of models: its siblings are there."""
    return sys.modules[model._GENERATED.__module__]
