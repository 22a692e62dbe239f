"""Which core is at work: the compiled one, where it is installed and fits, or none."""

from __future__ import annotations

import os
from types import ModuleType
from typing import NamedTuple

from flytekit_models._version import __version__

_SWITCH = "FLYTEKIT_MODELS_CORE"


class Core(NamedTuple):
    """What :func:`core` tells."""

    active: bool
    """Whether the compiled core is used."""
    version: str | None
    """Version of the compiled core that is installed."""
    reason: str
    """Why it is used, or why not."""


def core() -> Core:
    """Tell whether the compiled core is used in this process, and why.

    It comes with ``pip install "flytekit-models[fast]"``, must have the version of this package, and is switched off
    by the environment variable ``FLYTEKIT_MODELS_CORE=0``, which is read when the models are first imported.
    """
    return _CORE


def _find() -> tuple[ModuleType | None, Core]:
    if os.environ.get(_SWITCH, "").strip().lower() in ("0", "no", "off", "false"):
        return None, Core(False, None, f"switched off by {_SWITCH}")
    try:
        import flytekit_models_core
    except ModuleNotFoundError:
        return None, Core(False, None, 'not installed: pip install "flytekit-models[fast]"')
    except ImportError as error:
        return None, Core(False, None, f"cannot be loaded: {error}")
    version: str = flytekit_models_core.version
    if version != __version__:
        return None, Core(False, version, f"its version is not that of flytekit-models, {__version__}")
    # An overlay in flytekit is a copy of this package. The core serves the one that came first.
    if getattr(flytekit_models_core, "used_by", __name__) != __name__:
        return None, Core(False, version, "used by another copy of the models in this process")
    flytekit_models_core.used_by = __name__
    return flytekit_models_core, Core(True, version, "installed, and of the same version")


MODULE, _CORE = _find()
