"""The exception for a comparison that could not be made."""

from __future__ import annotations


class DiffError(Exception):
    """A comparison that could not be made. Its text is one sentence that says what is wrong and where."""
