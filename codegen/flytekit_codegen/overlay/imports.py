"""Where an environment imports flytekit from, and whether that is the tree that was overlaid.

An editable installation need not be a folder on the path: it may know a list of packages (setuptools' finder), or hold
links to the files that there were (its strict mode). So the environment is asked, in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TIMEOUT = 120
_STRICT = "__editable__"
"""In the name of the folder of links that setuptools' strict mode makes."""
_MAX_NAMED = 3

SPEC = """
import importlib.util, sys
def find(path):
    sys.path[:] = path
    return importlib.util.find_spec("flytekit")
every = list(sys.path)
other = find([entry for entry in every if "without_flytekit" not in entry])
spec = other if other and other.has_location else find(every)
sys.path[:] = every
"""
"""Finds what ``import flytekit`` gives, without importing it: the wheel's ``flytekit`` gives way to every other."""

_FIND = f"""{SPEC}
import json
print(json.dumps({{"flytekit": spec.origin if spec else None, "pip": importlib.util.find_spec("pip") is not None}}))
"""

_ASK = """
import importlib.util, json, sys, traceback, warnings
warnings.simplefilter("ignore")
found, error = {}, None
try:
    import flytekit
except BaseException as raised:
    error = traceback.format_exception_only(type(raised), raised)[-1].strip()
for name in [] if error else json.load(sys.stdin):
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        spec = None
    found[name] = spec.origin if spec else None
print("\\n" + json.dumps({"error": error, "found": found}))
"""


@dataclass(frozen=True)
class Imports:
    """How an environment imports an overlaid tree."""

    python: Path
    elsewhere: str | None = None
    """Where its flytekit comes from if not from the tree: a path, or "nowhere"."""
    error: str | None = None
    """What ``import flytekit`` raises."""
    astray: tuple[str, ...] = ()
    """Modules of the overlay that are not found, or found elsewhere."""
    cure: str = ""
    """What to run."""

    @property
    def right(self) -> bool:
        """Whether all of the overlay is imported from where it is."""
        return self.elsewhere is None and self.error is None and not self.astray

    def __str__(self) -> str:
        if self.right:
            return f"imported by {self.python}"
        if self.elsewhere is not None:
            return f"not imported by {self.python}: its flytekit comes from {self.elsewhere}"
        what = [f"`import flytekit` fails: {self.error}"] if self.error else []
        if self.astray:
            named = ", ".join(self.astray[:_MAX_NAMED]) + (", ..." if len(self.astray) > _MAX_NAMED else "")
            what.append(f"{len(self.astray)} modules do not come from this tree: {named}")
        return f"not imported by {self.python}: {'; '.join(what)}\n  run: {self.cure}"


def check(root: Path, names: Iterable[str], python: Path | None = None) -> Imports | None:
    """Ask an environment whether it imports those of the files *names* that are there from the tree at *root*.

    Args:
        root: The folder that holds ``flytekit``.
        names: Paths below it.
        python: The environment's interpreter; the first that has this tree if not given.

    Returns:
        What it says; None if no interpreter is given and no environment is found that has the tree.
    """
    # Not resolved: the link to an interpreter is what makes it that of an environment.
    python = python.absolute() if python else None
    for candidate in [python] if python else _candidates(root):
        found = ask(candidate, _FIND)
        origin = found["flytekit"] if found else None
        if found and origin and _is_of(root, origin):
            return _check(candidate, root, names, origin, found["pip"])
        if python:
            return Imports(python, elsewhere=origin or "nowhere")
    return None


def _check(python: Path, root: Path, names: Iterable[str], origin: str, pip: bool) -> Imports:
    files = [root / name for name in names if name.endswith(".py") and (root / name).is_file()]
    modules = {_module(path.relative_to(root).as_posix()): path for path in files}
    said = ask(python, _ASK, json.dumps(sorted(modules)))
    if said is None:
        return Imports(python, error="the interpreter crashed", cure=f"{python} -c 'import flytekit'")
    places = said["found"].items()  # Nothing, if flytekit cannot be imported.
    astray = tuple(name for name, place in places if not place or os.path.realpath(place) != str(modules[name]))
    return Imports(python, error=said["error"], astray=astray, cure=_cure(python, root, origin, pip))


def _cure(python: Path, root: Path, origin: str, pip: bool) -> str:
    """The command that installs the tree again, in the way in which it is installed."""
    mode = " --config-settings editable_mode=strict" if _STRICT in origin else ""
    return f"{installer(python, pip)} --no-deps --editable {root}{mode}"


def installer(python: Path, pip: bool, verb: str = "install") -> str:
    """The command that installs into an environment, which has pip or not; or one that does something else there."""
    return f"{python} -m pip {verb}" if pip else f"uv pip {verb} --python {python}"


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _is_of(root: Path, origin: str) -> bool:
    """Whether a flytekit belongs to the tree: by its path, or as a link to it."""
    return Path(os.path.realpath(origin)).parent == root / "flytekit" or (
        _STRICT in origin and root in Path(os.path.realpath(origin)).parents
    )


def _candidates(root: Path) -> list[Path]:
    """Interpreters that may have the tree: of the environment that it is in, of the active one, and this one."""
    environments = [
        *(root.parents[:3] if root.name in ("site-packages", "dist-packages") else ()),
        root / ".venv",
        root / "venv",
        Path(os.environ.get("VIRTUAL_ENV") or sys.prefix),
    ]
    inside = [folder / part for folder in environments for part in ("bin/python", "Scripts/python.exe", "python.exe")]
    return [python for python in inside if python.is_file()] + [Path(sys.executable)]


def ask(python: Path, program: str, given: str = "") -> dict[str, Any] | None:
    """What a program says as JSON in its last line; None if it says nothing."""
    with tempfile.TemporaryDirectory() as neutral:
        try:
            done = subprocess.run(
                [str(python), "-c", program],
                cwd=neutral,
                input=given,
                capture_output=True,
                text=True,
                timeout=_TIMEOUT,
                check=False,
            )
            return dict(json.loads(done.stdout.splitlines()[-1]))
        except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
            return None
