"""Behaviour of ``flytekit.models.execution``."""

from __future__ import annotations

from typing import Any

from flytekit_models.entity import FlyteIdlEntity


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


def given_labels(labels: Any, model: Any) -> Any:
    """Return the given labels; the default is an empty model."""
    return labels or model({})


def given_annotations(annotations: Any, model: Any) -> Any:
    """Return the given annotations; the default is an empty model."""
    return annotations or model({})


def given_auth_role(auth_role: Any, model: Any) -> Any:
    """Return the given role; the default is an empty model."""
    return auth_role or model()
