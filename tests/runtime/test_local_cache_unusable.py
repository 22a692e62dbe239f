"""flytekit.core.local_cache where it can't be used: then it holds nothing and says why, and fails no task."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import lone_cache
import pytest
from cache_cases import integer, literals
from task_cache import NO_INPUTS, files, find, keep, large

from flytekit.core import local_cache
from flytekit.core.local_cache import LocalTaskCache
from flytekit_models._cache import store as store_module

NOBODY = 65_534
ROOT = os.geteuid() == 0
PROGRAM = lone_cache.__file__


def outcomes(*actions: str, home: Path | str, someone: bool = False) -> list[tuple[Any, list[str]]]:
    """What a new process with this home gets from the actions; as someone whom modes of files hold off, if asked."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLYTE_LOCAL_CACHE")}
    environment["HOME"] = str(home)
    command = [sys.executable, "-W", "error", PROGRAM, *(["--as", str(NOBODY)] if someone and ROOT else []), *actions]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return [(outcome, messages) for outcome, messages in json.loads(ended.stdout)]


@pytest.fixture
def home() -> Iterator[Path]:
    """A home whose way is open to everybody, which that of pytest's own folders isn't."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    for folder in [path, *path.rglob("*")]:
        if folder.is_dir():
            folder.chmod(0o755)
    shutil.rmtree(path)


def _readonly_home(home: Path) -> None:
    home.chmod(0o555)


def _file_in_the_way(home: Path) -> None:
    (home / ".flyte").write_text("")


def _file_in_place_of_the_store(home: Path) -> None:
    (home / ".flyte").mkdir()
    (home / ".flyte" / "local-cache").write_text("")


def _foreign_store(home: Path) -> None:
    outcomes("set:1", home=home)
    if not ROOT:
        (home / ".flyte" / "local-cache").chmod(0)


@pytest.mark.parametrize("spoil", [_readonly_home, _file_in_the_way, _file_in_place_of_the_store, _foreign_store])
def test_a_place_where_there_can_be_no_cache(spoil: Any, home: Path) -> None:
    spoil(home)
    found, kept, cleared, initialized = outcomes("get:1", "set:2", "clear", "initialize", home=home, someone=True)
    for outcome, messages in (found, kept):
        assert outcome is None
        assert len(messages) == 1
        assert str(home) in messages[0]
    for outcome, messages in (cleared, initialized):
        assert outcome.startswith("raised ")
        assert str(home) in outcome
        assert not messages


def test_a_home_that_is_missing() -> None:
    """It can't be made either: not by a user who is nobody in particular, and not below /proc by root."""
    for actions in (("get:1",), ("set:1",)):
        ((outcome, messages),) = outcomes(*actions, home="/proc/no-home")
        assert outcome is None
        assert len(messages) == 1
    ((outcome, _),) = outcomes("clear", home="/proc/no-home")
    assert outcome.startswith("raised FileNotFoundError")


def test_a_home_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    """Then ~ stays as it is. It is no folder of that name in the current directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(LocalTaskCache, "_initialized", False)
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_LOCATION", "~no-such-user/cache")
    assert find() is None
    keep(NO_INPUTS)
    assert [("no home" in message) for message in messages] == [True, True]
    with pytest.raises(OSError, match="no home"):
        LocalTaskCache.initialize()
    assert not list(tmp_path.iterdir())


def test_a_store_that_can_only_be_read(home: Path) -> None:
    outcomes("set:1", "large:2", home=home)
    store = home / ".flyte" / "local-cache"
    for path in [store, *store.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = sorted(store.rglob("*"))
    one, two, three, kept, cleared, initialized = outcomes(
        "get:1", "get:2", "get:3", "set:3", "clear", "initialize", home=home, someone=True
    )
    assert one == two == (["o"], [])
    assert three == (None, [])
    assert kept[0] is None
    assert len(kept[1]) == 1
    assert cleared[0].startswith("raised ")
    assert initialized[0].startswith("raised ")
    assert sorted(store.rglob("*")) == before


# --- full disks ---


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 600 kB."""
    path = Path(tempfile.mkdtemp())
    if not ROOT or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", path]).returncode:
        path.rmdir()
        pytest.skip("only root can mount a small disk")
    yield path
    subprocess.run(["umount", "-l", path], check=True)
    path.rmdir()


def _fill(path: Path) -> None:
    with pytest.raises(OSError, match="No space"), (path / "filler").open("ab", buffering=0) as file:
        while True:
            file.write(b"z" * 4096)


