"""Behaviour of ``flytekit.models.core.execution``."""

from __future__ import annotations

from typing import Any


class ExecutionErrorBehaviour:
    """Notebook view of ``ExecutionError``."""

    def _repr_html_(self: Any) -> str:
        from html import escape

        return f"<b>{escape(str(self.code))}</b> <pre>{escape(str(self.message))}</pre>"
