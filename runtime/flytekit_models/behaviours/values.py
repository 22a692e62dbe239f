"""Behaviour of literals, types and interfaces."""

from __future__ import annotations

from collections.abc import Collection, Iterator
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


class LiteralTypeBehaviour:
    """Short representation of ``LiteralType`` for rich."""

    def __rich_repr__(self: Any) -> Iterator[str]:
        yield _in_short(self)


def _in_short(literal_type: Any) -> str:
    if literal_type.simple is not None:
        return "Simple"
    if literal_type.schema is not None:
        return "Schema"
    if literal_type.collection_type is not None:
        return f"List[{_in_short(literal_type.collection_type)}]"
    if literal_type.map_value_type is not None:
        return f"Dict[str, {_in_short(literal_type.map_value_type)}]"
    if literal_type.blob is not None:
        return {0: "File", 1: "Directory"}.get(literal_type.blob.dimensionality, "Unknown Blob Type")
    if literal_type.enum_type is not None:
        return "Enum"
    if literal_type.union_type is not None:
        return "Union"
    if literal_type.structured_dataset_type is not None:
        return f"StructuredDataset(format={literal_type.structured_dataset_type.format})"
    return "Unknown Type"


def given_attr_path(attr_path: Any) -> Any:
    """Return the given attribute path; the default is a new empty list, which callers append to."""
    return [] if attr_path is None else attr_path


class TypeAnnotationBehaviour:
    """Methods of ``TypeAnnotation``."""

    @classmethod
    def merge_annotations(cls: Any, annotation: Any, other_annotation: Any) -> Any:
        """Return a new annotation with the entries of both. For a key in both, *other_annotation* takes precedence."""
        return cls(annotations={**annotation.annotations, **other_annotation.annotations})


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
