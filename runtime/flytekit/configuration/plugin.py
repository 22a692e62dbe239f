"""The plugin by which an organisation changes the library's defaults."""

from flytekit_models.stand_ins.configuration.plugin import FlytekitPlugin, FlytekitPluginProtocol, get_plugin

__all__ = ["FlytekitPlugin", "FlytekitPluginProtocol", "get_plugin"]
