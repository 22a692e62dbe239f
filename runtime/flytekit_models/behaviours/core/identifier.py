"""Behaviour of ``flytekit.models.core.identifier``."""

from __future__ import annotations

from typing import Any

from flytekit_models.behaviours import module_of
from flytekit_models.enums import name_of


class IdentifierBehaviour:
    """Methods of ``Identifier``."""

    def resource_type_name(self: Any) -> str:
        """Return the name of the resource type, or its number as a string if the IDL has no name for it."""
        return name_of(module_of(self).ResourceType, self.resource_type)

    def __str__(self: Any) -> str:
        from flytekit_models.shown import shown
        from flytekit_models.text import visible

        # It can be looked at whatever it holds, and before it holds anything.
        kind = getattr(self, "resource_type", None)
        parts = [self.resource_type_name() if isinstance(kind, int) else kind]
        parts += [getattr(self, name, None) for name in ("project", "domain", "name", "version")]
        return visible(":".join(part if isinstance(part, str) else shown(part, typed=False) for part in parts))

    def __repr__(self) -> str:
        return str(self)
