"""Behaviour of ``flytekit.models.annotation``."""

from __future__ import annotations

from typing import Any


class TypeAnnotationBehaviour:
    """Annotations that combine."""

    @classmethod
    def merge_annotations(cls: Any, annotation: Any, other_annotation: Any) -> Any:
        """A new annotation with the entries of both; where both have a key, the other's counts."""
        return cls(annotations={**annotation.annotations, **other_annotation.annotations})
