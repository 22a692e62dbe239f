"""Which core is at work: the compiled one, where it is installed and fits, or none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from warnings import warn

from flytekit_models._version import __version__

if TYPE_CHECKING:
    from types import ModuleType

    from flytekit_models._told import Core

_SWITCH = "FLYTEKIT_MODELS_CORE"


def core() -> Core:
    """Tell whether the compiled core is used in this process, and why. The result is true if it is used.

    It comes with ``pip install "flytekit-models[fast]"``, must have the version of this package, and is switched off
    by the environment variable ``FLYTEKIT_MODELS_CORE=0``, which is read when the models are first imported.
    """
    from flytekit_models._told import Core

    return Core(MODULE is not None, _VERSION, _REASON)


def _find() -> tuple[ModuleType | None, str | None, str]:
    """The compiled core, if it is to be used; the version of the installed one; why it is used, or why not."""
    switch = os.environ.get(_SWITCH, "").strip().lower()
    if switch in ("0", "no", "off", "false"):
        return None, None, f"switched off by {_SWITCH}"
    if switch not in ("", "1", "yes", "on", "true"):
        warn(f"{_SWITCH}={switch} is neither on nor off: take 1 or 0", RuntimeWarning, stacklevel=2)
    try:
        import flytekit_models_core
    except ModuleNotFoundError:
        return None, None, 'not installed: pip install "flytekit-models[fast]"'
    except ImportError as error:
        return None, None, f"cannot be loaded: {error}"
    version: str = flytekit_models_core.version
    if version != __version__:
        return None, version, f"its version is not that of flytekit-models, {__version__}"
    # An overlay in flytekit is a copy of this package. The core serves the one that came first.
    if getattr(flytekit_models_core, "used_by", __name__) != __name__:
        return None, version, "used by another copy of the models in this process"
    flytekit_models_core.used_by = __name__
    return flytekit_models_core, version, "installed, and of the same version"


MODULE, _VERSION, _REASON = _find()
