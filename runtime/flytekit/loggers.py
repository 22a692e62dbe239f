"""The loggers of flytekit, for the utilities where flytekit itself is not installed."""

from flytekit_models.stand_ins.loggers import (
    LOGGING_DEV_ENV_VAR,
    LOGGING_ENV_VAR,
    developer_logger,
    logger,
    user_space_logger,
)

__all__ = ["LOGGING_DEV_ENV_VAR", "LOGGING_ENV_VAR", "developer_logger", "logger", "user_space_logger"]
