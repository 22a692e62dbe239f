"""Behaviour of ``flytekit.models.core.workflow``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flytekit_models.behaviours.task import given_retries, given_timeout, pod_spec_as_dict


def given_node_timeout(timeout: Any) -> Any:
    """Return the given timeout, an int as seconds; the default is zero, which means no limit."""
    return timedelta() if timeout is None else given_timeout(timeout)


def given_node_retries(retries: Any, strategy: Any) -> Any:
    """Convert a number of retries to a retry strategy; the default is no retries."""
    return strategy(0) if retries is None else given_retries(retries, strategy)


def write_pod_template(template: Any, pod: Any) -> None:
    """Write a flytekit ``PodTemplate``, a model or a message into the ``K8sPod`` *pod* that overrides a task's pod."""
    from flytekit_models.convert import is_message, write_struct
    from flytekit_models.model.entities import write_entity

    if is_message(template) or hasattr(template, "to_flyte_idl"):
        write_entity(template, pod)
        return
    pod.metadata.SetInParent()
    pod.metadata.labels.update(template.labels or {})
    pod.metadata.annotations.update(template.annotations or {})
    if template.pod_spec is not None:
        write_struct(pod_spec_as_dict(template.pod_spec), pod.pod_spec)
    pod.primary_container_name = template.primary_container_name or ""
