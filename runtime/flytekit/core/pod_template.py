"""Pod templates: what a task asks of the Kubernetes pod it runs in.

They stand at flytekit's import path for code that uses the models where flytekit itself is not installed. A pod spec
is a ``kubernetes.client.V1PodSpec``, or the same in its JSON form; the ``kubernetes`` package is needed for neither
the templates nor for specs in JSON form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PRIMARY_CONTAINER_DEFAULT_NAME = "primary"


@dataclass
class PodTemplate:
    """A pod: its spec, the container that runs the task, and what the pod is labelled with.

    The default *pod_spec* is empty.

    Raises:
        flytekit.exceptions.user.FlyteValidationException: *primary_container_name* is empty.
    """

    pod_spec: Any = None
    primary_container_name: str = PRIMARY_CONTAINER_DEFAULT_NAME
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None

    def __post_init__(self) -> None:
        if self.pod_spec is None:
            self.pod_spec = _empty_pod_spec()
        if not self.primary_container_name:
            from flytekit.exceptions.user import FlyteValidationException

            raise FlyteValidationException("a PodTemplate needs the name of its primary container")


def _empty_pod_spec() -> Any:
    try:
        from kubernetes.client import V1PodSpec
    except ImportError:
        return {"containers": []}
    return V1PodSpec(containers=[])
