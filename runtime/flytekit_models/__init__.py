"""The hand-written runtime of the generated models.

The doors are :mod:`flytekit_models.api_v1`, which generated code imports from, and :func:`core`. Generated code also
imports mixins from :mod:`flytekit_models.behaviours`, where the contract names one; all else is private.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flytekit_models._core import core as core
from flytekit_models._version import __version__ as __version__

if TYPE_CHECKING:
    from flytekit_models._told import Core as Core


def __getattr__(name: str) -> Any:
    if name != "Core":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from flytekit_models._told import Core

    return Core
