"""Keeps a process from being forked in the middle of SQLite.

The child would find locks that are held by a thread that it does not have, and wait for them in vain.
"""

from __future__ import annotations

import os
import threading
import time
from weakref import WeakSet

__all__ = ["unforked"]

LONGEST = 2.0
"""How long a fork waits for other threads, in seconds. A thread that waits for another process may take longer."""

# Reentrant, for a signal handler that uses the cache in the middle of the cache itself.
_registering = threading.RLock()
_locks: WeakSet[threading.RLock] = WeakSet()


class _Thread(threading.local):
    """A thread's lock, so that no thread waits for another one; and what it holds while it forks."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.held: list[threading.RLock] = []
        with _registering:
            _locks.add(self.lock)


_thread = _Thread()


def unforked() -> threading.RLock:
    """Give the lock to hold around calls of SQLite: nobody forks this process meanwhile."""
    return _thread.lock


def _hold() -> None:
    deadline = time.monotonic() + LONGEST
    _acquire(_registering, deadline)
    # No thread adds one from here on.
    for lock in tuple(_locks):
        _acquire(lock, deadline)


def _acquire(lock: threading.RLock, deadline: float) -> None:
    if lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        _thread.held.append(lock)


def _release() -> None:
    held = _thread.held
    while held:
        held.pop().release()


def _begin_anew() -> None:
    """Forget the locks of threads that the child does not have; some may be held."""
    global _registering, _locks, _thread
    _registering, _locks = threading.RLock(), WeakSet()
    _thread = _Thread()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_release, after_in_child=_begin_anew)
