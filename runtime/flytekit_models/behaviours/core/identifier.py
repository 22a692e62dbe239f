"""Behaviour of ``flytekit.models.core.identifier``."""

from __future__ import annotations

from typing import Any

from flytekit_models.behaviours import module_of
from flytekit_models.enums import name_of
from flytekit_models.text import visible


class IdentifierBehaviour:
    """Methods of ``Identifier``."""

    def resource_type_name(self: Any) -> str:
        """Return the name of the resource type, or its number as a string if the IDL has no name for it."""
        return name_of(module_of(self).ResourceType, self.resource_type)

    def __str__(self: Any) -> str:
        return visible(f"{self.resource_type_name()}:{self.project}:{self.domain}:{self.name}:{self.version}")

    def __repr__(self) -> str:
        return str(self)
