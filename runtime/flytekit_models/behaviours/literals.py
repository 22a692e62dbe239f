"""Behaviour of ``flytekit.models.literals``."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flytekit_models.behaviours import module_of
from flytekit_models.convert import is_message, read_datetime


def given_datetime(value: Any) -> Any:
    """The datetime of a primitive: aware; a naive one means UTC, and a ``Timestamp`` may be given for one."""
    if value is None:
        return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=timezone.utc)
    return read_datetime(value) if is_message(value) else value


class LiteralBehaviour:
    """Literals whose metadata are set later."""

    def set_metadata(self: Any, metadata: dict[str, str]) -> None:
        """Replace the metadata."""
        self._metadata = metadata


class BindingDataBehaviour:
    """Bindings of values that are known."""

    def to_literal_model(self: Any) -> Any:
        """The literal of what is bound.

        Raises:
            flytekit.exceptions.user.FlyteValueException: something bound is a promise.
        """
        siblings = module_of(self)
        if self.promise is not None:
            from flytekit.exceptions.user import FlyteValueException

            raise FlyteValueException(self.promise, "a binding that is a promise has no literal yet")
        if self.scalar is not None:
            return siblings.Literal(scalar=self.scalar)
        if self.collection is not None:
            items = [binding.to_literal_model() for binding in self.collection.bindings]
            return siblings.Literal(collection=siblings.LiteralCollection(items))
        if self.map is not None:
            entries = {key: binding.to_literal_model() for key, binding in self.map.bindings.items()}
            return siblings.Literal(map=siblings.LiteralMap(entries))
        return None
