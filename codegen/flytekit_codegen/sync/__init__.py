"""From a released package to `idl/`: its descriptors as proto3 source, with our documentation kept."""

from __future__ import annotations

from .errors import SyncError
from .history import Change, History, build_history, read_history
from .lock import Lock, LockedRelease, read_lock
from .release import available_versions
from .step import StagedSync, SyncReport, staged_sync, sync

__all__ = [
    "Change",
    "History",
    "Lock",
    "LockedRelease",
    "StagedSync",
    "SyncError",
    "SyncReport",
    "available_versions",
    "build_history",
    "read_history",
    "read_lock",
    "staged_sync",
    "sync",
]
