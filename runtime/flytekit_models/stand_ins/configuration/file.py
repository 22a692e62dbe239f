"""Reads settings from the environment and from flytekit's configuration file.

flytekit knows two formats. None of the settings of this library exists in the YAML one, so such a file is found, as
flytekit finds it, but it has nothing to say; only the INI format is parsed.
"""

from __future__ import annotations

import configparser
import os
from functools import lru_cache
from pathlib import Path

from flytekit_models.stand_ins import take_flytekits_name
from flytekit_models.stand_ins.exceptions.user import FlyteAssertion
from flytekit_models.stand_ins.loggers import logger

FLYTECTL_CONFIG_ENV_VAR = "FLYTECTL_CONFIG"
FLYTECTL_CONFIG_ENV_VAR_OVERRIDE = "_FLYTECTL_CONFIG_PYFLYTE_OVERRIDE"

_FALSE_WORDS = ("", "0", "false", "no", "off")


class ConfigFile:
    """A configuration file, parsed when it is opened.

    :param location: its path; a name that ends in ``yaml`` or ``yml`` marks the YAML format.
    :raises OSError: the file can't be read.
    :raises configparser.Error: the file is not in the INI format.
    :raises FlyteAssertion: the file has a section "internal", which is reserved.
    """

    def __init__(self, location: str) -> None:
        self._location = location
        self._legacy_config: configparser.ConfigParser | None = None
        if not location.endswith(("yaml", "yml")):
            self._legacy_config = configparser.ConfigParser()
            with open(location, encoding="utf-8") as file:
                self._legacy_config.read_file(file)
            if self._legacy_config.has_section("internal"):
                raise FlyteAssertion(f"Section 'internal' of {location} is reserved; remove it")

    @property
    def legacy_config(self) -> configparser.ConfigParser | None:
        """The contents of an INI file; None for a YAML file."""
        return self._legacy_config


# The search asks the disk and the settings are read often, so the outcome is kept, as flytekit keeps it.
@lru_cache
def get_config_file(c: str | ConfigFile | None) -> ConfigFile | None:
    """Gives the configuration file for a path, or finds the one to use.

    The search goes through ``$_FLYTECTL_CONFIG_PYFLYTE_OVERRIDE``, ``$FLYTECTL_CONFIG``, ``./flytekit.config``,
    ``~/.flyte/config`` and ``~/.flyte/config.yaml``, and takes the first that exists.

    :param c: a path, an open configuration file (which is given back), or None to search.
    :return: the file, or None if there is none.
    :raises OSError: the file can't be read.
    """
    if isinstance(c, ConfigFile):
        return c
    if c is not None:
        return ConfigFile(c)
    named = os.getenv(FLYTECTL_CONFIG_ENV_VAR_OVERRIDE, os.getenv(FLYTECTL_CONFIG_ENV_VAR))
    if named and not Path(named).exists():
        logger.warning("There is no configuration file %s; looking for another", Path(named).absolute())
    home = Path.home() / ".flyte"
    for candidate in (
        *([Path(named)] if named else []),
        Path("flytekit.config"),
        home / "config",
        home / "config.yaml",
    ):
        if candidate.exists():
            return ConfigFile(str(candidate.absolute()))
    return None


def str_setting(file: ConfigFile | None, section: str, option: str, default: str) -> str:
    """The text of a setting, or ``default`` if it isn't set or empty."""
    text = os.environ.get(f"FLYTE_{section}_{option}".upper())
    if text is None and file is not None and file.legacy_config is not None:
        text = file.legacy_config.get(section, option, fallback=None)
    return text or default


def bool_setting(file: ConfigFile | None, section: str, option: str, default: bool) -> bool:
    """A setting that is on or off.

    In the environment everything but ``false``, ``0``, ``off``, ``no`` and nothing, in any case, means on; in a file
    the INI format's own words hold.

    :raises ValueError: the file has another word there.
    """
    text = os.environ.get(f"FLYTE_{section}_{option}".upper())
    if text is not None:
        return text.lower() not in _FALSE_WORDS
    if file is not None and file.legacy_config is not None:
        return file.legacy_config.getboolean(section, option, fallback=default)
    return default


def int_setting(file: ConfigFile | None, section: str, option: str, default: int) -> int:
    """A setting that is a whole number; one warning and ``default`` if it is something else."""
    text = str_setting(file, section, option, str(default))
    try:
        return int(text)
    except ValueError:
        logger.warning("Setting %s.%s is %r, which is no whole number; using %d", section, option, text, default)
        return default


take_flytekits_name(__name__)
