"""Comparing two schemas: their wire format, the Python API they make, and what that asks of users."""

from __future__ import annotations

from .changes import Change, Comparison, Need
from .compare import compare, compare_sides
from .errors import DiffError
from .sides import Side, side

__all__ = ["Change", "Comparison", "DiffError", "Need", "Side", "compare", "compare_sides", "side"]
