"""Behaviour of ``flytekit.models.task``."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flytekit_models.behaviours import module_of


def given_retries(retries: Any, strategy: Any) -> Any:
    """Convert a number of retries to a retry strategy."""
    return strategy(retries) if isinstance(retries, int) and not isinstance(retries, bool) else retries


def given_timeout(timeout: Any) -> Any:
    """Convert a timeout that is an int of seconds to a timedelta."""
    return timedelta(seconds=timeout) if isinstance(timeout, int) and not isinstance(timeout, bool) else timeout


class TaskTemplateBehaviour:
    """Checks of ``TaskTemplate``: at most one target."""

    def _check_arguments(self: Any) -> None:
        container, pod, sql = self._TaskTemplate__container, self._TaskTemplate__k8s_pod, self._TaskTemplate__sql
        if (container is not None) + (pod is not None) + (sql is not None) > 1:
            targets = {"container": container, "k8s_pod": pod, "sql": sql}
            given = [name for name, target in targets.items() if target is not None]
            raise ValueError(f"a TaskTemplate takes one target, not {' and '.join(given)}")


class DataLoadingConfigBehaviour:
    """Checks of ``DataLoadingConfig``: a known format."""

    def _check_arguments(self: Any) -> None:
        known = self.LiteralMapFormat
        if self._format not in list(known):
            names = ", ".join(f"{value.name} ({int(value)})" for value in known)
            raise ValueError(f"the format of a DataLoadingConfig is one of {names}, not {self._format!r}")


class ContainerBehaviour:
    """Methods of ``Container``."""

    def add_env(self: Any, key: str, val: str) -> None:
        """Set the environment variable *key* to *val*."""
        self.env[key] = val


class K8sPodBehaviour:
    """Methods of ``K8sPod``: conversion to and from flytekit's ``PodTemplate``."""

    def to_pod_template(self: Any) -> Any:
        """Convert the pod to a ``flytekit.core.pod_template.PodTemplate``."""
        from flytekit.core.pod_template import PodTemplate

        said = {"pod_spec": self.pod_spec}
        if self.metadata is not None:
            said |= {"labels": self.metadata.labels, "annotations": self.metadata.annotations}
        if self.primary_container_name:
            said["primary_container_name"] = self.primary_container_name
        return PodTemplate(**said)

    @classmethod
    def from_pod_template(cls: Any, pod_template: Any) -> Any:
        """Create a pod from a ``flytekit.core.pod_template.PodTemplate``."""
        metadata = module_of(cls).K8sObjectMetadata(labels=pod_template.labels, annotations=pod_template.annotations)
        return cls(
            metadata=metadata,
            pod_spec=pod_spec_as_dict(pod_template.pod_spec),
            primary_container_name=pod_template.primary_container_name,
        )


def pod_spec_as_dict(pod_spec: Any) -> Any:
    """Convert a ``kubernetes.client.V1PodSpec`` to a JSON object. A dict is returned unchanged."""
    if pod_spec is None or isinstance(pod_spec, dict):
        return pod_spec
    from kubernetes.client import ApiClient

    return ApiClient().sanitize_for_serialization(pod_spec)
