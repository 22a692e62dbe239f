"""Behaviour of ``flytekit.models.concurrency``."""

from __future__ import annotations

_SKIP = 1


def given_behavior(behavior: int | None) -> int:
    """Return the given behavior; the default is to skip the launch."""
    return _SKIP if behavior is None else behavior
