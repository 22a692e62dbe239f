"""Released packages: which versions there are, and the wheel of one of them.

Both questions go to the package index through pip, as configured on this machine. A wheel is only ever opened as
an archive: nothing in it is installed, imported or executed.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from .errors import SyncError

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_PIP_TIMEOUT_SECONDS = 300


@dataclass(frozen=True)
class Release:
    """One released version of a distribution, with its wheel on this machine."""

    distribution: str
    version: str
    wheel: Path
    sha256: str

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


def default_cache() -> Path:
    """The folder that keeps downloaded wheels: `flytekit-models/releases` in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "flytekit-models" / "releases"


def parse_version(text: str) -> Version:
    """Read a version number.

    Raises:
        SyncError: `text` is not a version number.
    """
    try:
        return Version(text)
    except InvalidVersion:
        raise SyncError(f"'{text}' is not a version number (expected something like 1.16.8).") from None


def available_versions(distribution: str) -> list[Version]:
    """All stable released versions of `distribution`, oldest first, in one question to the package index.

    Raises:
        SyncError: the index could not be asked, or knows no such distribution.
    """
    output = _pip("index", "versions", _checked_name(distribution), failure=f"The releases of {distribution}")
    listed = re.search(r"^Available versions:(.*)$", output, flags=re.MULTILINE)
    if listed is None:
        raise SyncError(f"The releases of {distribution} could not be listed: pip's output has no versions.")
    versions = {Version(word.strip()) for word in listed.group(1).split(",") if word.strip()}
    return sorted(version for version in versions if not (version.is_prerelease or version.is_devrelease))


def fetch(distribution: str, version: str, cache: Path) -> Release:
    """The wheel of one release, from `cache` or else downloaded into it.

    Args:
        distribution: the distribution's name on the package index, such as `flyteidl`.
        version: the exact version, such as `1.16.8`.
        cache: the folder of downloaded wheels; it is made if need be.

    Raises:
        SyncError: there is no such version, it has no wheel, or it could not be downloaded or stored.
    """
    wanted = parse_version(version)
    name = _checked_name(distribution)
    return _release(_cached(name, cache, wanted) or _download(name, f"=={wanted}", cache / name))


def fetch_requirement(requirement: str, specifier: str, cache: Path) -> Release:
    """The wheel of the newest release of `requirement` that fits `specifier` (such as `>=1.53,<2`), downloaded."""
    name = _checked_name(requirement)
    return _release(_download(name, specifier, cache / name))


def _checked_name(distribution: str) -> str:
    # The name goes on a command line and into a path, so nothing but a plain distribution name may pass.
    if not _NAME.fullmatch(distribution):
        raise SyncError(f"'{distribution}' is not a distribution name.")
    return canonicalize_name(distribution)


def _cached(name: str, cache: Path, wanted: Version) -> Path | None:
    for wheel in sorted((cache / name).glob("*.whl")):
        if _wheel_version(wheel) == wanted:
            return wheel
    return None


def _wheel_version(wheel: Path) -> Version | None:
    try:
        return parse_wheel_filename(wheel.name)[1]
    except InvalidWheelFilename:
        return None


def _download(name: str, specifier: str, folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Into a folder of its own first: a download that is cut short never looks like a cached wheel.
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as partial:
            _pip(
                *("download", "--no-deps", "--only-binary", ":all:", "--dest", partial, f"{name}{specifier}"),
                failure=f"{name} {specifier.removeprefix('==')}",
            )
            (wheel,) = Path(partial).glob("*.whl")
            return wheel.replace(folder / wheel.name)
    except OSError as error:
        raise SyncError(f"The download folder {folder} cannot be written: {error.strerror or error}.") from error


def _release(wheel: Path) -> Release:
    name, version, _, _ = parse_wheel_filename(wheel.name)
    try:
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    except OSError as error:
        raise SyncError(f"The wheel {wheel} cannot be read: {error.strerror or error}.") from error
    return Release(distribution=name, version=str(version), wheel=wheel, sha256=digest)


def _pip(*arguments: str, failure: str) -> str:
    # What is only read needs not run on this Python: with another one the list of releases must not be another.
    options = ("--ignore-requires-python", "--disable-pip-version-check", "--no-input", "--no-color")
    command = [sys.executable, "-m", "pip", *arguments, *options]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=_PIP_TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise SyncError(
            f"{failure} could not be fetched: pip did not answer within {_PIP_TIMEOUT_SECONDS} s."
        ) from None
    if done.returncode != 0:
        raise SyncError(f"{failure} could not be fetched from the package index: {_reason(done.stderr)}.")
    return done.stdout


def _reason(stderr: str) -> str:
    """What pip says went wrong, in one line."""
    if "No module named pip" in stderr:
        return f"{sys.executable} has no pip, which sync needs"
    if "Could not find a version" in stderr and "from versions: none" not in stderr:
        return "there is no such version with a wheel"
    if "No matching distribution" in stderr:
        return "the index has no wheel of it, or cannot be reached"
    errors = [line.removeprefix("ERROR:").strip() for line in stderr.splitlines() if line.startswith("ERROR:")]
    return (errors or stderr.strip().splitlines() or ["pip failed without a message"])[0].rstrip(".")
