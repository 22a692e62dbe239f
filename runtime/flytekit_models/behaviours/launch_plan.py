"""Behaviour of ``flytekit.models.launch_plan``."""

from __future__ import annotations

from typing import Any

from flytekit_models.model import wrap

_LAUNCH_PLAN = 3


def read_auth_role(message: Any, model: Any) -> Any:
    """The role of a launch plan: its own or, where that is empty, what the deprecated ``auth`` says."""
    if message.auth_role.ByteSize() or not message.HasField("auth"):
        return wrap(model, message.auth_role)
    auth = message.auth
    return model(auth.assumable_iam_role, auth.kubernetes_service_account)


def given_id(identifier: Any, model: Any) -> Any:
    """The identifier of a launch plan: by default an empty one of that resource type."""
    return model(_LAUNCH_PLAN, None, None, None, None) if identifier is None else identifier
