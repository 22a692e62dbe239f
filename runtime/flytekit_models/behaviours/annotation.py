"""Behaviour of ``flytekit.models.annotation``."""

from __future__ import annotations

from typing import Any


class TypeAnnotationBehaviour:
    """Methods of ``TypeAnnotation``."""

    @classmethod
    def merge_annotations(cls: Any, annotation: Any, other_annotation: Any) -> Any:
        """Return a new annotation with the entries of both. For a key in both, *other_annotation* takes precedence."""
        return cls(annotations={**annotation.annotations, **other_annotation.annotations})
