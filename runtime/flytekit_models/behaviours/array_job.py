"""Behaviour of ``flytekit.models.array_job``: a model that is stored as JSON in a Struct."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flytekit_models.entity import FlyteCustomIdlEntity


class ArrayJobBehaviour(FlyteCustomIdlEntity):
    """Methods of ``ArrayJob``: conversion to and from JSON."""

    def to_dict(self: Any, **options: bool) -> dict[str, Any]:
        """Convert the array job to protobuf's JSON mapping: camel-case names, 64-bit integers as strings."""
        from flytekit_models.data.json import to_dict

        return to_dict(self, **options)

    @classmethod
    def from_dict(cls: Any, idl_dict: Mapping[str, Any], *, ignore_unknown_fields: bool = True) -> Any:
        """Create an array job from protobuf's JSON mapping. Unknown keys are ignored.

        Raises:
            google.protobuf.json_format.ParseError: a value has the wrong type.
        """
        from flytekit_models.data.json import from_dict

        return from_dict(cls, idl_dict, ignore_unknown_fields)

    def _check_arguments(self: Any) -> None:
        if self.min_successes and self.min_success_ratio:
            raise ValueError("an ArrayJob takes min_successes or min_success_ratio, not both")
