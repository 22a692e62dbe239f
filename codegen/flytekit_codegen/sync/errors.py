"""The one exception that the sync step raises for anything a person can put right."""

from __future__ import annotations

from flytekit_codegen.problems import CannotRun


class SyncError(CannotRun):
    """A sync that could not be done. Its text is one sentence that says what is wrong and where.

    Whenever it is raised, the `idl/` folder is as it was before.
    """
