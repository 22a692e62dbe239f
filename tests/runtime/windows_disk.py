"""A pretended Windows below a directory of this machine, for fsspec's local file system to run on.

``os``, ``os.path``, ``shutil`` and ``open`` are replaced where fsspec looks them up, nowhere else. Paths are read by
``ntpath``; the file ``C:\\folder\\file`` is ``<root>/C/folder/file``, and ``\\\\server\\share\\x`` is
``<root>/server/share/x``.
"""

from __future__ import annotations

import builtins
import importlib.util
import ntpath
import os
import shutil
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec.implementations.local
import fsspec.spec
import fsspec.utils
import pytest

import flytekit.core.local_fsspec


class WindowsDisk:
    """:param root: an existing directory, below which the pretended drives lie."""

    cwd = "C:\\work"

    def __init__(self, root: Path) -> None:
        self.root = root
        self.real(self.cwd).mkdir(parents=True)

    def real(self, path: str | os.PathLike[str]) -> Path:
        """Where a Windows path lies on this machine."""
        drive, rest = ntpath.splitdrive(ntpath.normpath(ntpath.join(self.cwd, os.fspath(path))))
        parts = [part for part in (*drive.rstrip(":").split("\\"), *rest.split("\\")) if part]
        return self.root.joinpath(*parts)

    def files(self, path: str) -> dict[str, str]:
        """What lies below a directory: the relative path with slashes, and the text, of each file."""
        top = self.real(path)
        return {file.relative_to(top).as_posix(): file.read_text() for file in top.rglob("*") if file.is_file()}

    def write(self, path: str, text: str) -> None:
        self.real(path).parent.mkdir(parents=True, exist_ok=True)
        self.real(path).write_text(text)

    def on_real_paths(self, function: Callable[..., Any], paths: int = 1) -> Callable[..., Any]:
        """The function, with its first arguments read as Windows paths; file descriptors stay as they are."""

        def call(*args: Any, **kwargs: Any) -> Any:
            read = (self.real(arg) if isinstance(arg, (str, os.PathLike)) else arg for arg in args[:paths])
            return function(*read, *args[paths:], **kwargs)

        return call

    @contextmanager
    def mounted(self) -> Iterator[type[flytekit.core.local_fsspec.FlyteLocalFileSystem]]:
        """Pretend, for as long as the context lasts; gives the class as it is on Windows."""
        path = _overlay(ntpath, {name: self.on_real_paths(getattr(os.path, name)) for name in _ASKING_THE_DISK})
        path.abspath = lambda path: ntpath.normpath(ntpath.join(self.cwd, path))
        path.expanduser = lambda path: "C:\\Users\\me" + path[1:] if path.startswith("~") else path
        disk = _overlay(os, {name: self.on_real_paths(getattr(os, name)) for name in _CHANGING_THE_DISK})
        disk.sep, disk.altsep, disk.path, disk.DirEntry = "\\", "/", path, _Entry
        disk.getcwd = lambda: self.cwd
        disk.scandir = self._scandir
        trees = _overlay(shutil, {name: self.on_real_paths(getattr(shutil, name), 2) for name in ("copyfile", "move")})
        trees.rmtree = self.on_real_paths(shutil.rmtree)
        local = fsspec.implementations.local
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "sep", "\\")
            spec = importlib.util.find_spec(flytekit.core.local_fsspec.__name__)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        with pytest.MonkeyPatch.context() as patch:
            for reader in (local, fsspec.spec, fsspec.utils):
                patch.setattr(reader, "os", disk, raising=False)
            patch.setattr(local, "osp", path)
            patch.setattr(local, "shutil", trees)
            patch.setattr(local, "open", self.on_real_paths(builtins.open), raising=False)
            yield module.FlyteLocalFileSystem

    @contextmanager
    def _scandir(self, path: str) -> Iterator[Iterator[_Entry]]:
        with os.scandir(self.real(path)) as entries:
            yield (_Entry(entry, ntpath.join(path, entry.name)) for entry in entries)


class _Entry:
    """A directory entry that gives its path as Windows would."""

    def __init__(self, entry: os.DirEntry[str], path: str) -> None:
        self._entry = entry
        self.path = path

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)


_ASKING_THE_DISK = ("exists", "lexists", "isfile", "isdir", "islink")
_CHANGING_THE_DISK = ("stat", "lstat", "mkdir", "makedirs", "rmdir", "remove", "utime", "truncate", "chmod", "readlink")


def _overlay(module: types.ModuleType, replacements: dict[str, Any]) -> Any:
    """A copy of a module with some members replaced."""
    copy = types.ModuleType(module.__name__)
    vars(copy).update({**vars(module), **replacements})
    return copy
