"""Models over the parts of a message."""

from __future__ import annotations

from typing import Any

from flytekit_models.model.state import M, new_state, wrap


def wrap_list(model: type[M], messages: Any) -> list[M]:
    """An unread *model* over each of the repeated *messages*."""
    models = []
    # A slice is a list; protobuf's own lists raise an IndexError to end a loop.
    for message in messages[:]:
        wrapped: M = new_state(model)
        wrapped._fm_baseline = message
        wrapped._fm_unread = True
        models.append(wrapped)
    return models


def wrap_map(model: type[M], messages: Any) -> dict[Any, M]:
    """An unread *model* over each of the *messages* of a map."""
    models = {}
    for key in messages:
        wrapped: M = new_state(model)
        wrapped._fm_baseline = messages[key]
        wrapped._fm_unread = True
        models[key] = wrapped
    return models


def wrap_read(model: type[M], message: Any) -> M:
    """Like :func:`wrap`, and read at once."""
    wrapped = wrap(model, message)
    model._fm_generated._fm_read(wrapped)
    return wrapped
