"""What core/pyproject.toml cannot say: the version, which is that of flytekit-models, and how the C is compiled."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from setuptools import Extension, setup

HERE = Path(__file__).parent.resolve()
POSIX_FLAGS = ["-std=c11", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-missing-field-initializers"]


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


setup(
    version=version(),
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
