"""Behaviour of ``flytekit.models.project``."""

from __future__ import annotations

from typing import Any


class ProjectBehaviour:
    """Constructors of ``Project`` that set the state only, for updates."""

    @classmethod
    def archived_project(cls: Any, id: str) -> Any:
        """Return the project *id* in the state ``ARCHIVED``."""
        return cls(id, "", "", cls.ProjectState.ARCHIVED)

    @classmethod
    def active_project(cls: Any, id: str) -> Any:
        """Return the project *id* in the state ``ACTIVE``."""
        return cls(id, "", "", cls.ProjectState.ACTIVE)
