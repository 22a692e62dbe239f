"""The extras of flytekit-models. A hook of its build: one extra names the version, which stands in one place."""

from __future__ import annotations

from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Extras(MetadataHookInterface):
    """Adds ``fast``, the compiled core of exactly this version, to the extras that pyproject.toml lists."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the extras."""
        fast = f"flytekit-models-core=={metadata['version']}"
        metadata["optional-dependencies"] = {**self.config["extras"], "fast": [fast]}
