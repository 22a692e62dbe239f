"""The files of values that are too large for the database.

Their names come from the database, and the folder may hold anything, so neither is trusted: what isn't a plain file
in two plain folders of the store is never opened, written or removed.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, suppress

from flytekit_models._cache.errors import BadEntryError

__all__ = ["MissingFileError", "ValueFiles", "require_plain"]

_NAME = re.compile(r"([0-9a-f]{2})[/\\]([0-9a-f]{2})[/\\]([0-9a-f]{28}\.val)", re.ASCII)
_FOLDER = re.compile(r"[0-9a-f]{2}", re.ASCII)
_LARGEST = 2**31 - 1
"""The size that no message exceeds, in bytes."""

_AT = os.open in os.supports_dir_fd
"""Whether a file can be opened relative to a folder that is open, so that nobody can exchange the folder meanwhile."""

_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Follows no link, and doesn't wait for the other end of a pipe."""


class MissingFileError(BadEntryError):
    """The file of a value is gone: another process has just replaced the value, or the file is lost."""


def require_plain(path: str, is_kind: Callable[[int], bool] = stat.S_ISREG, folder: int | None = None) -> None:
    """Raise a BadEntryError if there is something at *path* other than a plain file, or what *is_kind* says."""
    try:
        mode = os.stat(path, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    if not is_kind(mode):
        raise BadEntryError(f"{os.path.basename(path)} is a {_called(mode)}")


def _called(mode: int) -> str:
    kinds = {stat.S_IFLNK: "symbolic link", stat.S_IFIFO: "pipe", stat.S_IFDIR: "folder", stat.S_IFREG: "file"}
    return kinds.get(stat.S_IFMT(mode), "device or socket")


class ValueFiles:
    """The files of one store.

    Args:
        directory: The folder of the store. It may itself be reached by a symbolic link.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory

    def read(self, name: object, size: object) -> bytes:
        """Read a file.

        Args:
            name: Its name, as a row has it.
            size: How many bytes it had when it was written.

        Raises:
            MissingFileError: there is none.
            BadEntryError: the name leads out of the store, or to no plain file, or the file has another size.
            OSError: it can't be read.
        """
        try:
            *folders, base = _parts(name)
            with self._opened(*folders) as (folder, way):
                require_plain(way + base, folder=folder)
                with open(os.open(way + base, os.O_RDONLY | _PLAIN, dir_fd=folder), "rb") as file:
                    status = os.fstat(file.fileno())
                    if not stat.S_ISREG(status.st_mode):
                        raise BadEntryError(f"{base} is a {_called(status.st_mode)}")
                    if status.st_size != size or status.st_size > _LARGEST:
                        raise BadEntryError(f"its file has {status.st_size} bytes in place of {size}")
                    return file.read()
        except FileNotFoundError as error:
            raise MissingFileError(f"its file {name} is lost") from error

    def write(self, data: bytes) -> str:
        """Write a new file, whole or not at all.

        Returns:
            Its name.

        Raises:
            OSError: it can't be written.
        """
        attempts = 10
        while True:
            attempts -= 1
            digits = secrets.token_hex(16)
            name = os.path.join(digits[:2], digits[2:4], f"{digits[4:]}.val")
            try:
                self._write(name, data)
                return name
            except (BadEntryError, FileNotFoundError, FileExistsError) as error:
                # Something is in the way; or another process has just removed the folder, which was empty.
                if not attempts:
                    raise OSError(f"no file can be made in {self._directory}: {error}") from error

    def _write(self, name: str, data: bytes) -> None:
        *folders, base = _parts(name)
        try:
            with self._opened(*folders, make=True) as (folder, way):
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN
                with open(os.open(way + base, flags, 0o666, dir_fd=folder), "wb") as file:
                    file.write(data)
        except FileExistsError:  # it is somebody else's
            raise
        except BaseException:
            self.remove(name)
            raise

    def remove(self, name: object) -> None:
        """Remove a file, and its folders if nothing else is in them; do nothing if that can't be done."""
        with suppress(OSError, BadEntryError):
            outer, inner, base = _parts(name)
            with suppress(FileNotFoundError), self._opened(outer, inner) as (folder, way):
                require_plain(way + base, folder=folder)
                os.unlink(way + base, dir_fd=folder)
            self._remove_folders(outer, inner)

    def _remove_folders(self, outer: str, inner: str) -> None:
        # Neither a link nor a folder with something in it is removed by these.
        with self._opened(outer) as (folder, way):
            os.rmdir(way + inner, dir_fd=folder)
        with self._opened() as (folder, way):
            os.rmdir(way + outer, dir_fd=folder)

    def remove_others(self, before: float, known: Callable[[], Set[str]]) -> None:
        """Remove the files that were last written before a time and that *known* doesn't name, and empty folders."""
        names: set[str] = set()
        for outer in _folders(self._directory):
            for inner in _folders(outer.path):
                with suppress(OSError, BadEntryError):
                    with os.scandir(inner.path) as entries:
                        found = list(entries)
                    if not found:
                        self._remove_folders(outer.name, inner.name)
                    old = (entry for entry in found if _is_file_from(before, entry))
                    names.update(os.path.join(outer.name, inner.name, entry.name) for entry in old)
        if names:
            for name in names - {os.path.join(*match.groups()) for match in map(_NAME.fullmatch, known()) if match}:
                self.remove(name)

    @contextmanager
    def _opened(self, *parts: str, make: bool = False) -> Iterator[tuple[int | None, str]]:
        """Open a folder of the store. Gives its descriptor, and the way that leads from there to what is in it.

        Where the operating system has no such descriptors, the way is the whole one.

        Raises:
            BadEntryError: the way leads through something other than plain folders.
        """
        if not _AT:
            way = os.path.join(self._directory, "")
            for part in parts:
                way = os.path.join(way, part, "")
                _enter(way[:-1], None, make)
            yield None, way
            return
        folder = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts:
                _enter(part, folder, make)
                outer, folder = folder, os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(outer)
            yield folder, ""
        finally:
            os.close(folder)


def _parts(name: object) -> tuple[str, str, str]:
    """Take the name of a file apart: two folders and the file itself."""
    match = _NAME.fullmatch(name) if isinstance(name, str) else None
    if not match:
        raise BadEntryError(f"its file {name!r:.100} is outside of the cache, or none of its own")
    return match[1], match[2], match[3]


def _enter(path: str, folder: int | None, make: bool) -> None:
    if make:
        with suppress(FileExistsError):
            os.mkdir(path, dir_fd=folder)
    require_plain(path, stat.S_ISDIR, folder)


def _folders(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return [entry for entry in entries if _FOLDER.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _is_file_from(before: float, entry: os.DirEntry[str]) -> bool:
    with suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        return stat.S_ISREG(status.st_mode) and status.st_mtime < before
    return False
