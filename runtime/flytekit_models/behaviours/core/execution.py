"""Behaviour of ``flytekit.models.core.execution``."""

from __future__ import annotations

from typing import Any

from flytekit_models.text import visible


class ExecutionErrorBehaviour:
    """Notebook view of ``ExecutionError``."""

    def _repr_html_(self: Any) -> str:
        from html import escape

        message = "\n".join(map(visible, str(self.message).split("\n")))
        return f"<b>{escape(visible(str(self.code)))}</b> <pre>{escape(message)}</pre>"
