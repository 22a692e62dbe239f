"""Run a command while nothing else builds the core of this checkout: alone.py COMMAND ARGUMENT...

Builds write into the checkout, and an installation into its environment. The lock is let go when the command ends,
however it does; the command finds CORE_ALONE set.
"""

import fcntl
import os
import sys
from pathlib import Path

cache = Path(__file__).resolve().parent.parent / ".cache"
cache.mkdir(exist_ok=True)
lock = os.open(cache / "core.lock", os.O_RDWR | os.O_CREAT)
fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.environ["CORE_ALONE"] = "1"
os.execvp(sys.argv[1], sys.argv[1:])
