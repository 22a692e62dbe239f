"""What pytest says of ``assert a == b`` for two models: the paths that differ, with both values."""

from __future__ import annotations

from flytekit_models.data.methods import DataMethods


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain why two models are not equal; leave everything else to pytest."""
    if op != "==" or not isinstance(left, DataMethods) or not isinstance(right, DataMethods):
        return None
    try:
        first, *changes = str(left.diff(right)).splitlines()
    except Exception:
        # Models that can't be written: the comparison itself says why.
        return None
    return [f"two models are equal; {first}", *changes]
