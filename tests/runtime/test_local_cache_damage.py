"""flytekit.core.local_cache: entries and databases that are damaged, planted, locked or gone."""

from __future__ import annotations

import copyreg
import multiprocessing
import os
import pickle
import shutil
import sqlite3
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import diskcache
import pytest
from cache_cases import integer, literals
from task_cache import KEY, NO_INPUTS, find, keep, large, plant, sql

from flytekit.core import local_cache
from flytekit.core.local_cache import LocalTaskCache
from flytekit.models.literals import Literal, LiteralMap, Primitive, Scalar
from flytekit_models._cache import database, forks, reader, repair
from flytekit_models._cache.database import Database, identity
from flytekit_models._cache.errors import BadEntryError, DamagedError
from flytekit_models._cache.files import ValueFiles
from flytekit_models._cache.repair import set_aside

FORKING = hasattr(os, "fork")


@pytest.fixture(autouse=True)
def folder(cache_folder: Path) -> Path:
    return cache_folder


# --- entries ---


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = function, args

    def __reduce__(self) -> Any:
        return self.call


class Named:
    """Pickles as a name in a module."""

    def __init__(self, module: str, name: str) -> None:
        self.name = module, name


def _pickled_name(named: Named, *args: str) -> bytes:
    """A pickle that calls what has this name, spelt as protocol 4 spells it."""
    spelt = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in named.name)
    arguments = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in args)
    return b"\x80\x04" + spelt + b"\x93(" + arguments + b"tR."


def _touch(path: str) -> None:
    Path(path).write_text("executed")


@pytest.mark.parametrize("padding", [0, 50_000], ids=["in the database", "in a file"])
@pytest.mark.parametrize(
    "payload",
    [
        lambda path: Calls(_touch, path),
        lambda path: Calls(os.system, f"touch {path}"),
        lambda path: Calls(eval, f"open({path!r}, 'w')"),
        lambda path: Calls(open, path, "w"),
        lambda path: Calls(getattr, Path(path), "touch"),
        lambda path: Calls(copyreg._reconstructor, Path, object, None),
        lambda path: Calls(copyreg._reconstructor, LiteralMap, list, [1]),
        lambda path: literals(o=Literal(scalar=Calls(os.system, f"touch {path}"))),  # type: ignore[arg-type]
        lambda path: OrderedDict(a=Calls(_touch, path)),
    ],
)
def test_planted_pickles_execute_nothing(
    payload: Callable[[str], object], padding: int, folder: Path, tmp_path: Path, messages: list[str]
) -> None:
    executed = tmp_path / "executed"
    plant(folder, [payload(str(executed)), "x" * padding])
    assert find() is None
    assert not executed.exists()
    assert len(messages) == 1
    assert "can't be read" in messages[0]


@pytest.mark.parametrize(
    "named",
    [
        Named("os", "system"),
        Named("posix", "system"),
        Named("builtins", "eval"),
        Named("subprocess", "Popen"),
        Named("flytekit.core.local_cache", "os.system"),
        Named("flytekit.models.literals", "LiteralMap.from_flyte_idl.__globals__"),
        Named("flytekit.models.literals", "LiteralMap.from_flyte_idl"),
        Named("flytekit.models.literals", "annotations"),
        Named("flytekit.models.literals", "Any"),
        Named("flytekit.models.literals", "no_such_thing"),
        Named("flytekit.models.no_such_module", "X"),
        Named("flytekit.models_that_are_none", "X"),
        Named("google.protobuf.struct_pb2", "_descriptor"),
    ],
    ids=lambda named: ".".join(named.name),
)
def test_names_that_are_no_model(named: Named, tmp_path: Path) -> None:
    executed = tmp_path / "executed"
    with pytest.raises(BadEntryError):
        reader.unpickle(_pickled_name(named, f"touch {executed}"))
    assert not executed.exists()


def test_planted_keys_execute_nothing(folder: Path, tmp_path: Path) -> None:
    executed = tmp_path / "executed"
    LocalTaskCache.initialize()
    with diskcache.Cache(str(folder)) as theirs:
        theirs.set(Calls(_touch, str(executed)), b"")
        theirs.set(("plain", 1), b"")
    executed.unlink(missing_ok=True)  # diskcache itself pickles the key, and doesn't load it
    assert LocalTaskCache._cache.keys() == []
    assert len(LocalTaskCache._cache) == 2
    LocalTaskCache.clear()
    assert not executed.exists()


