"""The beginning of a model: what is shown of a large one on a few lines, without writing all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flytekit_models.model.state import M, is_generated, is_model, new_state

_ENOUGH = 400
"""How many items are more than what is seen of a line that is cut: each takes two characters at least."""


def beginning(model: M) -> M:
    """*model*, or one that has only the first items of what is shown on one line: of each list and each dict."""
    return _changed(model, lambda value: beginning(value) if is_model(value) else _Line().cut(value))


class _Line:
    """What is shown on one line, and how much more there is room for."""

    def __init__(self) -> None:
        self._left = _ENOUGH

    def cut(self, value: Any) -> Any:
        """The beginning of *value*; *value* itself, if that is all of it."""
        if type(value) is list:
            items = self._items(value)
            return value if _is_all(items, value) else items
        if type(value) is dict:
            items = self._items(value.values())
            return value if _is_all(items, value.values()) else dict(zip(value, items, strict=False))
        return _changed(value, self.cut) if is_model(value) else value

    def _items(self, values: Iterable[Any]) -> list[Any]:
        items = []
        for value in values:
            if self._left <= 0:
                break
            self._left -= 1
            items.append(self.cut(value))
        return items


def _is_all(items: list[Any], values: Any) -> bool:
    return len(items) == len(values) and all(one is other for one, other in zip(items, values, strict=True))


def _changed(model: M, change: Callable[[Any], Any]) -> M:
    """*model* with its members changed, if it was built; one that was read knows more than its members say."""
    if model._fm_baseline is not None or not is_generated(model) or model._fm_eager:
        return model
    slots = [slot for slot in model._fm_slots.values() if hasattr(model, slot)]
    now = [getattr(model, slot) for slot in slots]
    changed = [change(value) for value in now]
    if _is_all(changed, now):
        return model
    copied: M = new_state(type(model))
    copied._fm_baseline = copied._fm_unread = None
    for slot, value in zip(slots, changed, strict=True):
        setattr(copied, slot, value)
    return copied
