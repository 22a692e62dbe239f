"""Behaviour of errors."""

from __future__ import annotations

from typing import Any


class ExecutionErrorBehaviour:
    """Notebook view of ``ExecutionError``."""

    def _repr_html_(self: Any) -> str:
        from html import escape

        code, message = (_text(getattr(self, name, None)) for name in ("code", "message"))
        return f"<b>{escape(code)}</b> <pre>{escape(message)}</pre>"


def _text(value: Any) -> str:
    """*value* as a page shows it, whatever it is."""
    from flytekit_models.shown import shown
    from flytekit_models.text import visible

    return "\n".join(map(visible, value.split("\n"))) if isinstance(value, str) else shown(value, typed=False)


def given_timestamp(timestamp: Any) -> Any:
    """Return the given timestamp; the default is a new empty ``Timestamp``."""
    if timestamp is not None:
        return timestamp
    from google.protobuf.timestamp_pb2 import Timestamp

    return Timestamp()
