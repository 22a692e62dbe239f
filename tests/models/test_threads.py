"""First reads and threads, in a process of their own.

``threads_alone.py`` has the tests. They are not run among all others: after ten thousand tests in one process, a
garbage collection crashed there on the pure path. The cause is not known; alone they never crashed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ALONE = Path(__file__).parent / "threads_alone.py"


def test_threads() -> None:
    wanted = len(re.findall(r"^def test_", ALONE.read_text(encoding="utf-8"), re.MULTILINE))
    command = [sys.executable, "-X", "faulthandler", "-m", "pytest", str(ALONE), "-q", "-p", "no:cacheprovider", "-n0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(command, cwd=ALONE.parents[2], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None and int(passed[1]) >= wanted, done.stdout
