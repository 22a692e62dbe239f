"""Behaviour of ``flytekit.models.concurrency``."""

from __future__ import annotations

_SKIP = 1


def given_behavior(behavior: int | None) -> int:
    """What a policy does by default: it skips."""
    return _SKIP if behavior is None else behavior
