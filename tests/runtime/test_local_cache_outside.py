"""flytekit.core.local_cache: nothing outside of the store is read, written or deleted, whatever is planted in it."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cache_cases import integer, literals
from task_cache import KEY, find, keep, large

from flytekit.core import local_cache
from flytekit.core.local_cache import LocalTaskCache
from flytekit_models._cache import files
from flytekit_models._cache.errors import BadEntryError
from flytekit_models._cache.files import ValueFiles

NAME = f"ab/cd/{0:028x}.val"
DATA = large().to_flyte_idl().SerializeToString()


@pytest.fixture(autouse=True, params=[True, False], ids=["with descriptors of folders", "without"])
def folder(request: pytest.FixtureRequest, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The store, on a system whose folders have descriptors and on one where they have none."""
    if not request.param:
        monkeypatch.setattr(files, "_AT", False)
    return cache_folder


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """A folder with what a value may be taken for, and with folders that are empty; it has to stay as it is."""
    top = tmp_path / "outside"
    for name in ("thesis.txt", NAME, NAME.replace("ab/", "")):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(DATA)
        os.utime(top / name, (1e9, 1e9))
    (top / "empty").mkdir()
    (top / "ee" / "ee").mkdir(parents=True)

    def seen() -> dict[str, tuple[int, float]]:
        return {str(path): (path.lstat().st_mode, path.lstat().st_mtime) for path in sorted(top.rglob("*"))}

    before = seen()
    yield top
    assert seen() == before
    assert (top / "thesis.txt").read_bytes() == DATA


def plant_row(folder: Path, filename: str | None, mode: int = 2, size: int = len(DATA)) -> None:
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as database:
        database.execute(
            "UPDATE Cache SET filename = ?, mode = ?, size = ?, value = NULL, tag = NULL WHERE key = ?",
            (filename, mode, size, KEY),
        )


def promptly(*actions: Callable[[], object]) -> None:
    """Do it within 20 seconds, which no open of a pipe without a writer does."""
    errors: list[BaseException] = []

    def act() -> None:
        try:
            for action in actions:
                action()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    if errors:
        raise errors[0]


def use() -> None:
    """All that is done to a store. The entry that was planted is none, and the place can be used again."""
    assert find() is None
    keep(large())
    assert find() == large()
    keep(literals(o=integer(1)))
    LocalTaskCache._cache.delete(KEY)
    LocalTaskCache._cache.sweep(age=-1)
    keep(large())
    LocalTaskCache._cache.cull()
    LocalTaskCache.clear()


@pytest.mark.parametrize("mode", [2, 3, 4])
@pytest.mark.parametrize(
    "filename",
    [
        "{outside}/thesis.txt",
        "../outside/thesis.txt",
        "ab/../../outside/thesis.txt",
        "aa/thesis.txt",
        "ab/cd/../../../outside/thesis.txt",
        "ab/cd/" + "0" * 28 + ".val/",
        "ab/cd/" + "0" * 28 + ".val\0",
        "ab/cd/" + "0" * 28 + ".val\n",
        "\0",
        "",
        ".",
        "cache.db",
        "a" * 5000,
        "\u0661\u0662/ab/" + "0" * 28 + ".val",
        "C:\\ab\\" + "0" * 28 + ".val",
        "\\\\server\\ab\\" + "0" * 28 + ".val",
    ],
)
def test_names_that_lead_out_of_the_store(
    filename: str, mode: int, folder: Path, outside: Path, messages: list[str]
) -> None:
    keep(large())
    plant_row(folder, filename.format(outside=outside), mode)
    promptly(use)
    assert len(messages) == 1
    assert KEY in messages[0]


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))  # /dev/zero, which has no end
    except PermissionError:
        path.symlink_to("/dev/zero")


def _socket(path: Path) -> None:
    # A path of a socket may have 107 characters, so it is made elsewhere.
    short = Path("/tmp") / f"s{os.getpid()}.{time.monotonic_ns()}"
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(short))
        shutil.move(short, path)


def _folder(path: Path) -> None:
    path.mkdir()


KINDS = [_fifo, _device, _socket, _folder]


@pytest.mark.parametrize("mode", [2, 4])
@pytest.mark.parametrize("make", KINDS)
def test_files_of_values_that_are_no_files(
    make: Callable[[Path], None], mode: int, folder: Path, messages: list[str]
) -> None:
    keep(large())
    (folder / NAME).parent.mkdir(parents=True)
    make(folder / NAME)
    plant_row(folder, NAME, mode)
    promptly(use)
    assert len(messages) == 1
    # It is nobody's business to remove it.
    assert os.path.lexists(folder / NAME)


@pytest.mark.parametrize("to", [NAME, "thesis.txt", "no-such-file", "empty"])
def test_links_in_place_of_a_file(to: str, folder: Path, outside: Path, messages: list[str]) -> None:
    keep(large())
    (folder / NAME).parent.mkdir(parents=True)
    (folder / NAME).symlink_to(outside / to)
    plant_row(folder, NAME)
    promptly(use)
    assert len(messages) == 1
    assert "symbolic link" in messages[0]


@pytest.mark.usefixtures("in_folder_00")
@pytest.mark.parametrize("level", [0, 1], ids=["the outer folder", "the inner folder"])
def test_links_in_place_of_a_folder(level: int, folder: Path, outside: Path, messages: list[str]) -> None:
    keep(large())
    if level:
        (folder / "ab").mkdir()
        (folder / "ab" / "cd").symlink_to(outside / "ab" / "cd")
    else:
        (folder / "ab").symlink_to(outside / "ab")
    assert (folder / NAME).read_bytes() == DATA
    plant_row(folder, NAME)
    promptly(use)
    assert len(messages) == 1
    assert "symbolic link" in messages[0]


