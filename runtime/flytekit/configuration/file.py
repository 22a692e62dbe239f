"""Reads settings from the environment and from flytekit's configuration file."""

from flytekit_models.stand_ins.configuration.file import (
    FLYTECTL_CONFIG_ENV_VAR,
    FLYTECTL_CONFIG_ENV_VAR_OVERRIDE,
    ConfigFile,
    bool_setting,
    get_config_file,
    int_setting,
    str_setting,
)

__all__ = [
    "FLYTECTL_CONFIG_ENV_VAR",
    "FLYTECTL_CONFIG_ENV_VAR_OVERRIDE",
    "ConfigFile",
    "bool_setting",
    "get_config_file",
    "int_setting",
    "str_setting",
]
