"""Functions that read or write a single member; loaded when one is first read or written."""

from __future__ import annotations

from typing import Any

from flytekit_models.behaviours.tasks import pod_spec_as_dict
from flytekit_models.model.state import wrap


def read_auth_role(message: Any, model: Any) -> Any:
    """Read the role of a launch plan, from the deprecated ``auth`` if ``auth_role`` is empty."""
    if message.auth_role.ByteSize() or not message.HasField("auth"):
        return wrap(model, message.auth_role)
    auth = message.auth
    return model(auth.assumable_iam_role, auth.kubernetes_service_account)


def read_attr(message: Any) -> str | int:
    """Read a step of the path into a promise: a key or an index. A step that says neither is index 0."""
    step: str | int = message.string_value if message.WhichOneof("value") == "string_value" else message.int_value
    return step


def write_attr(step: str | int, message: Any) -> None:
    """Write a step of the path into a promise.

    Raises:
        TypeError: *step* is neither a str nor an int.
    """
    message.SetInParent()
    if isinstance(step, str):
        message.string_value = step
    elif isinstance(step, int) and not isinstance(step, bool):
        message.int_value = step
    else:
        from flytekit_models.shown import shown

        raise TypeError(f"expected steps that are str or int, got {shown(step)}")


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


def write_client_secret(secret: Any, message: Any) -> None:
    """Write the secret of an OAuth2 client, given as a model, as a message, or as the key of the secret."""
    if isinstance(secret, str):
        message.key = secret
    else:
        from flytekit_models.model.entities import write_entity

        write_entity(secret, message)
