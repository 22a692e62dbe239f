"""Switches for the behaviour of the library, read from the environment when this module is imported."""

from __future__ import annotations

import os

from flytekit_models.stand_ins import take_flytekits_name


class FeatureFlags:
    """The switches.

    :cvar FLYTE_PYTHON_PACKAGE_ROOT: where the names of modules begin. ``auto``: at the outermost folder that is a
        package; ``.``: at the working directory; anything else: at the folder of that path.
    """

    FLYTE_PYTHON_PACKAGE_ROOT: str = os.environ.get("FLYTE_PYTHON_PACKAGE_ROOT") or "auto"


take_flytekits_name(__name__)
