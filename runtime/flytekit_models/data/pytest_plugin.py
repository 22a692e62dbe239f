"""Pytest plugin: explain a failed ``assert a == b`` of two models by the paths that differ."""

from __future__ import annotations

from flytekit_models.data.methods import DataMethods


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain why two models are not equal; leave other assertions to pytest."""
    if op != "==" or not isinstance(left, DataMethods) or not isinstance(right, DataMethods):
        return None
    try:
        first, *changes = str(left.diff(right)).splitlines()
    except Exception:
        # A model that can't be written can't be explained.
        return None
    return [f"two models are equal; {first}", *changes]
