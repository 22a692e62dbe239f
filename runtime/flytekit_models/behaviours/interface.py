"""Behaviour of ``flytekit.models.interface``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flytekit_models.behaviours import module_of


class VariableBehaviour:
    """Methods of ``Variable``."""

    def _as_list(self: Any) -> Any:
        siblings = module_of(self)
        return siblings.Variable(
            type=siblings._types_.LiteralType(collection_type=self.type),
            description=self.description,
            artifact_partial_id=self.artifact_partial_id,
            artifact_tag=self.artifact_tag,
        )

    def to_flyte_idl_list(self) -> Any:
        """Return the message of a variable whose type is a list of this variable's type."""
        return self._as_list().to_flyte_idl()


class TypedInterfaceBehaviour:
    """Methods of ``TypedInterface``."""

    def transform_interface_to_list(self: Any, bound_inputs: Collection[str], excluded_inputs: Collection[str]) -> Any:
        """Return the interface of a map task over this one: every input and output becomes a list.

        Inputs in *bound_inputs* keep their type; inputs in *excluded_inputs* are left out.
        """
        inputs = {
            name: variable if name in bound_inputs else variable._as_list()
            for name, variable in self.inputs.items()
            if name not in excluded_inputs
        }
        outputs = {name: variable._as_list() for name, variable in self.outputs.items()}
        return type(self).from_flyte_idl(self._fm_generated(inputs, outputs).to_flyte_idl())
