"""What is known of the process: the hosts that it has, and whether it exits."""

from __future__ import annotations

import atexit
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flytekit_models._asyn.host import Host

CLOSING_SECONDS = 1.0
"""How long a closing loop waits for its tasks to end, and whoever closes it for the loop."""

hosts: set[Host] = set()
_exiting: list[None] = []


def exiting() -> bool:
    """Whether the interpreter exits, and has closed all loops or is about to."""
    return bool(_exiting)


def close(some: list[Host]) -> None:
    """Close these, all at the same time, and wait a second at most for that."""
    for host in some:
        host.stop()
    deadline = time.monotonic() + CLOSING_SECONDS
    for host in some:
        host.wait_for_end(deadline)


def _close_all() -> None:
    _exiting.append(None)
    close(list(hosts.copy()))


# Registered when the module is imported, so that it runs after the exit handlers of whoever imports it.
atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    # In a forked process the threads are gone, and the loops belong to the other.
    os.register_at_fork(after_in_child=hosts.clear)
