"""flytekit.core.local_cache: keys, values and switches, and the cache of flytekit 1.16 itself."""

from __future__ import annotations

import doctest
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cache_cases
import diskcache
import joblib
import pytest
from cache_cases import Case, integer, literals

from flytekit.core import local_cache
from flytekit.core.local_cache import LocalTaskCache, _calculate_cache_key, _recursive_hash_placement
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar, Union
from flytekit.models.types import LiteralType, SimpleType
from flytekit_models._cache import keys, reader
from flytekit_models._cache.store import CULL_EVERY

STORE = Path(__file__).parent / "flytekit_store"
SUPPORT = Path(cache_cases.__file__)
CASES = cache_cases.cases()


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache that isn't open yet, at a place of its own."""
    for name in ["ENABLED", "OVERWRITE", "LOCATION"]:
        monkeypatch.delenv(f"FLYTE_LOCAL_CACHE_{name}", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(LocalTaskCache, "_initialized", False)
    for name in ["_enabled", "_overwrite", "_timeout"]:
        monkeypatch.setattr(LocalTaskCache, name, getattr(LocalTaskCache, name))
    yield tmp_path / ".flyte" / "local-cache"
    local_cache._close()


def test_the_specifications_example(capsys: pytest.CaptureFixture[str], fresh: Path) -> None:
    """As it is written there."""
    input_map = LiteralMap(
        literals={
            "x": Literal(scalar=Scalar(primitive=Primitive(integer=10))),
            "y": Literal(scalar=Scalar(primitive=Primitive(string_value="hello"))),
        }
    )
    output_map = LiteralMap(literals={"result": Literal(scalar=Scalar(primitive=Primitive(integer=20)))})

    task_name = "my_cached_task"
    cache_version = "v1"
    ignore_vars = ("y",)

    LocalTaskCache.set(task_name, cache_version, input_map, ignore_vars, output_map)
    print("Result stored in cache.")

    retrieved_output = LocalTaskCache.get(task_name, cache_version, input_map, ignore_vars)
    if retrieved_output:
        print(f"Retrieved from cache: {retrieved_output.literals['result'].scalar.primitive.integer}")
    else:
        print("Not found in cache.")

    LocalTaskCache.clear()
    print("Cache cleared.")
    assert capsys.readouterr().out.splitlines() == [
        "Result stored in cache.",
        "Retrieved from cache: 20",
        "Cache cleared.",
    ]
    assert LocalTaskCache.get(task_name, cache_version, input_map, ignore_vars) is None
    assert (fresh / "cache.db").exists()


def test_the_examples_of_the_documentation() -> None:
    docs = Path(__file__).parents[2] / "docs" / "utilities" / "local_cache.md"
    result = doctest.testfile(str(docs), module_relative=False)
    assert result.attempted
    assert not result.failed


# --- keys ---


@pytest.mark.parametrize("size", [*range(300), 65_535, 65_536, 65_537, 1_000_000])
def test_the_digest_is_joblibs(size: int) -> None:
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    assert keys._digest(data) == joblib.hash(data)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.task)
def test_keys_are_flytekits(case: Case) -> None:
    recorded = json.loads((STORE / "keys.json").read_text())
    assert _calculate_cache_key(case.task, case.version, case.inputs, case.ignored) == recorded[case.task]


def test_keys_do_not_collide() -> None:
    pairs = [("a-1", "2"), ("a", "1-2"), ("a-1-2", ""), ("", "a-1-2"), ("-", ""), ("", "-"), ("a", "1"), ("a-", "1")]
    inputs = literals(x=integer(1))
    keys = {_calculate_cache_key(task, version, inputs) for task, version in pairs}
    assert len(keys) == len(pairs)
    for number, (task, version) in enumerate(pairs):
        LocalTaskCache.set(task, version, inputs, (), literals(o=integer(number)))
    for number, (task, version) in enumerate(pairs):
        found = LocalTaskCache.get(task, version, inputs, ())
        assert found is not None
        assert found.literals["o"].scalar.primitive.integer == number


def test_no_key_with_dashes_is_one_of_flytekits() -> None:
    inputs = literals(x=integer(1))
    plain = _calculate_cache_key("a", "1", inputs)
    assert len(plain.split("-")[-1]) == 32
    assert _calculate_cache_key("a-b", "1", inputs).split("-")[-1] == "3"


