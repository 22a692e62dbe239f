"""Where files are, and what a program is called, for :mod:`flytekit.core.tracker`."""

from __future__ import annotations

import inspect
import os
import sysconfig
from functools import lru_cache
from pathlib import Path
from typing import Any

from flytekit.core.module_names import _mod_sanitizer

MAIN_NAMES = ("__main__", "__mp_main__")
"""The names that the program's own module runs under; the second one in a child process of ``multiprocessing``."""


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # It has been deleted.
        return ""


_STARTED_IN = _working_directory()
"""Relative names mean what they meant when the program started, wherever it has gone since."""


@lru_cache(maxsize=1024)
def _resolve_absolute(file: str) -> Path:
    return Path(file).resolve()


def resolved(file: Any) -> Path | None:
    """The file as an absolute path free of symbolic links; None for what is not a path."""
    if not isinstance(file, (str, os.PathLike)):
        return None
    file = os.fspath(file)
    # A relative path means another file after a change of directory, so it must not be remembered.
    return _resolve_absolute(file) if os.path.isabs(file) else Path(file).resolve()


def _is_installed_program(file: Path) -> bool:
    """Whether the program in ``file`` is a tool such as pytest, which runs code that is not its own."""
    return (
        not {"site-packages", "dist-packages"}.isdisjoint(file.parts)
        or file.is_relative_to(sysconfig.get_path("stdlib"))
        or any(parent.is_file() for parent in file.parents)  # An archive, as Windows has them for console scripts.
    )


def absolute(name: str) -> str:
    """A relative name as the program meant it when it started; where there is nothing of that name, as it means now."""
    then = os.path.join(_STARTED_IN, name)
    return os.path.abspath(then if os.path.exists(then) else name)


@lru_cache(maxsize=256)
def name_of_main(file: str, run_as: str | None, own_code: bool) -> str | None:
    """The name of the program's module, which stays what it is when the working directory changes."""
    path = Path(absolute(file))
    if inspect.getmodulename(file) is None or (not own_code and _is_installed_program(path)):
        return None
    if run_as is not None and run_as not in MAIN_NAMES:
        return run_as
    for directory in (_STARTED_IN, _working_directory()):
        if directory and path.is_relative_to(directory):
            *folders, name = path.relative_to(directory).with_suffix("").parts
            if all(folder.isidentifier() for folder in folders) and "." not in name:
                return ".".join((*folders, name))
    return _mod_sanitizer.get_absolute_module_name(str(path))
