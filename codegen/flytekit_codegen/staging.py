"""Replacing whole folders at once: each new tree is made beside the old one, and the two change places."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from flytekit_codegen.problems import CannotRun

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_OLD = "-old"
_JOURNAL = "-journal.json"
_COMPILED = "__pycache__"


class CannotReplace(CannotRun):
    """A folder cannot be read, or not be replaced; it is as it was."""


class StagedFolder:
    """A context manager with a full copy of a folder, to be changed and then put in the folder's place, or dropped.

    Unchanged files keep their times. Until `commit` the folder itself isn't touched, and leaving the context without
    it drops the copy. A folder that doesn't exist yet counts as empty. Python's compiled modules aren't copied.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.tree = Path()
        self._changed = False
        self._committed = False
        self._existed = False

    def __enter__(self) -> StagedFolder:
        parent = self.folder.parent
        try:
            # Beside the folder, hence on the same file system: only there can the two change places.
            parent.mkdir(parents=True, exist_ok=True)
            self.tree = Path(tempfile.mkdtemp(prefix=f"{_prefix(self.folder)}{os.getpid()}-", dir=parent))
            try:
                self._existed = self.folder.exists()
                if self._existed:
                    ignore = shutil.ignore_patterns(_COMPILED)
                    shutil.copytree(self.folder, self.tree, symlinks=True, dirs_exist_ok=True, ignore=ignore)
                else:
                    self.tree.chmod(0o777 & ~_umask())
            except BaseException:
                shutil.rmtree(self.tree, ignore_errors=True)
                raise
        except (OSError, shutil.Error) as error:
            raise CannotReplace(f"{self.folder.name}/ cannot be copied within {parent}: {_why(error)}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        shutil.rmtree(self.tree, ignore_errors=True)

    def write(self, name: str, text: str) -> bool:
        """Write one file of the copy; False, and nothing done, where that is what it holds already."""
        path, content = self.tree / name, text.encode()
        try:
            if path.is_file() and path.read_bytes() == content:
                return False
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except OSError as error:
            raise CannotReplace(f"{self.folder / name} cannot be written: {_why(error)}.") from error
        self._changed = True
        return True

    def remove(self, name: str) -> bool:
        """Remove one file of the copy, and the folders that it leaves empty; False where there is no such file."""
        path = self.tree / name
        if not path.is_file():
            return False
        path.unlink()
        for parent in path.parents:
            if parent == self.tree or any(parent.iterdir()):
                break
            parent.rmdir()
        self._changed = True
        return True

    def commit(self) -> None:
        """Put the copy in the folder's place, in one step. Nothing is done where nothing was changed.

        Raises:
            CannotReplace: the system refuses; the folder is as it was.
        """
        if not self._changed:
            return
        self._swap()
        self._changed, self._committed = False, True

    def roll_back(self) -> None:
        """Take a `commit` back, if there was one: the folder is again what it was.

        Raises:
            CannotReplace: the system refuses.
        """
        if self._committed:
            self._swap()
            self._changed, self._committed = True, False

    def entry(self) -> tuple[str, str, int, bool]:
        """What a journal needs to tell later whether the two have changed places."""
        return str(self.tree), str(self.folder), self.tree.stat().st_ino, self._existed

    def _swap(self) -> None:
        try:
            if self._existed:
                _exchange(self.tree, self.folder)
            elif self.folder.exists():
                self.folder.rename(self.tree)
            else:
                self.tree.rename(self.folder)
        except OSError as error:
            raise CannotReplace(f"{self.folder} cannot be replaced: {_why(error)}.") from error


def commit_together(folders: Sequence[StagedFolder]) -> None:
    """Put several copies in their folders' places: all of them, or none.

    No system has one step for this. So a journal says what is being done, by which `clean_up` puts things right after
    a process that was killed between two of the steps.

    Raises:
        CannotReplace: the system refuses; all folders are as they were.
    """
    first = folders[0].folder
    journal = first.with_name(f"{_prefix(first)}{os.getpid()}{_JOURNAL}")
    try:
        journal.write_text(json.dumps([folder.entry() for folder in folders]))
        try:
            for folder in folders:
                folder.commit()
        except BaseException:
            for folder in folders:
                folder.roll_back()
            raise
    except OSError as error:
        raise CannotReplace(f"{journal} cannot be written: {_why(error)}.") from error
    finally:
        journal.unlink(missing_ok=True)


def clean_up(folder: Path) -> None:
    """Remove what an earlier run that was killed left beside `folder`, and put back what that run took away.

    Raises:
        CannotReplace: the system refuses.
    """
    folder = folder.resolve()
    prefix = _prefix(folder)
    try:
        # A journal first, for it needs the copies; then `...-old` before its own copy.
        leftovers = sorted(folder.parent.glob(f"{prefix}*"), reverse=True)
        for leftover in sorted(leftovers, key=lambda path: not path.name.endswith(_JOURNAL)):
            process = leftover.name.removeprefix(prefix).partition("-")[0]
            if process.isdecimal() and not _runs(int(process)):
                if leftover.name.endswith(_JOURNAL):
                    _undo(leftover)
                elif leftover.name.endswith(_OLD) and not folder.exists():
                    leftover.rename(folder)
                else:
                    shutil.rmtree(leftover)
    except OSError as error:
        raise CannotReplace(
            f"Files that an earlier run left beside {folder} cannot be removed: {_why(error)}."
        ) from error


def _undo(journal: Path) -> None:
    """Take back what a process did that was killed while it put several copies in place, unless it was done."""
    try:
        entries = [
            (Path(tree), Path(folder), inode, existed)
            for tree, folder, inode, existed in json.loads(journal.read_text())
        ]
    except (ValueError, TypeError):
        entries = []  # Killed while it was written, hence before anything was done.
    swapped = [entry for entry in entries if entry[1].exists() and entry[1].stat().st_ino == entry[2]]
    if len(swapped) < len(entries):
        for tree, folder, _, existed in swapped:
            if existed:
                _exchange(tree, folder)
            else:
                folder.rename(tree)
    journal.unlink()


def _prefix(folder: Path) -> str:
    """How the names of copies begin; the id of the process that made one follows."""
    return f".{folder.name}.sync-"


def _exchange(one: Path, other: Path) -> None:
    """Let two folders change names.

    In one system call where the system and the file system have it, so that there is no moment without the folder,
    even for a process that is killed. Elsewhere by way of a third name, from which `clean_up` can put things right.
    """
    number = _swap_call(one, other)
    if number in (errno.ENOSYS, errno.EINVAL):
        third = one.with_name(one.name + _OLD)
        other.rename(third)
        try:
            one.rename(other)
        except OSError:
            third.rename(other)
            raise
        third.rename(one)
    elif number:
        raise OSError(number, os.strerror(number))


def _swap_call(one: Path, other: Path) -> int:
    """Ask the system to swap two names; gives its error number, 0 for success."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if renameat2 is None:
        return errno.ENOSYS
    failed = renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return ctypes.get_errno() if failed else 0


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _why(error: Exception) -> str:
    if isinstance(error, shutil.Error):
        (_, _, first), *_ = error.args[0]  # copytree tries all files and then gives one reason for each that failed.
        return str(first)
    return getattr(error, "strerror", None) or str(error)
