"""The environments that contenders run in: made once below .cache/bench, and anew when their requirements change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_FOLDER = ROOT / ".cache" / "bench"
_REQUIREMENTS = {"hand": "bench-flytekit.txt", "ours": "bench.txt"}
_PATHS = {"hand": [ROOT], "ours": [ROOT, ROOT / "generated", ROOT / "runtime", ROOT / "codegen"]}


def python_of(environment: str) -> Path:
    """The interpreter of the *environment* (``hand`` or ``ours``), which is made if it is not there yet."""
    requirements = ROOT / "requirements" / _REQUIREMENTS[environment]
    stamp = sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    folder = _FOLDER / environment
    stamped = folder / "requirements.sha256"
    python = folder / "bin" / "python"
    if not stamped.is_file() or stamped.read_text() != stamp:
        print(f"making the environment {folder.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        uv = shutil.which("uv")
        if uv:
            _run([uv, "venv", "-q", "-p", sys.executable, str(folder)])
            _run([uv, "pip", "install", "-q", "-p", str(python), "-r", str(requirements)])
        else:
            _run([sys.executable, "-m", "venv", str(folder)])
            _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(requirements)])
        stamped.write_text(stamp)
    return python


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, cwd=ROOT)


def run_in(environment: str, module: str, *arguments: str, plan: dict[str, Any] | None = None) -> Any:
    """What ``benchmarks.module`` prints, as JSON, in a fresh process of the *environment*.

    Raises:
        RuntimeError: the process failed; its own words follow.
    """
    variables = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, _PATHS[environment])), PYTHONHASHSEED="0")
    done = subprocess.run(
        [str(python_of(environment)), "-m", f"benchmarks.{module}", *arguments],
        input=json.dumps(plan or {}),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=variables,
    )
    if done.returncode:
        raise RuntimeError(f"benchmarks.{module} {arguments} {plan and plan.get('subject')}: {done.stderr}")
    return json.loads(done.stdout)
