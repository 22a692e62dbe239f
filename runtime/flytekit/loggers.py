"""The loggers that the utilities write to, under flytekit's names.

A library configures no output: records go wherever the program sends them, by the root logger or by a handler that
it adds to one of these. Without any, Python itself prints warnings and errors to standard error. Inside a flytekit
tree this module isn't used: flytekit has its own at the same import path, with the same names.
"""

from __future__ import annotations

import logging
import os

__all__ = ["LOGGING_DEV_ENV_VAR", "LOGGING_ENV_VAR", "developer_logger", "logger", "user_space_logger"]

#: Environment variable with the level of :data:`logger`: a number, or a name such as ``DEBUG``.
LOGGING_ENV_VAR = "FLYTE_SDK_LOGGING_LEVEL"
#: Environment variable with the level of :data:`developer_logger`.
LOGGING_DEV_ENV_VAR = "FLYTE_SDK_DEV_LOGGING_LEVEL"

#: What a user of the library should know.
logger = logging.getLogger("flytekit")
#: What the user's own task code says.
user_space_logger = logging.getLogger("user_space")
#: What only somebody who works on the library itself wants to see.
developer_logger = logging.getLogger("developer")


def _set_level(target: logging.Logger, variable: str, default: int) -> None:
    """Give a logger the level that an environment variable names, and the default level if it names none."""
    target.setLevel(default)
    text = os.environ.get(variable, "").strip()
    if text:
        try:
            target.setLevel(int(text) if text.isdigit() else text.upper())
        except ValueError:
            # A mistyped variable must not make the library impossible to import.
            logger.warning("%s=%r is no logging level; using %s", variable, text, logging.getLevelName(default))


_set_level(logger, LOGGING_ENV_VAR, logging.WARNING)
user_space_logger.setLevel(logging.INFO)
_set_level(developer_logger, LOGGING_DEV_ENV_VAR, logging.INFO)
