"""What pyproject.toml cannot say: the extra that names the version, the addresses, the links of README, the SBOM.

The address of the repository stands in one place, `tool.hatch.metadata.hooks.custom.repository`. As long as it is
empty, the metadata has no addresses, and the text that an index shows has no link that would lead nowhere.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

_IMAGE = re.compile(r"""!\[[^\]]*\]\((?!https?:)[^)]+\)\n*|<picture>.*?</picture>\n*|<img [^>]*>\n*""", re.DOTALL)
_SOURCE = re.compile(r"""(!\[[^\]]*\]\(|\bsrc(?:set)?=")(?!https?:)""")
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
        readme = _SOURCE.sub(rf"\1{repository}/raw/v{version}/", readme)
        return _LINK.sub(rf"[\1]({repository}/blob/v{version}/\2)", readme)
    return _LINK.sub(r"\1", _IMAGE.sub("", readme))


class Sbom(BuildHookInterface):  # type: ignore[type-arg]
    """Puts a bill of materials into the wheel: what is in it that comes from elsewhere (CycloneDX, PEP 770)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write it where the wheel builder takes it from."""
        if self.target_name != "wheel":
            return
        lock = json.loads((Path(self.root) / "idl" / "idl.lock").read_text(encoding="utf-8"))
        text = json.dumps(bill_of_materials(self.metadata.name, self.metadata.version, lock), indent=1) + "\n"
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / f"{self.metadata.name}.cdx.json"
        path.write_text(text, encoding="utf-8")
        build_data["sbom_files"].append(str(path))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was written."""
        if self.target_name == "wheel":
            self._folder.cleanup()


def bill_of_materials(name: str, version: str, lock: dict[str, Any]) -> dict[str, Any]:
    """The wheel, and the schema that its models are generated from.

    There is no time and no serial number in it: the same sources make the same wheel.
    """
    licences = [{"license": {"id": "Apache-2.0"}}]
    wheel = f"pkg:pypi/{name}@{version}"
    schema = f"pkg:pypi/{lock['distribution']}@{lock['version']}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "library",
                "bom-ref": wheel,
                "name": name,
                "version": version,
                "licenses": licences,
                "purl": wheel,
            }
        },
        "components": [
            {
                "type": "library",
                "bom-ref": schema,
                "name": lock["distribution"],
                "version": lock["version"],
                "description": "The schema: the models are generated from it.",
                "hashes": [{"alg": "SHA-256", "content": lock["sha256"]}],
                "licenses": licences,
                "purl": schema,
            }
        ],
        "dependencies": [{"ref": wheel, "dependsOn": [schema]}, {"ref": schema}],
    }
