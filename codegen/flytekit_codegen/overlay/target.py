"""The flytekit tree that an overlay goes into: a checkout, or an installed package."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from flytekit_codegen.problems import GenerationError, Problem, Where

SUPPORTED = SpecifierSet(">=1.16,<1.17")


@dataclass(frozen=True)
class Target:
    """A flytekit tree."""

    root: Path
    """The folder that holds ``flytekit``: of a checkout its top, of an installation ``site-packages``."""
    version: Version | None
    """None if nothing tells it."""


def find(path: Path) -> Target:
    """The flytekit tree at *path*, which is the ``flytekit`` package or the folder that holds it.

    Raises:
        GenerationError: there is none.
    """
    for root in (path, path.parent):
        package = root / "flytekit"
        if (package / "__init__.py").is_file() and (package / "models").is_dir() and path in (root, package):
            return Target(root.resolve(), _version(root))
    cure = "pass a checkout of flytekit or the site-packages folder it is installed in"
    raise GenerationError([Problem(Where(path), "has no flytekit package", cure)])


def require_supported(target: Target) -> None:
    """Refuse a flytekit that the models were not made for.

    Raises:
        GenerationError: its version is unsupported, or unknown.
    """
    if target.version is None:
        what = "the version of this flytekit is unknown"
    elif not SUPPORTED.contains(target.version, prereleases=True):
        what = f"flytekit {target.version} is not supported: the overlay is for {SUPPORTED}"
    else:
        return
    cure = "use --force if you know that it is compatible"
    raise GenerationError([Problem(Where(target.root / "flytekit"), what, cure)])


def _version(root: Path) -> Version | None:
    for text in (_written_version(root), _installed_version(root), _tagged_version(root)):
        if text:
            try:
                return Version(text)
            except InvalidVersion:
                continue
    return None


def _written_version(root: Path) -> str | None:
    """The version in the file that flytekit's build writes."""
    path = root / "flytekit" / "_version.py"
    if not path.is_file():
        return None
    for statement in ast.parse(path.read_text()).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            names = [name.id for name in statement.targets if isinstance(name, ast.Name)]
            if "__version__" in names or "version" in names:
                return str(statement.value.value)
    return None


def _installed_version(root: Path) -> str | None:
    return next((found.version for found in distributions(name="flytekit", path=[str(root)])), None)


def _tagged_version(root: Path) -> str | None:
    """The last release before the commit that is checked out."""
    command = ["git", "-C", str(root), "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return described.stdout.strip() if described.returncode == 0 else None
