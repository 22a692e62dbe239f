"""The settings that the utilities read: where statistics go, and how the local cache behaves.

Each setting is taken from an environment variable ``FLYTE_<SECTION>_<OPTION>``, else from the option of a
configuration file, else it has the default given here.
"""

from __future__ import annotations

from dataclasses import dataclass

from flytekit_models.stand_ins import take_flytekits_name
from flytekit_models.stand_ins.configuration.file import (
    ConfigFile,
    bool_setting,
    get_config_file,
    int_setting,
    str_setting,
)

__all__ = ["LocalConfig", "StatsConfig"]


@dataclass(frozen=True)
class StatsConfig:
    """Where a client of statsd sends its metrics.

    :param host: name or address of the statsd daemon.
    :param port: the daemon's UDP port.
    :param disabled: True to send nothing.
    :param disabled_tags: True to send metrics without their tags, which keeps the number of series small.
    """

    host: str = "localhost"
    port: int = 8125
    disabled: bool = False
    disabled_tags: bool = False

    @classmethod
    def auto(cls, config_file: str | ConfigFile | None = None) -> StatsConfig:
        """Reads ``FLYTE_SECRETS_HOST``, ``_PORT``, ``_DISABLED`` and ``_DISABLE_TAGS``, or the options of those names.

        flytekit keeps them in the section "secrets", so that is where they are looked for.

        :param config_file: a configuration file or its path; None for the one that flytekit finds by itself.
        :raises OSError: a path was given that can't be read.
        """
        file = get_config_file(config_file)
        default = cls()
        return cls(
            host=str_setting(file, "secrets", "host", default.host),
            port=int_setting(file, "secrets", "port", default.port),
            disabled=bool_setting(file, "secrets", "disabled", default.disabled),
            disabled_tags=bool_setting(file, "secrets", "disable_tags", default.disabled_tags),
        )


@dataclass(frozen=True)
class LocalConfig:
    """How tasks behave that run on this machine.

    :param cache_enabled: whether results are taken from the local cache and kept in it.
    :param cache_overwrite: True to run every task and replace what the cache holds.
    """

    cache_enabled: bool = True
    cache_overwrite: bool = False

    @classmethod
    def auto(cls, config_file: str | ConfigFile | None = None) -> LocalConfig:
        """Reads ``FLYTE_LOCAL_CACHE_ENABLED`` and ``FLYTE_LOCAL_CACHE_OVERWRITE``, or the options of those names.

        :param config_file: a configuration file or its path; None for the one that flytekit finds by itself.
        :raises OSError: a path was given that can't be read.
        """
        file = get_config_file(config_file)
        return cls(
            cache_enabled=bool_setting(file, "local", "cache_enabled", cls.cache_enabled),
            cache_overwrite=bool_setting(file, "local", "cache_overwrite", cls.cache_overwrite),
        )


take_flytekits_name(__name__)
