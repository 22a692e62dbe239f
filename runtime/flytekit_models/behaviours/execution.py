"""Behaviour of ``flytekit.models.execution``."""

from __future__ import annotations

from typing import Any

from flytekit_models.entity import FlyteIdlEntity


class _CommonDataResponse(FlyteIdlEntity):
    """What the answers about the data of a workflow, node or task execution have in common: inputs and outputs."""

    def __init__(self, inputs: Any, outputs: Any, full_inputs: Any, full_outputs: Any) -> None:
        self._inputs = inputs
        self._outputs = outputs
        self._full_inputs = full_inputs
        self._full_outputs = full_outputs

    @property
    def inputs(self) -> Any:
        """Where the inputs are."""
        return self._inputs

    @property
    def outputs(self) -> Any:
        """Where the outputs are."""
        return self._outputs

    @property
    def full_inputs(self) -> Any:
        """The inputs themselves."""
        return self._full_inputs

    @property
    def full_outputs(self) -> Any:
        """The outputs themselves."""
        return self._full_outputs


def given_labels(labels: Any, model: Any) -> Any:
    """The labels of an execution: by default none, as a model."""
    return labels or model({})


def given_annotations(annotations: Any, model: Any) -> Any:
    """The annotations of an execution: by default none, as a model."""
    return annotations or model({})


def given_auth_role(auth_role: Any, model: Any) -> Any:
    """The role of an execution: by default an empty one."""
    return auth_role or model()
