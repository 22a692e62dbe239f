"""The loggers of flytekit, for the utilities where flytekit itself is not installed."""

from __future__ import annotations

import logging
import os

LOGGING_ENV_VAR = "FLYTE_SDK_LOGGING_LEVEL"
"""Environment variable with the level of :data:`logger`, a number as in :mod:`logging`."""

LOGGING_DEV_ENV_VAR = "FLYTE_SDK_DEV_LOGGING_LEVEL"
"""Environment variable with the level of :data:`developer_logger`."""


def _level(variable: str, default: int) -> int:
    text = os.environ.get(variable, "")
    return int(text) if text.isdecimal() else default


logger = logging.getLogger("flytekit")
"""What users of the library may want to see."""

user_space_logger = logging.getLogger("user_space")
"""What code of users logs."""

developer_logger = logging.getLogger("developer")
"""What only developers of the library want to see."""

logger.setLevel(_level(LOGGING_ENV_VAR, logging.WARNING))
user_space_logger.setLevel(logging.INFO)
developer_logger.setLevel(_level(LOGGING_DEV_ENV_VAR, logging.INFO))
