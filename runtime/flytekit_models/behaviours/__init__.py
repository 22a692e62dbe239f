"""Hand-written behaviour of models, beyond the fields of the IDL: one mixin per class.

Mixins hold methods. The functions beside them, which the contract names, convert a constructor argument or read and
write a single member. The generator finds what the contract names, in whichever module it is. flytekit imports most of
them at once, so there are few.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def module_of(model: Any) -> ModuleType:
    """Return the generated module that defines *model*, a model or a model class; it has the related classes."""
    return sys.modules[model._fm_generated.__module__]
