"""Behaviour of ``flytekit.models.security``."""

from __future__ import annotations

import re
from typing import Any

_ENV_VAR = re.compile(r"[A-Z_][A-Z0-9_]*")


class SecretBehaviour:
    """Checks of ``Secret``: run when a secret is constructed, never when one is read from a message."""

    def __post_init__(self: Any) -> None:
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
        super().__post_init__()  # type: ignore[misc]
        for name in ("secrets", "tokens"):
            value = getattr(self, name)
            if value and not isinstance(value, list):
                setattr(self, name, [value])


def write_client_secret(secret: Any, message: Any) -> None:
    """Write the secret of an OAuth2 client, given as a model, as a message, or as the key of the secret."""
    if isinstance(secret, str):
        message.key = secret
    else:
        from flytekit_models.model.entities import write_entity

        write_entity(secret, message)
