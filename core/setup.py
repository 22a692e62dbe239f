"""What core/pyproject.toml cannot say.

The version is that of flytekit-models; how the C is compiled; a bill of materials; and an sdist that comes out the same
every time.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.egg_info import egg_info
from setuptools.command.sdist import sdist

HERE = Path(__file__).parent.resolve()
POSIX_FLAGS = [
    "-std=c11",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-Wno-missing-field-initializers",
    # Where the linker happens to place a loop makes up to a tenth of what reading takes.
    "-falign-functions=64",
    "-falign-loops=32",
    # No path of the machine that compiles it gets into the module.
    f"-ffile-prefix-map={HERE}=.",
]
EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1580601600"))


def version() -> str:
    """The one version: in a checkout flytekit-models has it, in an sdist the metadata."""
    metadata = HERE / "PKG-INFO"
    if metadata.is_file():
        pattern, place = r"^Version: (.+)$", metadata
    else:
        pattern, place = r'^__version__ = "(.+)"$', HERE.parent / "runtime" / "flytekit_models" / "_version.py"
    found = re.search(pattern, place.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{place} names no version")
    return found[1]


class Sdist(sdist):
    """Packs an sdist with nothing in it of the machine or the moment."""

    def make_archive(self, base_name: str, format: str, *args: Any, **kwargs: Any) -> str:
        """Pack the folder that was prepared."""

        def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = EPOCH
            entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
            return entry

        path = f"{base_name}.tar.gz"
        with (
            open(path, "wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=EPOCH) as packed,
            tarfile.open(fileobj=packed, mode="w") as archive,
        ):
            for name in sorted(Path(kwargs["base_dir"]).rglob("*")):
                archive.add(name, recursive=False, filter=plain)
        return path


class EggInfo(egg_info):
    """Adds a bill of materials to the metadata (CycloneDX, PEP 770): nothing in the core comes from elsewhere."""

    def run(self) -> None:
        """Write the metadata, and it."""
        super().run()
        package = f"pkg:pypi/flytekit-models-core@{version()}"
        component = {
            "type": "library",
            "bom-ref": package,
            "name": "flytekit-models-core",
            "version": version(),
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "purl": package,
        }
        bill = {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"component": component},
            "dependencies": [{"ref": package}],
        }
        folder = Path(self.egg_info) / "sboms"
        folder.mkdir(exist_ok=True)
        (folder / "flytekit-models-core.cdx.json").write_text(json.dumps(bill, indent=1) + "\n", encoding="utf-8")


setup(
    version=version(),
    cmdclass={"egg_info": EggInfo, "sdist": Sdist},
    packages=[],
    py_modules=[],
    ext_modules=[
        Extension(
            "flytekit_models_core",
            sources=sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("src/*.c")),
            depends=sorted(path.relative_to(HERE).as_posix() for path in HERE.glob("src/*.h")),
            define_macros=[("CORE_VERSION", f'"{version()}"')],
            extra_compile_args=[] if sys.platform == "win32" else POSIX_FLAGS,
        )
    ],
)
