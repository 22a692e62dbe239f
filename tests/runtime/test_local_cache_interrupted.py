"""flytekit.core.local_cache in the middle of itself: signal handlers, __del__, and processes that are killed."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import diskcache
import pytest
import task_cache
from cache_cases import integer, literals
from task_cache import NO_INPUTS, files, find, keep, large, sql, text

from flytekit.core.local_cache import LocalTaskCache
from flytekit.models.literals import LiteralMap

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this operating system has neither fork nor signals")

SUPPORT = Path(task_cache.__file__).parent


@pytest.fixture(autouse=True)
def folder(cache_folder: Path) -> Path:
    return cache_folder


# --- signal handlers and __del__ ---


@pytest.fixture
def collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def _exchange(name: str, value: LiteralMap) -> None:
    LocalTaskCache.set("t", name, NO_INPUTS, (), value)
    assert LocalTaskCache.get("t", name, NO_INPUTS, ()) == value


VALUES = [literals(o=integer(1)), large("a"), large("b")]


@pytest.mark.stress
def test_a_signal_handler_uses_the_cache(messages: list[str]) -> None:
    """In the middle of a get, a set, a clear and an opening; also of the same entry."""
    handled = 0
    busy = False

    def handle(*_: object) -> None:
        nonlocal handled, busy
        if busy:
            return
        busy = True
        _exchange("in the handler", VALUES[handled % 3])
        keep(VALUES[handled % 3])
        if handled % 20 == 0:
            LocalTaskCache.initialize(timeout=5)
        handled += 1
        busy = False

    LocalTaskCache.initialize(timeout=5)
    before = signal.signal(signal.SIGALRM, handle)
    began = time.monotonic()
    rounds = 0
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0037, 0.0037)
        while time.monotonic() - began < 4:
            _exchange("outside", VALUES[rounds % 3])
            keep(VALUES[rounds % 3])
            assert find() in VALUES
            if rounds % 20 == 0:
                LocalTaskCache.initialize(timeout=5)
            rounds += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert handled > 5
    assert rounds > 5
    assert not messages


@pytest.mark.stress
@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize("threshold", [(1, 1, 1), (3, 5, 5), (37, 5, 5), (700, 10, 10)], ids=str)
def test_a_del_uses_the_cache(threshold: tuple[int, int, int], messages: list[str]) -> None:
    """The collector runs it at any moment, on any thread, in the middle of whatever that does."""
    closed = []

    class Client:
        def __init__(self) -> None:
            self.me = self  # a cycle, so that the collector frees it

        def __del__(self) -> None:
            # At a threshold of one, another would be collected in the middle of this.
            if not getattr(state, "closing", False):
                state.closing = True
                _exchange(f"closed by {threading.get_ident()}", VALUES[len(closed) % 3])
                state.closing = False
            closed.append(1)

    state = threading.local()
    LocalTaskCache.initialize(timeout=20)
    gc.collect()
    gc.set_threshold(*threshold)
    errors: list[BaseException] = []

    def work(thread: int) -> None:
        try:
            for number in range(60):
                Client()
                _exchange(f"{thread}", VALUES[number % 3])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    gc.collect()
    assert not errors
    assert not messages
    assert len(closed) == 180


def test_ctrl_c_ends_the_wait_for_a_lock(folder: Path) -> None:
    keep(NO_INPUTS)
    with closing(sqlite3.connect(folder / "cache.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        before = signal.signal(signal.SIGALRM, signal.default_int_handler)
        began = time.monotonic()
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with pytest.raises(KeyboardInterrupt):
                keep(literals(o=integer(1)))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        assert time.monotonic() - began < 5
    keep(literals(o=integer(1)))
    assert find() == literals(o=integer(1))


# --- processes that are killed ---


def _killed_at(step: int, action: Any) -> bool:
    """Do something in a child that is killed before its n-th call of C. Gives False if it didn't come to that.

    Between two such calls, nothing changes on the disk.
    """
    child = os.fork()
    if child == 0:
        left = step

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal left
            if event == "c_call":
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.setprofile(count)
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or status == 0
    return os.WIFSIGNALED(status)


WRITES = {
    "a new value": (None, lambda: keep(VALUES[0])),
    "a new value in a file": (None, lambda: keep(VALUES[1])),
    "a value in place of another": (VALUES[0], lambda: keep(literals(o=integer(2)))),
    "a value in place of one in a file": (VALUES[1], lambda: keep(VALUES[0])),
    "a value in a file in place of another": (VALUES[0], lambda: keep(VALUES[2])),
    "a value in a file in place of one in a file": (VALUES[1], lambda: keep(VALUES[2])),
    "removing a value": (VALUES[1], lambda: LocalTaskCache._cache.delete(task_cache.KEY)),
    "clearing": (VALUES[1], LocalTaskCache.clear),
    "culling": (VALUES[1], lambda: LocalTaskCache._cache.cull()),
    "sweeping": (VALUES[1], lambda: LocalTaskCache._cache.sweep(age=-1)),
}


@pytest.mark.stress
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_that_is_killed_at_each_step_of_a_write(write: str, folder: Path, messages: list[str]) -> None:
    """While another, with flytekit's own store, has it open; both find what was there, or what was written, whole.

    At each of its first 40 steps, and at every third one then.
    """
    before, action = WRITES[write]
    LocalTaskCache.initialize(folder)
    possible = [before, None if "ing" in write else _made_by(action), None]
    if write == "culling":
        sql("UPDATE Settings SET value = 1 WHERE key = 'size_limit'")
    LocalTaskCache.clear()
    step = 0
    with diskcache.Cache(str(folder)) as theirs:
        if write == "culling":
            theirs.reset("cull_limit", 0)
        while True:
            # Ours and theirs keep something; the child starts without a connection.
            LocalTaskCache.set("t", "bystander", NO_INPUTS, (), VALUES[2])
            theirs.set("theirs", b"y" * 40_000)
            if before is None:
                LocalTaskCache._cache.delete(task_cache.KEY)
            else:
                keep(before)
            # What earlier ones left behind would have to be removed too, in ever more steps.
            LocalTaskCache._cache.sweep(age=-1)
            LocalTaskCache._cache.close()
            step += 1 if step < 40 else 3
            if not _killed_at(step, action):
                break
            found = find()
            assert found in possible
            data = theirs.get(task_cache.KEY)
            assert (data is None) == (found is None)
            if found is not None:
                assert LiteralMap.from_flyte_idl(found.to_flyte_idl().FromString(data)) == found
            if write not in ("clearing", "culling"):
                assert LocalTaskCache.get("t", "bystander", NO_INPUTS, ()) == VALUES[2]
                assert theirs.get("theirs") == b"y" * 40_000
            assert not messages
    assert step > 30
    assert sql("PRAGMA integrity_check") == [("ok",)]
    assert not list(folder.glob("damaged-*"))
    # What the killed ones left is swept, and all that rows name is there.
    LocalTaskCache._cache.sweep(age=-1)
    assert len(files(folder)) == len(sql("SELECT 1 FROM Cache WHERE filename IS NOT NULL"))
    assert sql("SELECT value FROM Settings WHERE key = 'count'") == sql("SELECT count(*) FROM Cache")
    assert sql("SELECT value FROM Settings WHERE key = 'size'") == sql("SELECT coalesce(sum(size), 0) FROM Cache")


def _made_by(action: Any) -> LiteralMap | None:
    action()
    return find()


@pytest.mark.stress
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_that_is_killed_while_it_makes_the_store(folder: Path, messages: list[str]) -> None:
    step = 0
    while True:
        step += 1 if step < 40 else 3
        place = folder / str(step)

        def make(place: Path = place) -> None:
            LocalTaskCache.initialize(place)

        killed = _killed_at(step, make)
        LocalTaskCache.initialize(place)
        keep(VALUES[1])
        assert find() == VALUES[1]
        with diskcache.Cache(str(place)) as theirs:
            assert len(theirs) == 1
        if not killed:
            break
    assert step > 40
    assert not messages
    assert not list(folder.glob("*/damaged-*"))


# --- two processes ---


def test_connections_are_not_shared_with_a_child(folder: Path, messages: list[str]) -> None:
    """A child that comes from a fork and ends normally, with all that an interpreter does then."""
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "import task_cache as t\n"
        "t.keep(t.text('parent'))\n"
        "child = os.fork()\n"
        "# The child may have been quicker.\n"
        "assert t.find() in [t.text('parent')] + [t.text('child')] * (child != 0)\n"
        "if child == 0:\n"
        "    t.keep(t.text('child'))\n"
        "    sys.exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "assert t.find() == t.text('child')\n"
        "t.keep(t.text('again'))\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program, str(SUPPORT)], check=True, timeout=60)
    assert find() == text("again")
    assert sql("PRAGMA integrity_check") == [("ok",)]
    assert not messages


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="this operating system doesn't tell what is open")
def test_no_connection_stays_open(tmp_path: Path) -> None:
    """Also not one that was in use when the store was exchanged for another, as a signal handler may do."""

    def is_open(folder: Path) -> bool:
        return any(str(folder) in os.path.realpath(link) for link in Path("/proc/self/fd").iterdir())

    LocalTaskCache.initialize(tmp_path / "one")
    database = LocalTaskCache._cache._database
    lent = database._take(time.monotonic() + 1)
    LocalTaskCache.initialize(tmp_path / "two")
    database._give_back(lent)
    del database, lent
    gc.collect()
    assert not is_open(tmp_path / "one")
    keep(NO_INPUTS)
    assert is_open(tmp_path / "two")
    LocalTaskCache._cache.close()
    assert not is_open(tmp_path / "two")
