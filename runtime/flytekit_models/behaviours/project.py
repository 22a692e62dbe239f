"""Behaviour of ``flytekit.models.project``."""

from __future__ import annotations

from typing import Any


class ProjectBehaviour:
    """Projects that say no more than their state, for an update."""

    @classmethod
    def archived_project(cls: Any, id: str) -> Any:
        """The archived project *id*."""
        return cls(id, "", "", cls.ProjectState.ARCHIVED)

    @classmethod
    def active_project(cls: Any, id: str) -> Any:
        """The active project *id*."""
        return cls(id, "", "", cls.ProjectState.ACTIVE)