def test_a_full_disk(small_disk: Path) -> None:
    steps = outcomes("set:1", "large:2", "huge:3", "get:1", "get:2", "get:3", home=small_disk)
    assert [outcome for outcome, _ in steps] == [None, None, None, ["o"], ["o"], None]
    assert [len(messages) for _, messages in steps] == [0, 0, 1, 0, 0, 0]
    assert "No space" in steps[2][1][0]
    # Nothing stays behind of what didn't fit.
    assert len(files(small_disk / ".flyte" / "local-cache")) == 1

    _fill(small_disk)
    steps = outcomes("get:1", "get:2", "set:4", "large:5", "clear", "get:1", "get:2", home=small_disk)
    assert [outcome for outcome, _ in steps[:5]] == [["o"], ["o"], None, None, None]
    assert [len(messages) for _, messages in steps[:5]] == [0, 0, 1, 1, 0]
    assert [outcome for outcome, _ in steps[5:]] == [None, None]
    assert not files(small_disk / ".flyte" / "local-cache")

    (small_disk / "filler").unlink()
    assert outcomes("get:1", "set:1", "get:1", home=small_disk) == [(None, []), (None, []), (["o"], [])]


@pytest.mark.parametrize("kind", ["set", "large"])
def test_a_disk_that_fills_up_while_the_cache_is_open(kind: str, small_disk: Path, messages: list[str]) -> None:
    """Down to the last byte, with nothing in it but the cache; clearing it gives the space back."""
    LocalTaskCache.initialize(small_disk / "cache")
    kept = 0
    value = large() if kind == "large" else literals(o=integer(1))
    for number in range(20_000):
        LocalTaskCache.set("t", str(number), NO_INPUTS, (), value)
        if messages:
            break
        kept += 1
    assert len(messages) == 1
    if kind == "large":
        assert len(files(small_disk / "cache")) == kept
    _fill(small_disk)
    found = [LocalTaskCache.get("t", str(number), NO_INPUTS, ()) for number in range(kept)]
    assert found == [value] * kept
    before = os.statvfs(small_disk).f_bavail
    LocalTaskCache.clear()
    assert os.statvfs(small_disk).f_bavail > before
    messages.clear()
    assert find() is None
    keep(literals(o=integer(2)))
    assert find() == literals(o=integer(2))
    assert not messages
    local_cache._close()


def test_a_quota(home: Path) -> None:
    """As far as there is one without administration: no file of the process may become larger than that."""
    store = home / ".flyte" / "local-cache"
    steps = outcomes("set:1", "large:2", "limit:100000", "huge:3", "get:1", "get:2", "get:3", "large:4", home=home)
    assert [outcome for outcome, _ in steps] == [None, None, None, None, ["o"], ["o"], None, None]
    assert [len(messages) for _, messages in steps[:7]] == [0, 0, 0, 1, 0, 0, 0]
    assert len(files(store)) == (2 if not steps[7][1] else 1)


def test_no_more_files(home: Path) -> None:
    """Where the descriptors of the process are used up, as is common on servers."""
    LocalTaskCache.initialize(home / "cache")
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "import lone_cache, json\n"
        "lone_cache.logging.getLogger('flytekit').addHandler(lone_cache.Keeper())\n"
        "for action in ('large:1', 'set:2', 'get:1', 'forget'): lone_cache.act(action)\n"
        "held = []\n"
        "try:\n"
        "    while True: held.append(os.open('/dev/null', 0))\n"
        "except OSError: pass\n"
        "found = [lone_cache.act(action) for action in ('get:1', 'get:2', 'set:3', 'large:4')]\n"
        "for descriptor in held: os.close(descriptor)\n"
        "print(json.dumps([found, len(lone_cache.messages), lone_cache.act('get:1')]))\n"
    )
    environment = {**os.environ, "HOME": str(home)}
    command = ["bash", "-c", 'ulimit -n 64; exec "$@"', "-", sys.executable, "-c", program, str(Path(PROGRAM).parent)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == [[None] * 4, 4, ["o"]]


# --- files without a row ---


def _orphan(folder: Path, age: float = 0.0) -> Path:
    path = folder / "ab" / "cd" / f"{0:028x}.val"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"of nobody")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_files_without_a_row_are_swept(cache_folder: Path, messages: list[str]) -> None:
    keep(large())
    (kept,) = files(cache_folder)
    old = _orphan(cache_folder, 3600)
    LocalTaskCache._cache.sweep()
    assert not old.exists()
    assert not old.parent.parent.exists()
    # A store that came from another system.
    with closing(sqlite3.connect(cache_folder / "cache.db", isolation_level=None)) as database:
        database.execute("UPDATE Cache SET filename = replace(filename, '/', '\\')")
    young = _orphan(cache_folder)
    LocalTaskCache._cache.sweep()
    # Its process may be about to insert the row.
    assert young.exists()
    assert kept.exists()
    assert find() == large()
    LocalTaskCache.clear()
    assert not young.exists()
    assert not kept.exists()
    assert not messages


