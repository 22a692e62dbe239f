"""Behaviour of identifiers, projects, launch plans and executions."""

from __future__ import annotations

from typing import Any

from flytekit_models.behaviours import module_of
from flytekit_models.entity import FlyteIdlEntity
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


_LAUNCH_PLAN = 3


def given_id(identifier: Any, model: Any) -> Any:
    """Return the given identifier; the default is an empty one with the resource type of launch plans."""
    return model(_LAUNCH_PLAN, None, None, None, None) if identifier is None else identifier


_SKIP = 1


def given_behavior(behavior: int | None) -> int:
    """Return the given behavior; the default is to skip the launch."""
    return _SKIP if behavior is None else behavior


class _CommonDataResponse(FlyteIdlEntity):
    """Base of the responses with the inputs and outputs of a workflow, node or task execution."""

    def __init__(self, inputs: Any, outputs: Any, full_inputs: Any, full_outputs: Any) -> None:
        self._inputs = inputs
        self._outputs = outputs
        self._full_inputs = full_inputs
        self._full_outputs = full_outputs

    @property
    def inputs(self) -> Any:
        """Link to the inputs."""
        return self._inputs

    @property
    def outputs(self) -> Any:
        """Link to the outputs."""
        return self._outputs

    @property
    def full_inputs(self) -> Any:
        """The inputs, inline."""
        return self._full_inputs

    @property
    def full_outputs(self) -> Any:
        """The outputs, inline."""
        return self._full_outputs


class SortBehaviour:
    """Methods of ``Sort``."""

    @classmethod
    def from_python_std(cls: Any, text: str) -> Any:
        """Parse a sort order: ``asc(key)`` or ``desc(key)``.

        Raises:
            ValueError: *text* is neither.
        """
        order, _, rest = text.strip().partition("(")
        directions = {"asc": cls.Direction.ASCENDING, "desc": cls.Direction.DESCENDING}
        if order not in directions or not rest.endswith(")"):
            raise ValueError(f"a sort order is written asc(key) or desc(key), not {text!r}")
        return cls(key=rest[:-1].strip(), direction=directions[order])
