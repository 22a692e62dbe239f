"""Prints why the core cannot be compiled for the Python that runs this, if that is so."""

from __future__ import annotations

import os
import shutil
import sysconfig
from pathlib import Path

compiler = str(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
headers = Path(sysconfig.get_path("include"))
if shutil.which(compiler) is None:
    print(f"there is no C compiler ({compiler})")
elif not (headers / "Python.h").is_file():
    print(f"Python's headers are not installed (no Python.h in {headers})")
