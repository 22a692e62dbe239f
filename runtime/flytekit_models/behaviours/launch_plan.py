"""Behaviour of ``flytekit.models.launch_plan``."""

from __future__ import annotations

from typing import Any

from flytekit_models.model.state import wrap

_LAUNCH_PLAN = 3


def read_auth_role(message: Any, model: Any) -> Any:
    """Read the role of a launch plan, from the deprecated ``auth`` if ``auth_role`` is empty."""
    if message.auth_role.ByteSize() or not message.HasField("auth"):
        return wrap(model, message.auth_role)
    auth = message.auth
    return model(auth.assumable_iam_role, auth.kubernetes_service_account)


def given_id(identifier: Any, model: Any) -> Any:
    """Return the given identifier; the default is an empty one with the resource type of launch plans."""
    return model(_LAUNCH_PLAN, None, None, None, None) if identifier is None else identifier