@pytest.mark.usefixtures("in_folder_00")
def test_empty_folders_behind_links_stay(folder: Path, outside: Path) -> None:
    keep(large())
    (folder / "ee").symlink_to(outside / "ee")
    values = ValueFiles(str(folder))
    values.remove(f"ee/ee/{0:028x}.val")
    assert (outside / "ee" / "ee").is_dir()


def test_new_files_are_not_put_behind_links(
    folder: Path, outside: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    LocalTaskCache.initialize()
    for number in range(256):
        (folder / f"{number:02x}").symlink_to(outside / "empty")
    keep(large())
    assert find() is None
    assert len(messages) == 1
    # One of many is no reason to keep nothing.
    (folder / "07").unlink()
    tokens = iter(["00" * 16, "01" * 16, "07" * 16])
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: next(tokens))
    keep(large())
    assert find() == large()
    assert len(messages) == 1


@pytest.mark.parametrize("folder", [True], indirect=True, ids=["with descriptors of folders"])
@pytest.mark.usefixtures("in_folder_00")
def test_a_folder_that_is_exchanged_for_a_link_while_it_is_used(
    folder: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking at a folder and entering it. Only systems whose folders have descriptors are proof against it."""
    keep(large())
    (folder / NAME).parent.mkdir(parents=True)
    plant_row(folder, NAME)
    look = files.require_plain

    def exchange(path: str, *args: object, **kwargs: object) -> None:
        look(path, *args, **kwargs)  # type: ignore[arg-type]
        if path == "ab":
            (folder / "ab").rename(folder / "was-ab")
            (folder / "ab").symlink_to(outside / "ab")

    monkeypatch.setattr(files, "require_plain", exchange)
    assert find() is None


# --- the database and what is beside it ---


BESIDE = ["cache.db", "cache.db-wal", "cache.db-shm", "cache.db-journal", "repair.lock", "swept"]


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("is_open", [True, False], ids=["while it is open", "before it is opened"])
def test_what_stands_in_place_of_the_database(
    is_open: bool, make: Callable[[Path], None], name: str, folder: Path, messages: list[str]
) -> None:
    keep(large())
    if not is_open:
        local_cache._close()
        LocalTaskCache._initialized = False
    with suppress(FileNotFoundError):
        (folder / name).unlink()
    make(folder / name)

    def go_on() -> None:
        for _ in range(3):
            find()
            keep(literals(o=integer(1)))
        with suppress(OSError):
            LocalTaskCache.clear()

    promptly(go_on)


@pytest.mark.parametrize("name", BESIDE)
def test_links_in_place_of_the_database(name: str, folder: Path, outside: Path, messages: list[str]) -> None:
    keep(large())
    local_cache._close()
    with suppress(FileNotFoundError):
        (folder / name).unlink()
    (folder / name).symlink_to(outside / ("no-such-file" if name == "swept" else "thesis.txt"))

    def go_on() -> None:
        for _ in range(3):
            find()
            keep(literals(o=integer(1)))
            LocalTaskCache.clear()
            local_cache._close()

    promptly(go_on)
    if name in ("cache.db", "cache.db-wal", "cache.db-shm", "cache.db-journal"):
        assert len(messages) == 1
        assert "symbolic link" in messages[0]
        assert len(list(folder.glob("damaged-*"))) == 1
    else:
        assert not messages


def test_a_repair_behind_a_lock_that_is_a_link(folder: Path, outside: Path, messages: list[str]) -> None:
    keep(large())
    local_cache._close()
    (folder / "cache.db").write_bytes(b"no database" * 1000)
    (folder / "repair.lock").symlink_to(outside / "thesis.txt")
    assert find() is None
    assert len(messages) == 1
    assert "repair.lock is a symbolic link" in messages[0]


def test_the_folder_itself_may_be_a_link(tmp_path: Path, messages: list[str]) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "scratch")
    LocalTaskCache.initialize(tmp_path / "link")
    keep(large())
    assert find() == large()
    assert not messages


# --- values that are not what their row says ---


@pytest.mark.parametrize("size", [0, 5, len(DATA) - 1, len(DATA) + 1, 2**40, -1])
def test_a_file_of_another_size(size: int, folder: Path, messages: list[str]) -> None:
    """Also of flytekit's, which have no checksum."""
    keep(large())
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as database:
        database.execute("UPDATE Cache SET size = ?, tag = NULL", (size,))
    assert find() is None
    assert len(messages) == 1


def test_a_file_that_is_larger_than_any_message(folder: Path, messages: list[str]) -> None:
    keep(large())
    (folder / NAME).parent.mkdir(parents=True)
    with (folder / NAME).open("wb") as file:
        file.truncate(2**32)
    plant_row(folder, NAME, size=2**32)
    promptly(use)
    assert len(messages) == 1


@pytest.mark.parametrize(
    "change",
    ["mode = 0", "mode = 7", "mode = 'x'", "mode = 4, value = NULL", "mode = 4, value = 5", "mode = 1, value = NULL"],
)
def test_rows_that_make_no_sense(change: str, folder: Path) -> None:
    keep(literals(o=integer(1)))
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as database:
        database.execute(f"UPDATE Cache SET {change}")
    promptly(use)


def test_a_text_that_is_none(folder: Path) -> None:
    keep(large())
    (folder / NAME).parent.mkdir(parents=True)
    (folder / NAME).write_bytes(b"\xff\xfe")
    plant_row(folder, NAME, mode=3, size=2)
    with pytest.raises(BadEntryError):
        LocalTaskCache._cache.get(KEY)
