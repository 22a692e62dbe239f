"""core/install.sh run twice at once, as by two targets of the Makefile: it builds once, and nobody meets half of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INSTALL = Path(__file__).parents[2] / "core" / "install.sh"
# Python, but for what installs: that only says that it does.
PYTHON = """#!/usr/bin/env bash
if [ "$1 $2" = "-m pip" ]; then
    echo begins >>{log}; sleep 0.5; echo ends >>{log}
else
    exec {python} "$@"
fi
"""


def test_installing_at_once_builds_once(tmp_path: Path) -> None:
    python, log, stamp = (tmp_path / name for name in ("python", "log", "stamp"))
    python.write_text(PYTHON.format(log=log, python=sys.executable))
    python.chmod(0o755)
    command = ["bash", str(INSTALL), str(python), str(stamp)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(120) for each in both] == [0, 0]
    assert stamp.read_text() == "built\n" and log.read_text().split() == ["begins", "ends"]
    # Who asks later gets what is new since.
    assert subprocess.run(command, timeout=120, check=False).returncode == 0
    assert log.read_text().split() == ["begins", "ends"] * 2


def test_what_fails_to_build_lets_the_next_one_build(tmp_path: Path) -> None:
    python, log, stamp = (tmp_path / name for name in ("python", "log", "stamp"))
    python.write_text(PYTHON.format(log=log, python=sys.executable).replace("echo ends", "exit 3; echo ends"))
    python.chmod(0o755)
    command = ["bash", str(INSTALL), str(python), str(stamp)]
    both = [subprocess.Popen(command) for _ in range(2)]
    assert [each.wait(120) for each in both] == [3, 3]
    assert not stamp.exists() and log.read_text().split() == ["begins"] * 2
