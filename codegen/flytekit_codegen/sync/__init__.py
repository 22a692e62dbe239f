"""From a released package to `idl/`: its descriptors as proto3 source, with our documentation kept."""

from __future__ import annotations

from .errors import SyncError
from .sync import StagedSync, SyncReport, staged_sync, sync

__all__ = ["StagedSync", "SyncError", "SyncReport", "staged_sync", "sync"]
