"""What the utilities do instead of holding locks.

A signal handler, or a ``__del__`` that the garbage collector calls, runs in the middle of any function, on its thread.
A lock that this function holds is never released to it, whatever kind of lock it is. So what may be called from there
holds none: it rests on single steps of dicts, lists and deques, between which Python runs nothing else.
"""

from __future__ import annotations

import sys
import threading
import weakref
from types import FrameType

_RUNNING_A_THREAD = frozenset({"_bootstrap", "_bootstrap_inner", "run"})


class Claim:
    """Something that only the first who asks gets."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = [None]

    def take(self) -> bool:
        """Whether the caller is the first."""
        try:
            self._left.pop()
        except IndexError:
            return False
        return True


def may_start_thread() -> bool:
    """Whether the calling thread can start a thread, and ask for its own :class:`threading.Thread`.

    It cannot where it has been interrupted in the middle of that itself, or of anything else for which
    :mod:`threading` holds its lock; nor when it has ended, and what it leaves behind is being cleared up.
    """
    frame: FrameType | None = sys._getframe(1)
    outermost = frame
    while frame is not None:
        if frame.f_globals is vars(threading) and frame.f_code.co_name not in _RUNNING_A_THREAD:
            return False
        outermost = frame
        frame = frame.f_back
    if outermost is None:
        return True
    return outermost.f_code.co_name != "__del__" and outermost.f_globals is not vars(weakref)
