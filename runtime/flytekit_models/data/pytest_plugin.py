"""Pytest plugin: explain a failed ``assert a == b`` of models, or of lists or dicts of models, by what differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_MOST = 10
"""Number of items of a list or dict that are explained."""


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain why models are not equal; leave other assertions to pytest."""
    if op != "==":
        return None
    try:
        lines = list(_explained(left, right))
    except Exception:
        # A model that can't be written can't be explained.
        return None
    return lines or None


def _explained(left: Any, right: Any) -> Iterator[str]:
    if _is_model(left) and _is_model(right):
        first, *changes = str(left.diff(right)).splitlines()
        yield f"two models are equal; {first}"
        yield from changes
    elif isinstance(left, (list, dict)) and type(left) is type(right):
        before, after = (one if isinstance(one, dict) else dict(enumerate(one)) for one in (left, right))
        if not all(map(_is_model, (*before.values(), *after.values()))):
            return
        yield f"two {'dicts' if isinstance(left, dict) else 'lists'} of models are equal"
        different = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        for key in different[:_MOST]:
            yield from _in_item(key, before.get(key), after.get(key))
        if len(different) > _MOST:
            yield f"... {len(different) - _MOST:,} more"


def _in_item(key: object, before: Any, after: Any) -> Iterator[str]:
    if before is None or after is None:
        yield f"{'+' if before is None else '-'} [{key!r}]"
    else:
        first, *changes = str(before.diff(after)).splitlines()
        yield f"[{key!r}]: {first}"
        yield from (f"  {change}" for change in changes)


def _is_model(value: object) -> bool:
    # Not by a base class: models that are overlaid into flytekit have a runtime of their own.
    return hasattr(type(value), "_fm_generated")
