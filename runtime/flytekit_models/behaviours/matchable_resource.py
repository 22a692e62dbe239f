"""Behaviour of attributes that are matched with projects, domains and workflows."""

from __future__ import annotations

from typing import Any

from flytekit_models.enums import number_of


class PluginOverrideBehaviour:
    """Methods of ``PluginOverride``."""

    @classmethod
    def string_to_enum(cls: Any, val: str) -> int | str:
        """Return the number of the ``MissingPluginBehavior`` named *val*, or ``<UNKNOWN>``."""
        return number_of(cls.MissingPluginBehavior, val)


class MatchingAttributesBehaviour:
    """Checks of ``MatchingAttributes``: at most one target."""

    def _check_arguments(self: Any) -> None:
        from flytekit_models.model import describe

        arms = [arm.member for arm in describe(type(self)).oneofs["target"]]
        targets = [name for name in arms if getattr(self, f"_{name}") is not None]
        if len(targets) > 1:
            raise ValueError(f"MatchingAttributes takes one target, not {' and '.join(targets)}")
