"""The two environments that are compared: flytekit as it is released, and the same one overlaid."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flytekit_codegen.overlay.apply import apply
from flytekit_codegen.overlay.payload import payload
from flytekit_codegen.overlay.target import find

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".cache" / "compat"
REQUIREMENTS = ROOT / "requirements" / "compat.txt"
_FLYTEKIT_PYTHONS = ("3.12", "3.11", "3.10")
"""The versions of Python that flytekit 1.16.31 is released for."""
_TIMEOUT = 300


class CannotRun(Exception):
    """What the comparison needs is not there."""


@dataclass(frozen=True)
class Environment:
    """An environment with flytekit in it."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where flytekit is."""
        return next(self.folder.glob("venv/lib/python3*/site-packages"))

    def run(
        self, *command: str | Path, cwd: Path | None = None, given: str = "", extra: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, or a Python script, with a home of its own."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        first, *rest = map(str, command)
        program = [str(self.python), first] if first.endswith(".py") else [str(self.python.parent / first)]
        variables = {
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(home),
            "COLUMNS": "120",
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            **(extra or {}),
        }
        return subprocess.run(
            [*program, *rest], cwd=cwd, env=variables, input=given, capture_output=True, text=True, timeout=_TIMEOUT
        )

    def normal(self, text: str) -> str:
        """*text* without what is different in each environment, and in each run."""
        text = text.replace(str(self.folder), "ENVIRONMENT")
        text = re.sub(r"\b[0-9a-f]{20,}\b", "HASH", text)
        text = re.sub(r"/tmp/\S+", "/tmp/FILE", text)
        text = re.sub(r"\.py:\d+", ".py:LINE", text)
        text = re.sub(r"0x[0-9a-f]+", "ADDRESS", text)
        return re.sub(r"\d+\.\d+ ?(s|ms|seconds)\b", "TIME", text)


def prepare() -> tuple[Environment, Environment]:
    """The pristine and the overlaid environment, made or brought up to date.

    Raises:
        CannotRun: there is no Python for them.
    """
    made = tuple(Environment(name, WORK / name) for name in ("pristine", "overlaid"))
    for environment in made:
        install_requirements(environment)
    apply(find(made[1].site_packages), payload(), force=True)
    return made[0], made[1]


def install_requirements(environment: Environment) -> None:
    """Make an environment with the released flytekit, unless it is there.

    Raises:
        CannotRun: there is no Python for it.
    """
    python = find_python(_FLYTEKIT_PYTHONS)
    stamp = environment.folder / "installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + python.encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    shutil.rmtree(environment.folder, ignore_errors=True)
    environment.folder.mkdir(parents=True)
    uv = find_uv()
    call(uv, "venv", "--quiet", "--python", python, environment.folder / "venv")
    call(uv, "pip", "install", "--quiet", "--no-deps", "--python", environment.python, "--requirement", REQUIREMENTS)
    stamp.write_text(wanted)


def call(*command: str | Path) -> None:
    """Run a command that is needed.

    Raises:
        CannotRun: it fails.
    """
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode:
        raise CannotRun(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def find_uv() -> Path:
    """The installer: it resolves and links in seconds what takes pip minutes; installed if need be."""
    for found in (shutil.which("uv"), Path(sys.executable).parent / "uv", WORK / "tools" / "bin" / "uv"):
        if found and Path(found).is_file():
            return Path(found)
    tools = WORK / "tools"
    call(sys.executable, "-m", "venv", tools)
    call(tools / "bin" / "python", "-m", "pip", "install", "--quiet", "uv")
    return tools / "bin" / "uv"


def find_python(versions: tuple[str, ...]) -> str:
    """An interpreter of one of the *versions*, the first that the machine has.

    Raises:
        CannotRun: it has none.
    """
    for version in versions:
        found = interpreter(version)
        if found:
            return found
    raise CannotRun(f"no Python {' or '.join(versions)} was found, on PATH or where pyenv has it")


def interpreter(version: str) -> str | None:
    """The path of the interpreter of a *version* such as 3.12; None if the machine has none."""
    running = sys.version_info
    if f"{running.major}.{running.minor}" == version:
        return sys.executable
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [
        shutil.which(f"python{version}"),
        *sorted(root.glob(f"versions/{version}.*/bin/python"), reverse=True),
    ]
    for found in candidates:
        if found and _answers(found, version):
            return str(found)
    return None


def _answers(program: str | Path, version: str) -> bool:
    """Whether *program* is that Python: pyenv's stand-ins are on PATH for versions that are not chosen, too."""
    command = [str(program), "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() == version