def test_inputs_that_count() -> None:
    def key(*ignored: str, **values: Literal) -> str:
        return _calculate_cache_key("t", "1", literals(**values), ignored)

    one, two = integer(1), integer(2)
    assert key(x=one) != key(x=two) != key(y=two)
    assert key("y", x=one, y=one) == key("y", x=one, y=two) == key(x=one)
    assert key(x=integer(1, hash="h")) == key(x=integer(2, hash="h")) != key(x=integer(2, hash="i"))
    # A hash of nothing says nothing about the value.
    assert key(x=integer(1, hash="")) == key(x=one) != key(x=integer(2, hash=""))


def test_inputs_that_are_ignored_need_not_be_writable() -> None:
    values = literals(x=integer(1), y=Literal(scalar=Scalar(primitive=Primitive(integer="no number"))))
    assert _calculate_cache_key("t", "1", values, ("y",)) == _calculate_cache_key("t", "1", literals(x=integer(1)))


def test_hashes_replace_their_literals_at_any_depth() -> None:
    inner = Literal(collection=LiteralCollection([integer(1, hash="a"), integer(2)]), metadata={"k": "v"})
    literal = Literal(map=literals(inner=inner, hashed=Literal(collection=LiteralCollection([integer(3)]), hash="b")))
    before = literal.to_flyte_idl()
    placed = Literal(
        map=literals(
            inner=Literal(collection=LiteralCollection([Literal(hash="a"), integer(2)])), hashed=Literal(hash="b")
        )
    )
    assert _recursive_hash_placement(literal) == placed
    assert literal.to_flyte_idl() == before
    assert _recursive_hash_placement(integer(1, hash="h")) == Literal(hash="h")


def test_a_hash_inside_a_union_does_not_count_alone() -> None:
    """As in flytekit."""

    def inside(value: int) -> LiteralMap:
        union = Union(integer(value, hash="h"), LiteralType(simple=SimpleType.INTEGER))
        return literals(x=Literal(scalar=Scalar(union=union)))

    assert _calculate_cache_key("t", "1", inside(1)) != _calculate_cache_key("t", "1", inside(2))


@pytest.mark.parametrize("pair", [("t", "1"), ("t-1", "1"), ("t", "1-1"), ("t", "1-1-1"), ("", "")])
def test_the_entries_of_a_task_and_version_are_found(pair: tuple[str, str]) -> None:
    """By their keys, and none of another's that begins alike."""
    pairs = [("t", "1"), ("t-1", "1"), ("t", "1-1"), ("t", "1-1-1"), ("t", "11"), ("tt", "1"), ("", "")]
    expected = set()
    for task, version in pairs:
        for number in range(3):
            LocalTaskCache.set(task, version, literals(x=integer(number)), (), LiteralMap({}))
            if (task, version) == pair:
                expected.add(_calculate_cache_key(task, version, literals(x=integer(number))))
    found = LocalTaskCache._cache.keys(keys.prefix(*pair))
    assert {key for key in found if keys.fits(key, *pair)} == expected
    assert len(LocalTaskCache._cache.keys()) == 3 * len(pairs)


# --- the cache of flytekit ---


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.task)
def test_what_flytekit_kept_is_found(case: Case, tmp_path: Path, messages: list[str]) -> None:
    shutil.copytree(STORE, tmp_path / "store")
    LocalTaskCache.initialize(tmp_path / "store")
    found = LocalTaskCache.get(case.task, case.version, case.inputs, case.ignored)
    assert found is not None
    assert found.to_flyte_idl() == case.outputs.to_flyte_idl()
    assert type(found) is LiteralMap
    assert not messages


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.task)
def test_what_is_kept_is_found_as_flytekit_looks_for_it(case: Case, fresh: Path) -> None:
    LocalTaskCache.set(case.task, case.version, case.inputs, case.ignored, case.outputs)
    key = json.loads((STORE / "keys.json").read_text())[case.task]
    with diskcache.Cache(str(fresh)) as theirs:
        data = theirs.get(key)
    assert type(data) is bytes
    assert type(case.outputs.to_flyte_idl()).FromString(data) == case.outputs.to_flyte_idl()


# --- where it is, and whether it is on ---


def test_the_folder_is_private(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0)
    try:
        LocalTaskCache.initialize()
    finally:
        os.umask(before)
    assert fresh.stat().st_mode & 0o777 == 0o700


