"""Environments made by hand: quick, and without an index. Their dependencies are those of the running Python."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sysconfig
import venv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """An environment without pip."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Where things are installed."""
        return next(self.folder.glob("lib/python3*/site-packages"))

    def install(self, wheel: Path) -> None:
        """Unpack a wheel, which is all that installers do with the library part of one."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site_packages)

    def write(self, files: Mapping[str, str], distribution: str = "", version: str = "") -> None:
        """Write *files* below site-packages; as the files of a *distribution*, if one is named."""
        record = ""
        for name, text in files.items():
            path = self.site_packages / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text)}\n"
        if distribution:
            info = f"{distribution.replace('-', '_')}-{version}.dist-info"
            metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
            self.write({f"{info}/METADATA": metadata, f"{info}/RECORD": record})

    def run(self, program: str, cwd: Path | None = None, check: bool = True) -> str:
        """What a program prints, run in a folder with nothing in it."""
        neutral = self.folder / "cwd"
        neutral.mkdir(exist_ok=True)
        done = subprocess.run(
            [str(self.python), "-W", "error", "-c", program], cwd=cwd or neutral, capture_output=True, text=True
        )
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip() or done.stderr.strip()


def make_environment(folder: Path, empty: bool = False) -> Environment:
    """An environment, with the packages of the running Python below its own unless it is to be *empty*."""
    venv.create(folder, symlinks=True)
    made = Environment(folder)
    if not empty:
        # Only a path: the .pth files there are not read, so what is installed there to be edited is not in it.
        (made.site_packages / "zz-dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return made
