"""flytekit.core.local_cache and flytekit 1.16.31 itself, in an environment of its own, on one store."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
import venv
from contextlib import closing
from pathlib import Path

import cache_cases
import cache_hammer
import diskcache
import pytest

from flytekit.core.local_cache import LocalTaskCache
from flytekit.models.literals import LiteralMap

pytestmark = pytest.mark.network

OURS = sys.executable
KILLED = 8
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "FLYTE_"))}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with the released flytekit."""
    place = tmp_path_factory.mktemp("flytekit")
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "flytekit==1.16.31", "flyteidl==1.16.8"], check=True)
    return python


@pytest.mark.parametrize("ours_first", [True, False], ids=["ours fills it", "flytekit fills it"])
def test_each_finds_what_the_other_kept(ours_first: bool, theirs: str, tmp_path: Path) -> None:
    pythons = (OURS, theirs) if ours_first else (theirs, OURS)
    for python, job in zip(pythons, ("fill", "read"), strict=True):
        subprocess.run([python, cache_cases.__file__, job, tmp_path / "store"], check=True, env=ENVIRONMENT)


def test_both_at_once_while_some_are_killed(theirs: str, tmp_path: Path, messages: list[str]) -> None:
    folder = tmp_path / "store"
    # Of each kind, one that lasts and some that are killed.
    lasting = [_started(python, folder, f"lasting{n}") for n, python in enumerate((OURS, theirs))]
    chance = random.Random(12)
    for number in range(KILLED):
        worker = _started((OURS, theirs)[number % 2], folder, f"killed{number}")
        time.sleep(0.2 + chance.random())
        worker.kill()
        _, errors = worker.communicate()
        assert (worker.returncode, errors) == (-9, "")
    (tmp_path / "stop").touch()
    for process in lasting:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")

    LocalTaskCache.initialize(folder)
    with diskcache.Cache(str(folder)) as store:
        keys = set(store)
        assert keys == set(LocalTaskCache._cache.keys())
    workers = ["lasting0", "lasting1", *(f"killed{number}" for number in range(KILLED))]
    for worker in workers:
        for number in range(cache_hammer.KEYS):
            name = cache_hammer.name_of(worker, number)
            assert cache_hammer.is_right(name, LocalTaskCache.get("t", name, LiteralMap({}), ()))
    assert not messages
    assert not list(folder.glob("damaged-*"))
    with closing(sqlite3.connect(folder / "cache.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for counter, counted in (("count", "count(*)"), ("size", "coalesce(sum(size), 0)")):
            said = database.execute("SELECT value FROM Settings WHERE key = ?", (counter,)).fetchone()
            assert said == database.execute(f"SELECT {counted} FROM Cache").fetchone()


def _started(python: str, folder: Path, worker: str) -> subprocess.Popen[str]:
    command = [python, cache_hammer.__file__, str(folder), worker]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=folder.parent
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.stderr.read() if process.stderr else None
    return process


@pytest.fixture(autouse=True)
def _open_later(cache_folder: Path) -> None:
    """The store of this process isn't open."""
