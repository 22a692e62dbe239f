"""What pyproject.toml cannot say of the metadata: the extra that names the version, the addresses, the links of README.

The address of the repository stands in one place, `tool.hatch.metadata.hooks.custom.repository`. As long as it is
empty, the metadata has no addresses, and the text that an index shows has no link that would lead nowhere.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_IMAGE = re.compile(r"^!\[[^\]]*\]\((?!https?:)[^)]+\)\n+", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:|#)([^)]+)\)")


class Metadata(MetadataHookInterface):
    """Sets the fields that pyproject.toml calls dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the extras, the addresses and the readme."""
        repository = self.config["repository"].rstrip("/")
        fast = f"flytekit-models-core=={metadata['version']}"
        metadata["optional-dependencies"] = {**self.config["extras"], "fast": [fast]}
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": shown(readme, repository, metadata["version"])}
        if repository:
            metadata["urls"] = {
                "Source": repository,
                "Changelog": f"{repository}/blob/v{metadata['version']}/CHANGELOG.md",
                "Issues": f"{repository}/issues",
            }


def shown(readme: str, repository: str, version: str) -> str:
    """The readme as an index shows it: what is named by its path in the repository is a link only if that is known."""
    if repository:
        return _LINK.sub(rf"[\1]({repository}/blob/v{version}/\2)", readme)
    return _LINK.sub(r"\1", _IMAGE.sub("", readme))
