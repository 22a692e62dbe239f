"""Builds the distributions of this checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build(source: Path, output: Path, *options: str) -> Path:
    """Build in the running environment; what was built."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(output), *options, str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    (built,) = output.iterdir()
    return built
