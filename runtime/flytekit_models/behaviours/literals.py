"""Behaviour of ``flytekit.models.literals``."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flytekit_models.behaviours import module_of


def given_datetime(value: Any) -> Any:
    """Convert the given value to an aware datetime. A naive datetime is in UTC; a ``Timestamp`` is accepted too."""
    if value is None:
        return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=timezone.utc)
    from flytekit_models.convert import is_message, read_datetime

    return read_datetime(value) if is_message(value) else value


class LiteralBehaviour:
    """Methods of ``Literal``."""

    def set_metadata(self: Any, metadata: dict[str, str]) -> None:
        """Set the metadata, replacing the current ones."""
        literal: Any = self
        literal._metadata = metadata


class BindingDataBehaviour:
    """Methods of ``BindingData``."""

    def to_literal_model(self: Any) -> Any:
        """Convert the binding to a literal.

        Raises:
            flytekit.exceptions.user.FlyteValueException: the binding contains a promise.
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
