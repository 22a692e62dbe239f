"""The exception for a comparison that could not be made."""

from __future__ import annotations

from flytekit_codegen.problems import CannotRun


class DiffError(CannotRun):
    """A comparison that could not be made. Its text is one sentence that says what is wrong and where."""