class AsKept:
    """Pickles as a model of an old release: without its constructor, with its attributes as they were then."""

    def __init__(self, cls: type, **state: Any) -> None:
        self.reduced = copyreg._reconstructor, (cls, object, None), state

    def __reduce__(self) -> Any:
        return self.reduced


def test_models_of_old_releases(folder: Path, messages: list[str]) -> None:
    """Before flytekit 1.13.6, literals had no ``_offloaded_metadata``."""
    arms = dict.fromkeys(["_blob", "_binary", "_schema", "_union", "_none_type", "_error", "_generic"])
    values = dict.fromkeys(["_float_value", "_string_value", "_boolean", "_datetime", "_duration"])
    primitive = AsKept(Primitive, _integer=7, **values)
    literal = AsKept(
        Literal,
        _scalar=AsKept(Scalar, _primitive=primitive, _structured_dataset=None, **arms),
        _collection=None,
        _map=None,
        _hash=None,
        _metadata=None,
    )
    plant(folder, AsKept(LiteralMap, _literals={"o": literal}))
    assert find() == literals(o=integer(7))
    assert not messages


@pytest.mark.parametrize(
    "value",
    [
        b"\xff\xff garbage",
        b"\x0a\xff",
        "text",
        "text" * 20_000,
        5,
        1.5,
        ["a list"],
        integer(3),
        AsKept(LiteralMap, _literals={"o": "no literal"}),
        AsKept(LiteralMap, _literals=5),
    ],
    ids=["garbage", "cut short", "text", "long text", "int", "float", "list", "another model", "no literal", "no dict"],
)
def test_entries_that_are_no_results(value: object, folder: Path, messages: list[str]) -> None:
    plant(folder, value)
    assert find() is None
    assert len(messages) == 1
    # It was dropped, and so it is reported once.
    assert find() is None
    assert len(messages) == 1
    keep(literals(o=integer(1)))
    assert find() == literals(o=integer(1))


def test_a_truncated_pickle(folder: Path, messages: list[str]) -> None:
    LocalTaskCache.initialize()
    data = pickle.dumps(literals(o=integer(1)))
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as database:
        for cut in range(0, len(data), 7):
            keep(literals(o=integer(1)))
            database.execute("UPDATE Cache SET mode = 4, tag = NULL, value = ? WHERE key = ?", (data[:cut], KEY))
            assert find() is None
    assert len(messages) == len(range(0, len(data), 7))


