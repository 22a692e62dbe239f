"""The plugin by which an organisation changes the library's defaults.

A distribution registers its plugin under the entry point group ``flytekit.configuration.plugin``. This library asks
it one thing, whether secrets need a group; the other methods of flytekit's plugins belong to parts that aren't here.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Protocol, cast, runtime_checkable

from flytekit_models.stand_ins import take_flytekits_name
from flytekit_models.stand_ins.loggers import logger

_GROUP = "flytekit.configuration.plugin"


@runtime_checkable
class FlytekitPluginProtocol(Protocol):
    """What this library asks of a plugin."""

    @staticmethod
    def secret_requires_group() -> bool:
        """Whether a secret must name its group."""


class FlytekitPlugin:
    """The plugin that holds where none is registered."""

    @staticmethod
    def secret_requires_group() -> bool:
        """Whether a secret must name its group: yes."""
        return True


_GLOBAL_CONFIG: dict[str, FlytekitPluginProtocol] = {}


def get_plugin() -> FlytekitPluginProtocol:
    """Gives the registered plugin, or the default one. It is looked for once.

    :raises ValueError: more than one plugin is registered.
    """
    plugin = _GLOBAL_CONFIG.get("plugin")
    if plugin is None:
        plugin = _GLOBAL_CONFIG["plugin"] = _find_plugin()
    return plugin


def _find_plugin() -> FlytekitPluginProtocol:
    found = list(entry_points(group=_GROUP))
    if not found:
        return FlytekitPlugin
    if len(found) > 1:
        raise ValueError(f"Only one plugin may be registered under {_GROUP}, found {sorted(p.name for p in found)}")
    logger.info("Loading plugin %s", found[0].name)
    return cast(FlytekitPluginProtocol, found[0].load())


take_flytekits_name(__name__)
