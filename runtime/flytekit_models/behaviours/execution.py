"""Behaviour of ``flytekit.models.execution``."""

from __future__ import annotations

from typing import Any


class CommonDataResponse:
    """What the answers about the data of a workflow, node or task execution have in common: inputs and outputs."""

    __slots__ = ()


def given_labels(labels: Any, model: Any) -> Any:
    """The labels of an execution: by default none, as a model."""
    return labels or model({})


def given_annotations(annotations: Any, model: Any) -> Any:
    """The annotations of an execution: by default none, as a model."""
    return annotations or model({})


def given_auth_role(auth_role: Any, model: Any) -> Any:
    """The role of an execution: by default an empty one."""
    return auth_role or model()