@pytest.mark.parametrize("value", [literals(a=integer(1), b=integer(2)), large()], ids=["in the database", "in a file"])
def test_values_that_changed_are_not_believed(value: LiteralMap, folder: Path, messages: list[str]) -> None:
    """Also where what is left is a message, with one of two outputs missing or changed."""
    keep(value)
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as database:
        filename, data = database.execute("SELECT filename, value FROM Cache WHERE key = ?", (KEY,)).fetchone()
        if filename:
            path = folder / filename
            path.write_bytes(path.read_bytes().replace(b"xx", b"xy", 1))
        else:
            database.execute("UPDATE Cache SET value = ?", (data[: len(data) // 2],))
            assert type(value.to_flyte_idl()).FromString(data[: len(data) // 2])
    assert find() is None
    assert len(messages) == 1
    assert "checksum" in messages[0]


def test_a_value_whose_file_is_lost(folder: Path, messages: list[str]) -> None:
    keep(large())
    (file,) = folder.glob("??/??/*.val")
    file.unlink()
    assert find() is None
    assert len(messages) == 1
    keep(large())
    assert find() == large()


def test_a_value_that_was_replaced_while_it_was_read(monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    keep(large("old"))
    read = ValueFiles.read
    replaced: list[object] = []

    def replacing(self: ValueFiles, name: object, size: object) -> bytes:
        if not replaced:
            replaced.append(name)
            keep(large("new"))
        return read(self, name, size)

    monkeypatch.setattr(ValueFiles, "read", replacing)
    assert find() == large("new")
    assert replaced
    assert not messages


def test_a_value_whose_file_may_not_be_read(monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    keep(large())

    def refuse(*args: Any) -> Any:
        raise PermissionError("no permission")

    with monkeypatch.context() as patch:
        patch.setattr(ValueFiles, "read", refuse)
        assert find() is None
    assert len(messages) == 1
    assert "no permission" in messages[0]
    # That may be over soon, so the entry was kept.
    assert find() == large()


@pytest.mark.parametrize("outside", ["../outside", "/{}/outside", "a/../../outside"])
def test_files_outside_of_the_cache_are_let_be(outside: str, folder: Path, tmp_path: Path, messages: list[str]) -> None:
    victim = tmp_path / "outside"
    victim.write_bytes(large().to_flyte_idl().SerializeToString())
    keep(large())
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as database:
        database.execute("UPDATE Cache SET tag = NULL, filename = ?", (outside.format(tmp_path).replace("//", "/"),))
    assert find() is None  # which drops the entry, but not the file
    assert victim.exists()
    assert [("outside of the cache" in message) for message in messages] == [True]


@pytest.mark.parametrize("old", [b"", b"x" * 50_000], ids=["in the database", "in a file"])
def test_entries_that_expire(old: bytes, folder: Path) -> None:
    """flytekit keeps none, but its store can."""
    plant(folder, old, expire=0.05)
    time.sleep(0.1)
    assert find() is None
    assert len(LocalTaskCache._cache) == 1
    keep(literals(o=integer(1)))
    assert find() == literals(o=integer(1))
    assert not list(folder.glob("??/??/*.val"))
    plant(folder, old, expire=0.05)
    time.sleep(0.1)
    LocalTaskCache._cache.cull()
    assert len(LocalTaskCache._cache) == 0
    assert not list(folder.glob("??/??/*.val"))


@pytest.mark.parametrize(
    ("policy", "last"),
    [("least-recently-stored", "1"), ("least-recently-used", "0"), ("least-frequently-used", "0"), ("none", "01")],
)
def test_what_the_settings_say_of_culling(policy: str, last: str, folder: Path) -> None:
    """The settings are those of flytekit's store, and may have been changed by it."""
    with diskcache.Cache(str(folder), eviction_policy=policy, statistics=1):
        pass
    for number in "01":
        LocalTaskCache.set("t", number, NO_INPUTS, (), large(number))
        time.sleep(0.01)
    assert LocalTaskCache.get("t", "0", NO_INPUTS, ()) == large("0")
    assert LocalTaskCache.get("t", "2", NO_INPUTS, ()) is None
    with diskcache.Cache(str(folder)) as theirs:
        assert theirs.stats() == (1, 1)
        assert theirs.eviction_policy == policy
    sql(f"UPDATE Settings SET value = {LocalTaskCache._cache.volume() - 10_000} WHERE key = 'size_limit'")
    sql("UPDATE Settings SET value = 0 WHERE key = 'cull_limit'")
    LocalTaskCache._cache.cull()
    assert len(LocalTaskCache._cache) == 2
    sql("UPDATE Settings SET value = 10 WHERE key = 'cull_limit'")
    LocalTaskCache._cache.cull()
    assert "".join(n for n in "01" if LocalTaskCache.get("t", n, NO_INPUTS, ()) is not None) == last


# --- the database ---


def _garbage(path: Path) -> None:
    path.write_bytes(b"no database at all " * 1000)


def _truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))


def _other_tables(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE Cache (something TEXT)")
        database.commit()


def _senseless_settings(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE Settings SET value = 'no-such-policy' WHERE key = 'eviction_policy'")
        database.commit()


def _unknown_settings(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO Settings VALUES ('disk_of_another_kind', 1)")
        database.commit()


DAMAGES = [_garbage, _truncated, _overwritten, _other_tables, _senseless_settings, _unknown_settings]


def _get() -> None:
    assert find() is None


def _set() -> None:
    keep(literals(o=integer(5)))
    assert find() == literals(o=integer(5))


ACTIONS = [_get, _set, LocalTaskCache.clear]


@pytest.mark.parametrize("action", ACTIONS, ids=["get", "set", "clear"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_set_aside_when_it_is_opened(
    damage: Callable[[Path], None], action: Callable[[], None], folder: Path, messages: list[str]
) -> None:
    for number in range(50):
        LocalTaskCache.set("t", str(number), NO_INPUTS, (), literals(o=integer(number)))
    keep(large())
    local_cache._close()
    LocalTaskCache._initialized = False
    damage(folder / "cache.db")

    action()

    assert len(messages) == 1
    (aside,) = folder.glob("damaged-*")
    assert (aside / "cache.db").exists()
    assert list(aside.glob("??/??/*.val"))
    assert aside.stat().st_mode & 0o777 == 0o700
    _set()
    LocalTaskCache.clear()
    assert len(messages) == 1


@pytest.mark.parametrize("action", ACTIONS, ids=["get", "set", "clear"])
@pytest.mark.parametrize("damage", ["DROP TABLE Cache", "ALTER TABLE Cache RENAME COLUMN value TO content"])
def test_a_database_that_is_damaged_while_it_is_open(
    damage: str, action: Callable[[], None], folder: Path, messages: list[str]
) -> None:
    keep(literals(o=integer(1)))
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as database:
        database.execute(damage)
    if action is LocalTaskCache.clear and "RENAME" in damage:
        action()  # which needs no column of that name
        assert not messages
    else:
        action()
        assert len(messages) == 1
        assert len(list(folder.glob("damaged-*"))) == 1
    _set()


def test_a_database_that_is_cut_short_while_it_is_open(folder: Path) -> None:
    """It may be read from memory as before, or be set aside; the process goes on, and nothing wrong is read."""
    for number in range(200):
        LocalTaskCache.set("t", str(number), NO_INPUTS, (), literals(o=integer(number)))
    sql("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(folder / "cache.db", 5000)
    for number in range(200):
        found = LocalTaskCache.get("t", str(number), NO_INPUTS, ())
        assert found is None or found == literals(o=integer(number))
    _set()


def test_a_folder_that_is_removed_while_the_cache_is_open(folder: Path) -> None:
    keep(literals(o=integer(1)))
    local_cache._close()
    shutil.rmtree(folder)
    errors: list[BaseException] = []

    def use() -> None:  # in a new thread, which has no connection yet
        try:
            _set()
        except BaseException as error:
            errors.append(error)
        finally:
            LocalTaskCache._cache.close()

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert not errors
    assert folder.exists()


def test_one_process_replaces_a_damaged_database_for_all(folder: Path, messages: list[str]) -> None:
    """The second one to find the damage finds it repaired."""
    keep(literals(o=integer(1)))
    damaged = identity(str(folder))
    assert set_aside(str(folder), damaged, 1) is not None
    with diskcache.Cache(str(folder)):
        pass
    assert set_aside(str(folder), damaged, 1) is None
    assert len(list(folder.glob("damaged-*"))) == 1
    _set()
    assert not messages


def test_what_another_process_put_in_place_is_used_at_once(folder: Path) -> None:
    keep(literals(o=integer(1)))
    set_aside(str(folder), identity(str(folder)), 1)
    plant(folder, literals(o=integer(2)).to_flyte_idl().SerializeToString())
    assert find() == literals(o=integer(2))


def test_a_folder_that_is_set_aside_to_is_new(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link of that name, which somebody foresaw, is not followed."""
    keep(large())
    (tmp_path / "outside").mkdir()
    monkeypatch.setattr(time, "strftime", lambda *args: "now")
    (folder / f"damaged-now-{os.getpid()}").symlink_to(tmp_path / "outside")
    place = set_aside(str(folder), identity(str(folder)), 1)
    assert place == str(folder / f"damaged-now-{os.getpid()}-1")
    assert not list((tmp_path / "outside").iterdir())


def test_a_database_that_is_damaged_again_at_once(monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    keep(literals(o=integer(1)))

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise DamagedError("database disk image is malformed", identity(LocalTaskCache._cache.directory))

    monkeypatch.setattr(Database, "run", fail)
    assert find() is None
    assert [("malformed" in message) for message in messages] == [True, True]
    with pytest.raises(OSError, match="malformed"):
        LocalTaskCache.clear()


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("database or disk is full"), sqlite3.ProgrammingError("closed"), KeyError("k")]
)
def test_errors_that_say_nothing_about_the_database(
    error: Exception, monkeypatch: pytest.MonkeyPatch, folder: Path, messages: list[str]
) -> None:
    keep(literals(o=integer(1)))

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(database._Connection, "execute", fail, raising=False)
        assert find() is None
        keep(literals(o=integer(2)))
    assert [(str(error) in message) for message in messages] == [True, True]
    assert not list(folder.glob("damaged-*"))
    assert find() == literals(o=integer(1))


# --- planted ---


TRIGGER = "CREATE TRIGGER planted AFTER UPDATE ON Cache BEGIN DELETE FROM Settings; END"
ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n FROM r) SELECT"


@pytest.mark.parametrize(
    "script",
    [
        TRIGGER,
        TRIGGER.replace("planted", "Settings_count_insert").replace("TRIGGER", "TRIGGER IF NOT EXISTS"),
        "DROP TRIGGER Settings_size_update; " + TRIGGER.replace("planted", "Settings_size_update"),
        f"ALTER TABLE Cache RENAME TO Old; CREATE VIEW Cache AS {ENDLESS} 1 AS rowid, 'k' AS key, 1 AS raw FROM r",
        f"ALTER TABLE Settings RENAME TO Old; CREATE VIEW Settings AS {ENDLESS} 'a' AS key, n AS value FROM r",
    ],
    ids=["a trigger", "one more of a known name", "one in place of another", "an endless view", "endless settings"],
)
def test_what_runs_by_itself_in_a_planted_database(script: str, folder: Path, messages: list[str]) -> None:
    keep(literals(o=integer(1)))
    local_cache._close()
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as planted:
        planted.executescript(script)
        changed = planted.execute("SELECT count(*) FROM sqlite_master WHERE sql LIKE '%DELETE FROM Settings%'")
        harmless = "VIEW" not in script and changed.fetchone() == (0,)
    found = find()
    assert (found is None) is not harmless
    assert len(list(folder.glob("damaged-*"))) == len(messages) == (0 if harmless else 1)
    _set()


def test_settings_whose_names_are_no_text(folder: Path, messages: list[str]) -> None:
    keep(literals(o=integer(1)))
    local_cache._close()
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as planted:
        planted.execute("INSERT INTO Settings VALUES (x'00ff', x'00')")
    assert find() == literals(o=integer(1))
    assert not messages


@pytest.mark.parametrize("change", ["size_limit = 'much'", "cull_limit = NULL", "disk_min_file_size = x'00'"])
def test_settings_that_are_no_numbers(change: str, folder: Path, messages: list[str]) -> None:
    keep(literals(o=integer(1)))
    local_cache._close()
    name, value = change.split(" = ")
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as planted:
        planted.execute(f"UPDATE Settings SET value = {value} WHERE key = ?", (name,))
    assert find() is None
    assert len(messages) == 1
    _set()


# --- locks ---


@pytest.fixture
def locked(folder: Path) -> Iterator[None]:
    """Another program holds the database's lock."""
    LocalTaskCache.initialize(timeout=0.4)
    keep(literals(o=integer(1)))
    local_cache._close()
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("UPDATE Settings SET value = value")
        yield


@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("is_open", [True, False])
def test_nothing_waits_longer_than_the_time_out(is_open: bool, messages: list[str]) -> None:
    for action in [lambda: find() is None, lambda: keep(NO_INPUTS) is None, LocalTaskCache.clear]:
        LocalTaskCache._initialized = is_open
        # initialize() without arguments would bring the usual time-out back.
        if not is_open:
            action = _opening(action)
        started = time.monotonic()
        if action in (LocalTaskCache.clear,) or not is_open:
            with pytest.raises(TimeoutError):
                action()
        else:
            assert action()
        assert time.monotonic() - started < 3
    assert len(messages) == (2 if is_open else 0)


def _opening(action: Callable[[], object]) -> Callable[[], object]:
    def open_and_act() -> object:
        LocalTaskCache.initialize(timeout=0.4)
        return action()

    return open_and_act


@pytest.mark.usefixtures("locked")
def test_a_cache_that_cannot_be_opened_in_time_is_no_error_for_a_task(
    monkeypatch: pytest.MonkeyPatch, messages: list[str]
) -> None:
    initialize = LocalTaskCache.initialize
    monkeypatch.setattr(LocalTaskCache, "initialize", lambda: initialize(timeout=0.2))
    LocalTaskCache._initialized = False
    assert find() is None
    keep(NO_INPUTS)
    assert len(messages) == 2
    with pytest.raises(TimeoutError):
        LocalTaskCache.clear()


def test_waiting_for_a_repair_has_a_limit(folder: Path) -> None:
    LocalTaskCache.initialize()
    with closing(sqlite3.connect(folder / "repair.lock", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(TimeoutError):
            set_aside(str(folder), identity(str(folder)), 0.1)


def test_a_repair_does_not_wait_for_itself(folder: Path) -> None:
    """A signal handler that comes in the middle of a repair finds it going on."""
    LocalTaskCache.initialize()
    with repair._lock(str(folder), 60), pytest.raises(TimeoutError, match="being repaired"):
        set_aside(str(folder), identity(str(folder)), 60)


# --- threads and processes ---


def test_many_threads(messages: list[str]) -> None:
    wrong: list[object] = []
    start = threading.Barrier(8)

    def use(thread: int) -> None:
        start.wait()
        for number in range(25):
            LocalTaskCache.set("t", f"{thread}.{number}", NO_INPUTS, (), literals(o=integer(number)))
            found = LocalTaskCache.get("t", f"{thread}.{number}", NO_INPUTS, ())
            if found != literals(o=integer(number)):
                wrong.append(found)
        LocalTaskCache._cache.close()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not messages


@pytest.mark.skipif(not FORKING, reason="this operating system has no fork")
def test_a_forked_process_while_another_thread_uses_the_cache() -> None:
    keep(literals(o=integer(1)))
    done = threading.Event()

    def use() -> None:
        while not done.is_set():
            LocalTaskCache.set("t", "other", NO_INPUTS, (), NO_INPUTS)

    thread = threading.Thread(target=use)
    thread.start()
    child = multiprocessing.get_context("fork").Process(target=_reopen)
    if sys.version_info >= (3, 12):
        with pytest.warns(DeprecationWarning, match="fork"):
            child.start()
    else:
        child.start()
    child.join(20)
    done.set()
    thread.join()
    assert child.exitcode == 0
    assert find() == literals(o=integer(2))


@pytest.mark.skipif(not FORKING, reason="this operating system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("limit", [forks.LONGEST, 0.05], ids=["for the other thread", "no longer than the limit"])
def test_a_fork_waits(limit: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """For another thread that is in the middle of SQLite: the child would find its locks held for ever."""
    monkeypatch.setattr(forks, "LONGEST", limit)
    inside = threading.Event()
    left: list[float] = []

    def use() -> None:
        with forks.unforked():
            inside.set()
            time.sleep(0.3)
            left.append(time.monotonic())

    thread = threading.Thread(target=use)
    thread.start()
    inside.wait()
    child = multiprocessing.get_context("fork").Process(target=_lock_once)
    child.start()
    forked = time.monotonic()
    thread.join()
    child.join(20)
    assert child.exitcode == 0
    assert (forked >= left[0]) == (limit > 1)
    # The parent can use its locks again, and fork again.
    _lock_once()


def _lock_once() -> None:
    done = threading.Thread(target=_hold_both)
    done.start()
    done.join(10)
    assert not done.is_alive()


def _hold_both() -> None:
    with forks.unforked(), forks.unforked():
        pass


def _reopen() -> None:
    assert find() == literals(o=integer(1))
    LocalTaskCache.initialize()
    keep(literals(o=integer(2)))
    local_cache._close()


def _hammer(worker: int, location: str, ready: Any, rounds: int) -> None:
    """Sets and gets values that say what they are; gives 3 if it reads another one than was ever set there."""
    LocalTaskCache.initialize(location)
    ready.release()
    for number in range(rounds):
        # Half of the entries are shared, and each 50th is large enough to be kept in a file.
        owner = worker if number % 2 else 99
        name = f"{owner}.{number % 40}"
        text = name * (10_000 if number % 50 < 2 else 1)
        value = literals(o=Literal(scalar=Scalar(primitive=Primitive(string_value=text))))
        LocalTaskCache.set("t", name, NO_INPUTS, (), value)
        found = LocalTaskCache.get("t", name, NO_INPUTS, ())
        if found is None:
            os._exit(2)
        if set(found.literals["o"].scalar.primitive.string_value.replace(name, "")):
            os._exit(3)
    local_cache._close()
    os._exit(0)


@pytest.mark.stress
def test_eight_processes_some_of_which_are_killed(folder: Path, messages: list[str]) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Semaphore(0)
    workers = [
        context.Process(target=_hammer, args=(number, str(folder), ready, 1000 if number < 5 else 1_000_000))
        for number in range(8)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        assert ready.acquire(timeout=60)
    started = time.monotonic()
    for number, worker in enumerate(workers[5:]):
        time.sleep(0.1 * (number + 1))
        worker.kill()
    for worker in workers:
        worker.join(60)
        worker.kill()
    assert [worker.exitcode for worker in workers] == [0] * 5 + [-9] * 3
    assert time.monotonic() - started < local_cache.CACHE_TIMEOUT
    # What the killed ones left behind can be read, and no word of it is wrong.
    LocalTaskCache.initialize(folder)
    assert sql("PRAGMA integrity_check") == [("ok",)]
    for worker in [*range(8), 99]:
        for number in range(40):
            found = LocalTaskCache.get("t", f"{worker}.{number}", NO_INPUTS, ())
            if found is not None:
                text = found.literals["o"].scalar.primitive.string_value
                assert not text.replace(f"{worker}.{number}", "")
    assert not messages
    assert not list(folder.glob("damaged-*"))