def test_the_location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCH", str(tmp_path / "scratch"))
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_LOCATION", "$SCRATCH/cache")
    LocalTaskCache.set("t", "1", LiteralMap({}), (), LiteralMap({}))
    assert (tmp_path / "scratch" / "cache" / "cache.db").exists()
    LocalTaskCache.initialize("~/argument")
    assert (tmp_path / "argument" / "cache.db").exists()
    assert LocalTaskCache.get("t", "1", LiteralMap({}), ()) is None
    LocalTaskCache.initialize()
    assert LocalTaskCache.get("t", "1", LiteralMap({}), ()) is not None
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_LOCATION")
    monkeypatch.setattr(local_cache, "CACHE_LOCATION", str(tmp_path / "constant"))
    LocalTaskCache.initialize()
    assert LocalTaskCache._cache.directory == str(tmp_path / "constant")


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        LocalTaskCache.initialize(tmp_path / "file" / "below")


def _set_and_get() -> bool:
    LocalTaskCache.set("t", "1", LiteralMap({}), (), LiteralMap({}))
    return LocalTaskCache.get("t", "1", LiteralMap({}), ()) is not None


def test_switching_it_off(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "false")
    assert not _set_and_get()
    assert not fresh.exists()
    LocalTaskCache.initialize(enabled=True)
    assert _set_and_get()
    LocalTaskCache.initialize(enabled=False)
    assert not _set_and_get()
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "true")
    LocalTaskCache.initialize()
    assert _set_and_get()


def test_overwriting(monkeypatch: pytest.MonkeyPatch) -> None:
    def number() -> int | None:
        found = LocalTaskCache.get("t", "1", LiteralMap({}), ())
        return None if found is None else int(found.literals["o"].scalar.primitive.integer)

    LocalTaskCache.set("t", "1", LiteralMap({}), (), literals(o=integer(1)))
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_OVERWRITE", "true")
    assert number() is None
    LocalTaskCache.set("t", "1", LiteralMap({}), (), literals(o=integer(2)))
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_OVERWRITE")
    assert number() == 2
    LocalTaskCache.initialize(overwrite=True)
    assert number() is None
    LocalTaskCache.initialize(overwrite=False)
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_OVERWRITE", "true")
    assert number() == 2


def test_it_outlives_the_process(fresh: Path) -> None:
    program = (
        "from flytekit.core.local_cache import LocalTaskCache\n"
        "from flytekit.models.literals import LiteralMap\n"
        "LocalTaskCache.set('t', '1', LiteralMap({}), (), LiteralMap({}))\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
    assert LocalTaskCache.get("t", "1", LiteralMap({}), ()) is not None


def test_the_store_stays_within_its_limit(fresh: Path) -> None:
    LocalTaskCache.initialize()
    limit = 1_000_000
    with diskcache.Cache(str(fresh)) as theirs:
        theirs.reset("size_limit", limit)
    large = literals(o=Literal(scalar=Scalar(primitive=Primitive(string_value="x" * 50_000))))
    for number in range(3 * CULL_EVERY):
        LocalTaskCache.set("t", str(number), LiteralMap({}), (), large)
    assert LocalTaskCache._cache.volume() < limit + CULL_EVERY * 50_000
    # The first set of a process looks as well.
    LocalTaskCache.initialize()
    LocalTaskCache.set("t", "last", LiteralMap({}), (), large)
    assert LocalTaskCache._cache.volume() <= limit
    # The oldest went first.
    left = [LocalTaskCache.get("t", str(number), LiteralMap({}), ()) is not None for number in range(3 * CULL_EVERY)]
    assert left == sorted(left)
    assert left[-1]
    # The settings stay those that flytekit knows.
    with diskcache.Cache(str(fresh)) as theirs:
        assert theirs.cull_limit == 10
        assert theirs.size_limit == limit


def test_a_cache_that_was_put_there_by_a_test(tmp_path: Path) -> None:
    with diskcache.Cache(str(tmp_path / "own")) as own:
        LocalTaskCache._cache = own
        LocalTaskCache._initialized = True
        assert _set_and_get()
        assert len(own) == 1


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        ("flytekit.models.literals", ["sqlite3", "statsd", "joblib"]),
        (
            "flytekit.core.local_cache",
            ["diskcache", "google.protobuf", "flyteidl", "flytekit.models", "joblib", "statsd"],
        ),
    ],
)
def test_what_an_import_does_not_import(imported: str, absent: list[str]) -> None:
    program = f"import {imported}, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert imported in loaded
    assert not set(absent) & set(loaded)


def test_checksums_are_of_key_and_value() -> None:
    assert reader.checksum("k", b"v") == hashlib.blake2b(b"kv", digest_size=16).hexdigest()
    assert reader.checksum("k", b"v") != reader.checksum("l", b"v")
