"""The environments that contenders run in: made once below .cache/bench, and anew when their requirements change."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_FOLDER = ROOT / ".cache" / "bench"
_REQUIREMENTS = {"hand": "bench-flytekit.txt", "ours": "bench.txt"}
_OURS = [ROOT / "generated", ROOT / "runtime", ROOT / "codegen"]
_ENVIRONMENTS = {"hand": "hand", "overlaid": "overlaid", "overlaid, pure": "overlaid"}
"""Contenders that do not run in our environment."""
_STAMP = "made-from.sha256"
_GENERATED_BY = {"betterproto2": ("python_betterproto2_out", "betterproto2_models"), "protobuf-py": ("py_out", "")}
"""The rivals that generate code: the option of protoc for each, and the package that it has to be in."""


def _python_of(environment: str) -> Path:
    """The interpreter of the *environment* (``hand``, ``overlaid`` or ``ours``), made if it is not there yet."""
    if environment == "overlaid":
        return _python_of_overlaid()
    requirements = ROOT / "requirements" / _REQUIREMENTS[environment]
    folder = _FOLDER / environment
    python = folder / "bin" / "python"

    def make() -> None:
        uv = shutil.which("uv")
        if uv:
            _run([uv, "venv", "-q", "-p", sys.executable, str(folder)])
            _run([uv, "pip", "install", "-q", "-p", str(python), "-r", str(requirements)])
        else:
            _run([sys.executable, "-m", "venv", str(folder)])
            _run([str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(requirements)])

    _once(folder, requirements.read_bytes() + sys.version.encode(), make)
    return python


def _python_of_overlaid() -> Path:
    """The interpreter of a copy of the environment of flytekit that our models are put into."""
    hand = _python_of("hand").parents[1]
    folder = _FOLDER / "overlaid"
    python = folder / "bin" / "python"

    def make() -> None:
        shutil.copytree(hand, folder, symlinks=True)
        (site,) = folder.glob("lib/*/site-packages")
        _run([sys.executable, "-m", "flytekit_codegen", "overlay", str(site)])

    ours = sorted(path for root in _OURS[:2] for path in root.rglob("*.py"))
    _once(folder, b"".join(path.read_bytes() for path in ours) + (hand / _STAMP).read_bytes(), make)
    return python


def _models_of(rival: str) -> Path:
    """The folder with the code that *rival* generates from our .proto files."""
    folder = _FOLDER / "rivals" / rival
    protos = sorted(path.relative_to(ROOT / "idl") for path in (ROOT / "idl" / "flyteidl").rglob("*.proto"))
    wanted = [str(path) for path in protos if path.parts[1] in ("admin", "core")]

    def make() -> None:
        option, package = _GENERATED_BY[rival]
        (folder / package).mkdir(parents=True)
        python = _python_of("ours")
        options = [f"-I{ROOT / 'idl'}", f"--{option}={folder / package}"]
        path = os.pathsep.join([str(python.parent), os.environ["PATH"]])
        _run([str(python), "-m", "grpc_tools.protoc", *options, *wanted], dict(os.environ, PATH=path))

    _once(folder, (ROOT / "requirements" / _REQUIREMENTS["ours"]).read_bytes(), make)
    return folder


def _core() -> Path:
    """The folder with the compiled core of this checkout."""
    folder = _FOLDER / "core"
    sources = sorted((ROOT / "core" / "src").iterdir()) + [ROOT / "core" / "setup.py"]

    def make() -> None:
        install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--target"]
        _run([*install, str(folder), str(ROOT / "core")])

    _once(folder, b"".join(path.read_bytes() for path in sources) + sys.version.encode(), make)
    return folder


def _once(folder: Path, inputs: bytes, make: Any) -> None:
    """Have *make* fill the *folder*, unless it did from the same *inputs* before."""
    stamp = folder / _STAMP
    wanted = sha256(inputs).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"making {folder.relative_to(ROOT)} ...", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        make()
        stamp.write_text(wanted)


def _run(command: list[str], variables: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, cwd=ROOT, env=variables, capture_output=True)


def command_of(contender: str, module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command line and the variables for ``benchmarks.module`` in the environment of *contender*."""
    paths = [ROOT]
    if contender in ("ours", "pure"):
        paths += _OURS
    if contender in ("ours", "overlaid"):
        paths.append(_core())
    elif contender in _GENERATED_BY:
        paths.append(_models_of(contender))
    python = _python_of(_ENVIRONMENTS.get(contender, "ours"))
    variables = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, paths)), PYTHONHASHSEED="0")
    variables["FLYTEKIT_MODELS_CORE"] = "0" if contender in ("pure", "overlaid, pure") else "1"
    # The C library keeps the memory it got, as it does anyway in a process that has much of it in use; handing it
    # back and taking it again with every copy of a message would be what is measured, for protobuf above all.
    variables |= {"MALLOC_TRIM_THRESHOLD_": str(2**30), "MALLOC_TOP_PAD_": str(2**26)}
    # What is installed is compiled once; so is what is measured.
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    if module == "memory":
        del variables["MALLOC_TRIM_THRESHOLD_"], variables["MALLOC_TOP_PAD_"]
    return [str(python), "-m", f"benchmarks.{module}", *arguments], variables


def run_in(contender: str, module: str, *arguments: str, plan: dict[str, Any] | None = None) -> Any:
    """What ``benchmarks.module`` prints, as JSON, in a fresh process of the environment of *contender*.

    Raises:
        RuntimeError: the process failed; its own words follow.
    """
    command, variables = command_of(contender, module, *arguments)
    done = subprocess.run(
        command, input=json.dumps(plan or {}), capture_output=True, text=True, cwd=ROOT, env=variables
    )
    if done.returncode:
        raise RuntimeError(f"benchmarks.{module} of {contender} failed: {done.stderr}")
    return json.loads(done.stdout)


class Worker:
    """A fresh process of a contender that times one case whenever it is asked."""

    def __init__(self, contender: str, plan: dict[str, Any]) -> None:
        self.contender = contender
        command, variables = command_of(contender, "worker")
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=variables)
        self._say(json.dumps({**plan, "contender": contender}))

    def wait_until_ready(self) -> None:
        """Wait until the process is set up.

        Raises:
            RuntimeError: it failed.
        """
        if self._hear() != "ready":
            raise RuntimeError(f"the worker of {self.contender} did not start")

    def ask(self, case: str) -> dict[str, float | str]:
        """Contender to seconds of one call of *case*, or to why there are none."""
        self._say(case)
        answer: dict[str, float | str] = json.loads(self._hear())
        return answer

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker of {self.contender} ended")
        return line.strip()

    def end(self) -> None:
        """End the process."""
        self._process.communicate()


@contextmanager
def workers(contenders: tuple[str, ...], plan: dict[str, Any]) -> Iterator[list[Worker]]:
    """A worker for each of the *contenders*, all of them ready."""
    started = [Worker(contender, plan) for contender in contenders]
    try:
        for worker in started:
            worker.wait_until_ready()
        yield started
    finally:
        for worker in started:
            worker.end()
