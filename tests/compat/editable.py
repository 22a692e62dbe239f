"""Overlays checkouts of flytekit that are installed in every editable way, and takes the overlay out again."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from beside import FLYTEKIT, build_wheel
from environments import WORK, CannotRun, Environment, call, find_uv, install_requirements
from programs import Outcome

from flytekit_codegen.overlay.apply import apply
from flytekit_codegen.overlay.payload import payload
from flytekit_codegen.overlay.target import find

_BUILD = ("setuptools<82", "setuptools-scm", "wheel")
"""What a build of flytekit needs: with them in the environment, none is made for it."""
_VERSION = FLYTEKIT.partition("==")[2]


@dataclass(frozen=True)
class Way:
    """A way to install a checkout."""

    name: str
    by: str
    settings: tuple[str, ...] = ()
    install_again: bool = False
    """Whether it knows only the files that there were."""


WAYS = (
    Way("setuptools' finder", "pip"),
    Way("setuptools' strict mode", "pip", ("--config-settings", "editable_mode=strict"), install_again=True),
    Way("a .pth file", "pip", ("--config-settings", "editable_mode=compat")),
    Way("uv", "uv"),
)

_WHOSE = """
import flytekit, sys
from flytekit.models import literals
from flytekit.core import tracker
print(flytekit.__file__, hasattr(literals.Literal, "_fm_proto"), "_mod_sanitizer" in vars(tracker))
"""


def release(folder: Path) -> Path:
    """The released sources of flytekit, unpacked.

    Raises:
        CannotRun: they cannot be downloaded.
    """
    found = folder / f"flytekit-{_VERSION}"
    if not found.is_dir():
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps")
        call(*pip, "--no-binary", "flytekit", "--dest", folder, FLYTEKIT)
        with tarfile.open(folder / f"flytekit-{_VERSION}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return found


def install_checkout(environment: Environment, checkout: Path, way: Way = WAYS[0]) -> None:
    """Install a checkout, so that it can be edited.

    Raises:
        CannotRun: that fails.
    """
    uv, python = find_uv(), environment.python
    os.environ["SETUPTOOLS_SCM_PRETEND_VERSION_FOR_FLYTEKIT"] = _VERSION
    call(uv, "pip", "install", "--quiet", "--python", python, *_BUILD)
    how = ("--no-deps", "--no-build-isolation", "--editable", checkout, *way.settings)
    if way.by == "pip":
        call(python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *how)
    else:
        call(uv, "pip", "install", "--quiet", "--python", python, *how)


def compare(environment: Environment) -> Outcome:
    """Overlay a checkout that is installed in each way; what went wrong."""
    install_requirements(environment)
    source = release(environment.folder)
    wheel = build_wheel(environment.folder / "wheel")
    outcome = Outcome("editable", f"{len(WAYS)} ways to install a checkout: overlay, status, revert")
    for way in WAYS:
        checkout = environment.folder / "checkout"
        shutil.rmtree(checkout, ignore_errors=True)
        shutil.copytree(source, checkout)
        install_checkout(environment, checkout, way)
        # Its models must give way to the checkout's.
        call(find_uv(), "pip", "install", "--quiet", "--no-deps", "--python", environment.python, wheel)
        outcome.problems += [f"{way.name}: {problem}" for problem in _overlaid(environment, checkout, way)]
    return outcome


def _overlaid(environment: Environment, checkout: Path, way: Way) -> list[str]:
    problems: list[str] = []
    before = _tree(checkout)

    def expect(what: str, ours: bool) -> None:
        done = environment.run("python", "-c", _WHOSE, cwd=environment.folder)
        said = done.stdout.split()
        if done.returncode:
            problems.append(f"{what}: {done.stderr.strip().splitlines()[-1]}")
        elif Path(said[0]).resolve() != checkout.resolve() / "flytekit" / "__init__.py":
            problems.append(f"{what}: flytekit comes from {said[0]}")
        elif said[1] != str(ours):
            problems.append(f"{what}: the models are {'ours' if said[1] == 'True' else 'the hand-written ones'}")
        if environment.run("pyflyte", "--help", cwd=environment.folder).returncode:
            problems.append(f"{what}: pyflyte --help fails")

    def command(what: str, expected: int, *options: str) -> str:
        told = [sys.executable, "-m", "flytekit_codegen", "overlay", str(checkout), *options]
        done = subprocess.run(
            [*told, "--python", str(environment.python)], capture_output=True, text=True, cwd=environment.folder
        )
        if done.returncode != expected:
            problems.append(f"{what}: exit code {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def obey(what: str, said: str) -> None:
        told = [line.partition("run: ")[2] for line in said.splitlines() if "run: " in line]
        if way.install_again != bool(told):
            problems.append(f"{what}: it says to run {told}")
        for line in told:
            call(*shlex.split(line), "--no-build-isolation")

    expect("before", ours=False)
    said = command("overlay", 0)
    if way.install_again:
        command("status before installing again", 1, "--status")
    obey("overlay", said)
    expect("overlaid", ours=True)
    command("status", 0, "--status")
    obey("revert", command("revert", 0, "--revert"))
    expect("reverted", ours=False)
    after = _tree(checkout)
    problems.extend(
        f"{name} is not as it was" for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )
    return problems


def _tree(checkout: Path) -> dict[str, str]:
    """The sources in a checkout, and their digests."""
    return {
        path.relative_to(checkout).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for part in ("flytekit", "flytekit_scripts")
        for path in (checkout / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def prepare(checkout: str) -> tuple[Environment, Environment]:
    """The pristine and the overlaid environment, each with a copy of a checkout in place of the released package.

    Args:
        checkout: Its path; ``release`` for the released sources.

    Raises:
        CannotRun: there is no flytekit in it, or it cannot be installed.
    """
    made = tuple(Environment(name, WORK / f"{name}-checkout") for name in ("pristine", "overlaid"))
    for environment in made:
        install_requirements(environment)
        source = release(environment.folder) if checkout == "release" else Path(checkout)
        if not (source / "flytekit" / "__init__.py").is_file():
            raise CannotRun(f"{source} is no checkout of flytekit")
        copy = environment.folder / "checkout"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns(".git", ".venv", "venv", "build", "__pycache__"))
        install_checkout(environment, copy)
    apply(find(made[1].folder / "checkout"), payload(), force=True)
    return made[0], made[1]
