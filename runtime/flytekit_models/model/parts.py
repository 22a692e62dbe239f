"""The message of a model, written as far as it is looked at, for what shows no more than some of it."""

from __future__ import annotations

from typing import Any

from flytekit_models.model import engine
from flytekit_models.model.state import ModelState
from flytekit_models.text import WholeMessage


class Parts(WholeMessage):
    """The message of *model*, part by part: whoever looks at a part asks here for it, and gets it as it is now."""

    def __init__(self, model: ModelState) -> None:
        # By the id of a part, which its model keeps.
        self._models: dict[int, ModelState] = {}
        self._levels: dict[int, Any] = {}
        super().__init__(self._level(model))

    def part(self, message: Any) -> Any:
        model = self._models.get(id(message))
        if model is None:
            return message
        if id(message) not in self._levels:
            self._levels[id(message)] = self._level(model)
        return self._levels[id(message)]

    def whole(self, message: Any) -> Any:
        model = self._models.get(id(message))
        return message if model is None else engine.as_message(model)

    def _level(self, model: ModelState) -> Any:
        message, inside = engine.level(model)
        self._models.update((id(one._fm_baseline), one) for one in inside)
        return message
