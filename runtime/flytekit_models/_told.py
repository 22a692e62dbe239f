"""What is told about the core; made on demand, since a named tuple takes longer to create than many models."""

from __future__ import annotations

from typing import NamedTuple


class Core(NamedTuple):
    """What :func:`core` tells."""

    active: bool
    """Whether the compiled core is used."""
    version: str | None
    """Version of the compiled core that is installed."""
    reason: str
    """Why it is used, or why not."""
