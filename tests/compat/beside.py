"""Installs the wheel beside flytekit, in both orders, by pip and by uv, and uninstalls one or the other.

Whatever is left must be as it was, byte for byte, and work.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from environments import ROOT, CannotRun, Environment, call, find_uv, install_requirements
from programs import Outcome

FLYTEKIT = "flytekit==1.16.31"
_OF_THEIRS = ("flytekit/", "flytekit_scripts/", "flytekit-1.16.31.dist-info/")
_OF_OURS = ("flytekit_models/", "flytekit_codegen/", "flytekit-models.pth", "flytekit_models-")

_THEIRS_WORKS = """
import flytekit
from flytekit.models import literals
assert "without_flytekit" not in literals.__file__, literals.__file__
value = literals.Literal(scalar=literals.Scalar(primitive=literals.Primitive(integer=3)))
assert literals.Literal.from_flyte_idl(value.to_flyte_idl()) == value
assert not hasattr(literals.Literal, "_fm_proto"), "these are not the hand-written models"
"""
_OURS_WORKS = """
from flytekit.models.literals import Literal, Primitive, Scalar
from flytekit.utils.asyn import run_sync
async def double(x): return 2 * x
value = Literal(scalar=Scalar(primitive=Primitive(integer=run_sync(double, 3))))
assert Literal.from_flyte_idl(value.to_flyte_idl()) == value
assert Literal._fm_proto.split()[0] == "flyteidl.core.Literal"
"""


@dataclass(frozen=True)
class Installer:
    """A way to install."""

    name: str
    install: Callable[[str | Path], None]
    uninstall: Callable[[str], None]


def installers(environment: Environment) -> tuple[Installer, ...]:
    """pip and uv, for an environment."""
    python, uv = environment.python, find_uv()
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet")
    return (
        Installer(
            "pip",
            lambda what: call(*pip, "install", "--no-deps", what),
            lambda name: call(*pip, "uninstall", "--yes", name),
        ),
        Installer(
            "uv",
            lambda what: call(uv, "pip", "install", "--quiet", "--no-deps", "--python", python, what),
            lambda name: call(uv, "pip", "uninstall", "--quiet", "--python", python, name),
        ),
    )


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout.

    Raises:
        CannotRun: it cannot be built.
    """
    call(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    return next(folder.glob("*.whl"))


def compare(environment: Environment) -> Outcome:
    """Install and uninstall in every order; what went wrong."""
    install_requirements(environment)
    wheel = build_wheel(environment.folder / "wheel")
    outcome = Outcome("beside", "")
    for installer in installers(environment):
        outcome.problems += _orders(environment, installer, wheel)
    outcome.compared = "2 installers, both orders of installing and uninstalling"
    return outcome


def _orders(environment: Environment, by: Installer, wheel: Path) -> list[str]:
    problems: list[str] = []

    def expect(what: str, before: dict[str, str], parts: tuple[str, ...], works: str) -> None:
        after = files(environment, parts)
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        problems.extend(f"{by.name}: {what}: {name} is not as it was" for name in changed)
        problems.extend(f"{by.name}: {what}: {problem}" for problem in failures(environment, works))

    def gone(what: str, parts: tuple[str, ...]) -> None:
        problems.extend(f"{by.name}: {what}: {name} is left" for name in files(environment, parts))

    for name in ("flytekit", "flytekit-models"):
        by.uninstall(name)
    by.install(FLYTEKIT)
    theirs = files(environment, _OF_THEIRS)
    by.install(wheel)
    expect("ours installed after flytekit", theirs, _OF_THEIRS, _THEIRS_WORKS)
    by.uninstall("flytekit-models")
    expect("ours uninstalled", theirs, _OF_THEIRS, _THEIRS_WORKS)
    gone("ours uninstalled", _OF_OURS)
    by.install(wheel)
    ours = files(environment, _OF_OURS)
    by.uninstall("flytekit")
    expect("flytekit uninstalled", ours, _OF_OURS, _OURS_WORKS)
    gone("flytekit uninstalled", _OF_THEIRS)
    by.install(FLYTEKIT)
    expect("flytekit installed after ours: ours", ours, _OF_OURS, _THEIRS_WORKS)
    expect("flytekit installed after ours: flytekit", theirs, _OF_THEIRS, _THEIRS_WORKS)
    by.uninstall("flytekit")
    expect("flytekit uninstalled again", ours, _OF_OURS, _OURS_WORKS)
    by.install(FLYTEKIT)
    by.uninstall("flytekit-models")
    expect("ours, which came first, uninstalled", theirs, _OF_THEIRS, _THEIRS_WORKS)
    return problems


def failures(environment: Environment, works: str) -> list[str]:
    """What does not work: the program, the command line of flytekit if it is there, and what `status` says."""
    found = []
    neutral = environment.folder / "cwd"
    neutral.mkdir(exist_ok=True)
    done = environment.run("python", "-c", works, cwd=neutral)
    if done.returncode:
        found.append(done.stderr.strip().splitlines()[-1])
    if works == _THEIRS_WORKS and environment.run("pyflyte", "--help", cwd=neutral).returncode:
        found.append("pyflyte --help fails")
    command = [sys.executable, "-m", "flytekit_codegen", "status", "--python", str(environment.python)]
    status = subprocess.run(command, capture_output=True, text=True)
    whose = f"{FLYTEKIT.replace('==', ' ')} with its own models" if works == _THEIRS_WORKS else "without flytekit"
    if status.returncode or whose not in status.stdout:
        found.append(f"status says {status.returncode}: {status.stdout}{status.stderr}")
    return found


def files(environment: Environment, parts: tuple[str, ...]) -> dict[str, str]:
    """The files of a distribution, and their digests. Compiled modules come and go.

    Raises:
        CannotRun: the environment has no folder for them.
    """
    root = environment.site_packages
    if not root.is_dir():
        raise CannotRun(f"{root} is no folder")
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        if (name := path.relative_to(root).as_posix()).startswith(parts)
    }
