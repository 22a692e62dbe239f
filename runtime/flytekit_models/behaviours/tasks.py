"""Behaviour of tasks and of the nodes that run them: checks, pods, secrets, array jobs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flytekit_models.behaviours import module_of
from flytekit_models.entity import FlyteCustomIdlEntity


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


def given_node_timeout(timeout: Any) -> Any:
    """Return the given timeout, an int as seconds; the default is zero, which means no limit."""
    return timedelta() if timeout is None else given_timeout(timeout)


def given_node_retries(retries: Any, strategy: Any) -> Any:
    """Convert a number of retries to a retry strategy; the default is no retries."""
    return strategy(0) if retries is None else given_retries(retries, strategy)


class ArrayJobBehaviour(FlyteCustomIdlEntity):
    """Methods of ``ArrayJob``: conversion to and from JSON."""

    def to_dict(self: Any, **options: bool) -> dict[str, Any]:
        """Convert the array job to protobuf's JSON mapping: camel-case names, 64-bit integers as strings."""
        from flytekit_models.data.json import to_dict

        return to_dict(self, **options)

    @classmethod
    def from_dict(cls: Any, idl_dict: Mapping[str, Any], *, ignore_unknown_fields: bool = True) -> Any:
        """Create an array job from protobuf's JSON mapping. Unknown keys are ignored.

        Raises:
            google.protobuf.json_format.ParseError: a value has the wrong type.
        """
        from flytekit_models.data.json import from_dict

        return from_dict(cls, idl_dict, ignore_unknown_fields)

    def _check_arguments(self: Any) -> None:
        if self.min_successes and self.min_success_ratio:
            raise ValueError("an ArrayJob takes min_successes or min_success_ratio, not both")


_ENV_VAR = re.compile(r"[A-Z_][A-Z0-9_]*")


class SecretBehaviour:
    """Checks of ``Secret``: run when a secret is constructed, never when one is read from a message."""

    def __post_init__(self: Any) -> None:
        # The dataclass that it is mixed into has one.
        super().__post_init__()  # type: ignore[misc]
        if self.group is None and _at_registration() and _group_is_required():
            raise ValueError("Group is a required parameter of a Secret")
        if self.env_var is not None and not _ENV_VAR.fullmatch(self.env_var):
            from flytekit_models.shown import shown

            rule = "upper-case letters, digits and underscores, no digit first"
            raise ValueError(f"Invalid environment variable name: {shown(self.env_var, typed=False)}; it takes {rule}")


def _at_registration() -> bool:
    """Whether no task is being executed. Without flytekit's execution context, none is."""
    try:
        from flytekit.core.context_manager import FlyteContextManager
    except ImportError:
        return True
    state = FlyteContextManager.current_context().execution_state
    return state is None or state.mode is None


def _group_is_required() -> bool:
    from flytekit.configuration.plugin import get_plugin

    return bool(get_plugin().secret_requires_group())


class SecurityContextBehaviour:
    """Constructor arguments of ``SecurityContext``: a single secret or token is accepted in place of a list."""

    def __post_init__(self: Any) -> None:
        # The dataclass that it is mixed into has one.
        super().__post_init__()  # type: ignore[misc]
        for name in ("secrets", "tokens"):
            value = getattr(self, name)
            if value and not isinstance(value, list):
                setattr(self, name, [value])