def test_they_are_swept_once_a_day(cache_folder: Path) -> None:
    keep(NO_INPUTS)
    orphan = _orphan(cache_folder, 3600)
    LocalTaskCache.initialize()
    keep(NO_INPUTS)
    assert orphan.exists()
    long_ago = time.time() - store_module.SWEEP_EVERY - 1
    os.utime(cache_folder / "swept", (long_ago, long_ago))
    LocalTaskCache.initialize()
    keep(NO_INPUTS)
    assert not orphan.exists()


def test_a_value_that_could_not_be_entered_leaves_no_file(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    keep(large("old"))

    def fail(*args: Any) -> None:
        raise TimeoutError("locked")

    with monkeypatch.context() as patch:
        patch.setattr(store_module.Store, "_insert", fail)
        keep(large("new"))
    assert len(messages) == 1
    assert len(files(cache_folder)) == 1
    assert find() == large("old")
    keep(large("new"))
    assert len(files(cache_folder)) == 1


# --- opening it ---


def test_it_touches_no_disk_while_it_is_off(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LocalTaskCache.initialize(enabled=False)
    LocalTaskCache.initialize("/proc/none/x", enabled=False)
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "0")
    LocalTaskCache.initialize()
    LocalTaskCache.clear()
    LocalTaskCache._initialized = False
    LocalTaskCache.clear()
    assert not cache_folder.exists()
    # Where there is a store, clearing it is meant.
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_ENABLED")
    keep(NO_INPUTS)
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "0")
    LocalTaskCache.clear()
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_ENABLED")
    assert find() is None


def test_it_is_opened_when_it_is_switched_on_later(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "0")
    LocalTaskCache.initialize(cache_folder / "chosen")
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_ENABLED")
    keep(NO_INPUTS)
    assert find() == NO_INPUTS
    assert (cache_folder / "chosen" / "cache.db").exists()


def test_an_initialize_that_fails_changes_nothing(cache_folder: Path, tmp_path: Path) -> None:
    LocalTaskCache.initialize(tmp_path / "first", timeout=7)
    before = LocalTaskCache._cache
    with pytest.raises(OSError):
        LocalTaskCache.initialize("/proc/none", overwrite=True, timeout=3)
    (tmp_path / "second").mkdir()
    with closing(sqlite3.connect(tmp_path / "second" / "cache.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TimeoutError):
            LocalTaskCache.initialize(tmp_path / "second", overwrite=True, timeout=0.2)
    assert LocalTaskCache._cache is before
    assert (LocalTaskCache._enabled, LocalTaskCache._overwrite, LocalTaskCache._timeout) == (None, None, 7)
    keep(NO_INPUTS)
    assert find() == NO_INPUTS


def test_the_first_use_by_many_threads_waits_once(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    initialize = LocalTaskCache.initialize
    monkeypatch.setattr(LocalTaskCache, "initialize", lambda: initialize(timeout=1.0))
    cache_folder.mkdir()
    took: list[float] = []

    def use() -> None:
        began = time.monotonic()
        assert find() is None
        took.append(time.monotonic() - began)

    with closing(sqlite3.connect(cache_folder / "cache.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        threads = [threading.Thread(target=use) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(took) == 8
    assert max(took) < 4  # one after the other, they take eight


def test_a_store_that_is_chosen_while_another_is_opened_for_want_of_any(
    cache_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = store_module.Store.open

    def slow(self: Any, *, to_write: bool) -> None:
        opened(self, to_write=to_write)
        if not to_write:
            with monkeypatch.context() as patch:
                patch.setattr(local_cache, "_opening", set())
                LocalTaskCache.initialize(tmp_path / "chosen")

    monkeypatch.setattr(store_module.Store, "open", slow)
    assert find() is None
    assert LocalTaskCache._cache.directory == str(tmp_path / "chosen")


@pytest.mark.parametrize("call", [find, lambda: keep(NO_INPUTS)], ids=["get", "set"])
def test_whatever_the_store_raises(call: Any, monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("of some new kind")

    monkeypatch.setattr(LocalTaskCache, "_cache", Broken(), raising=False)
    monkeypatch.setattr(LocalTaskCache, "_initialized", True)
    assert call() is None
    assert len(messages) == 1
    assert "RuntimeError: of some new kind" in messages[0]


def test_a_name_that_no_database_takes(cache_folder: Path, messages: list[str]) -> None:
    LocalTaskCache.set("\udc80", "1", NO_INPUTS, (), NO_INPUTS)
    assert LocalTaskCache.get("\udc80", "1", NO_INPUTS, ()) is None
    assert len(messages) == 2
    assert all(r"\udc80-1-" in message and message.encode() for message in messages)


@pytest.mark.usefixtures("in_folder_00")
def test_empty_folders_are_swept_too(cache_folder: Path) -> None:
    """A process that is killed between two steps leaves such."""
    keep(large())
    (cache_folder / "ab" / "cd").mkdir(parents=True)
    (cache_folder / "ab" / "ef").mkdir()
    LocalTaskCache._cache.sweep()
    assert not (cache_folder / "ab").exists()
    assert find() == large()
