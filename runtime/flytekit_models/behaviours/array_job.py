"""Behaviour of ``flytekit.models.array_job``: a model that is stored as JSON in a Struct."""

from __future__ import annotations

import json
from typing import Any

from flytekit_models.entity import FlyteCustomIdlEntity
from flytekit_models.model import message_class
from flytekit_models.model.engine import from_message, to_message


class ArrayJobBehaviour(FlyteCustomIdlEntity):
    """Methods of ``ArrayJob``: conversion to and from JSON."""

    def to_dict(self: Any) -> dict[str, Any]:
        """Convert the array job to protobuf's JSON mapping: camel-case names, 64-bit integers as strings."""
        from google.protobuf.json_format import MessageToDict

        converted: dict[str, Any] = MessageToDict(to_message(self))
        return converted

    def _fm_as_message(self) -> Any:
        # Compared, hashed and shown as what travels, not as what the JSON in it says.
        return self.to_flyte_idl()

    @classmethod
    def from_dict(cls: Any, idl_dict: dict[str, Any]) -> Any:
        """Create an array job from protobuf's JSON mapping. Unknown keys are ignored.

        Raises:
            google.protobuf.json_format.ParseError: a value has the wrong type.
        """
        from google.protobuf.json_format import Parse

        return from_message(cls, Parse(json.dumps(idl_dict), message_class(cls)(), ignore_unknown_fields=True))

    def _check_arguments(self: Any) -> None:
        if self.min_successes and self.min_success_ratio:
            raise ValueError("an ArrayJob takes min_successes or min_success_ratio, not both")
