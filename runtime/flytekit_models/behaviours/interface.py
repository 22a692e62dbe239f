"""Behaviour of ``flytekit.models.interface``."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flytekit_models.behaviours import module_of


class VariableBehaviour:
    """Variables as lists of themselves."""

    def _as_list(self: Any) -> Any:
        siblings = module_of(self)
        return siblings.Variable(
            type=siblings._types.LiteralType(collection_type=self.type),
            description=self.description,
            artifact_partial_id=self.artifact_partial_id,
            artifact_tag=self.artifact_tag,
        )

    def to_flyte_idl_list(self) -> Any:
        """The message of a variable that is a list of what this one is."""
        return self._as_list().to_flyte_idl()


class TypedInterfaceBehaviour:
    """Interfaces of tasks that are mapped over lists."""

    def transform_interface_to_list(self: Any, bound_inputs: Collection[str], excluded_inputs: Collection[str]) -> Any:
        """The interface of a map over this one: every output and input is a list.

        Inputs named in *bound_inputs* stay as they are; those in *excluded_inputs* are left out.
        """
        inputs = {
            name: variable if name in bound_inputs else variable._as_list()
            for name, variable in self.inputs.items()
            if name not in excluded_inputs
        }
        outputs = {name: variable._as_list() for name, variable in self.outputs.items()}
        return type(self).from_flyte_idl(self._GENERATED(inputs, outputs).to_flyte_idl())
