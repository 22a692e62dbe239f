"""What is told about the core; made on demand, since a named tuple takes longer to create than many models."""

from __future__ import annotations

from typing import NamedTuple


class Core(NamedTuple):
    """What :func:`core` tells; true if the compiled core is used."""

    active: bool
    """Whether the compiled core is used."""
    version: str | None
    """Version of the compiled core that is installed; None if there is none, or if it is switched off."""
    reason: str
    """Why it is used, or why not."""

    def __bool__(self) -> bool:
        return self.active
