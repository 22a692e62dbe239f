"""The machine and the versions that a run was made on, and the generator's command line."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks.environments import ROOT


def regenerate(output: Path) -> None:
    """Write all models below *output*, in a process of its own."""
    main = "from flytekit_codegen.cli import main; main()"
    command = [sys.executable, "-c", main, "regenerate", "--output", str(output)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)


def describe() -> list[str]:
    """A line for each thing to know about this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout
    pins = (ROOT / "requirements" / "bench.txt").read_text() + (
        ROOT / "requirements" / "bench-flytekit.txt"
    ).read_text()
    wanted = ("betterproto2==", "flyteidl==", "flytekit==", "proto-plus==", "protobuf==", "protobuf-py==")
    versions = {line.partition(" ;")[0].strip() for line in pins.splitlines() if line.startswith(wanted)}
    return [
        f"Processor: {_processor()}, {os.cpu_count()} cores; memory: {memory:.0f} GiB; {platform.system()}",
        f"Python: {platform.python_implementation()} {platform.python_version()}",
        f"Versions: {', '.join(sorted(versions))}; ours at commit {commit.strip()}",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
