"""A miss is explained: by what the inputs differ from those of the nearest entry."""

from __future__ import annotations

import base64
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flytekit.core.local_cache import LocalTaskCache
from flytekit.models.literals import Literal, LiteralCollection, LiteralMap, Primitive, Scalar
from flytekit_models._cache import inputs as kept_inputs


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    """A store of its own."""
    LocalTaskCache.initialize(tmp_path / "store")
    yield tmp_path / "store"
    LocalTaskCache._cache.close()
    LocalTaskCache._initialized = False


def _literal(value: Any) -> Literal:
    kind = "integer" if isinstance(value, int) else "string_value"
    return Literal(scalar=Scalar(primitive=Primitive(**{kind: value})))


def _inputs(**values: Any) -> LiteralMap:
    return LiteralMap({name: _literal(value) for name, value in values.items()})


def _keep(version: str = "1", ignored: tuple[str, ...] = (), **values: Any) -> None:
    LocalTaskCache.set("task", version, _inputs(**values), ignored, LiteralMap({}))


def test_a_hit() -> None:
    _keep(a=1)
    found = LocalTaskCache.explain("task", "1", _inputs(a=1))
    assert found.is_hit and found.nearest is None
    assert str(found) == "There is an entry of 'task' in version '1' for these inputs."


def test_the_nearest_entry() -> None:
    _keep(a=1, b="x", c=1)
    _keep(a=2, b="y", c=2)
    found = LocalTaskCache.explain("task", "1", _inputs(a=1, b="z", c=1))
    assert not found.is_hit and found.nearest is not None
    assert str(found) == (
        "None of the 2 entries of 'task' in version '1' is for these inputs. The nearest ones differ by:\n"
        "LiteralMap: 1 difference\n"
        "~ literals['b'].scalar.primitive.string_value: x -> z"
    )
    assert "x -&gt; z" in found._repr_html_()
    assert LocalTaskCache.get("task", "1", _inputs(a=1, b="x", c=1), ()) == LiteralMap({})


def test_no_entry_and_other_versions() -> None:
    assert str(LocalTaskCache.explain("task", "1", _inputs(a=1))) == "There is no entry of 'task' in version '1'."
    _keep("2", a=1)
    _keep("3-b", a=1)
    LocalTaskCache.set("task-4", "5", _inputs(a=1), (), LiteralMap({}))
    found = LocalTaskCache.explain("task", "1", _inputs(a=1))
    assert str(found) == "There is no entry of 'task' in version '1'. There are some of '2', '3-b'."
    assert "<p>There is no entry" in found._repr_html_()


def test_inputs_that_do_not_count_and_hashes() -> None:
    _keep(ignored=("b",), a=1, b=2)
    assert LocalTaskCache.explain("task", "1", _inputs(a=1, b=3), ("b",)).is_hit
    (change,) = LocalTaskCache.explain("task", "1", _inputs(a=1, b=3)).nearest or ()
    assert (change.kind, change.path) == ("added", "literals['b']")
    hashed = LiteralMap({"a": Literal(scalar=_literal(1).scalar, hash="h")})
    LocalTaskCache.set("hashed", "1", hashed, (), LiteralMap({}))
    other = LiteralMap({"a": Literal(scalar=_literal(2).scalar, hash="i")})
    (change,) = LocalTaskCache.explain("hashed", "1", other).nearest or ()
    assert (change.path, change.before, change.after) == ("literals['a'].hash", "h", "i")


def test_large_inputs_are_kept_as_digests(cache: Path) -> None:
    _keep(a="x" * 100_000, b=1)
    with sqlite3.connect(cache / "cache.db") as database:
        ((tag,),) = database.execute("SELECT tag FROM Cache").fetchall()
    assert len(tag) < 300
    database.close()
    found = LocalTaskCache.explain("task", "1", _inputs(a="x" * 99_999 + "y", b=1))
    (change,) = found.nearest or ()
    assert change.path == "literals['a'].hash" and str(change.before).endswith(" of 100,012 bytes"), change


def test_too_many_inputs_are_not_kept() -> None:
    many = LiteralMap({f"{index}": _literal(f"{index * 7919:x}" * 20) for index in range(5_000)})
    LocalTaskCache.set("task", "1", many, (), LiteralMap({}))
    assert LocalTaskCache.get("task", "1", many, ()) == LiteralMap({})
    found = LocalTaskCache.explain("task", "1", _inputs(a=1))
    assert found.reason == ("The only entry of 'task' in version '1' is for other inputs, and it isn't known which.")


@pytest.mark.parametrize(
    "tag",
    [
        None,
        "checksum",
        5,
        "checksum ***",
        "checksum " + base64.b64encode(b"no zlib").decode(),
        "checksum " + base64.b64encode(zlib.compress(b"\xff\xff")).decode(),
        "checksum " + base64.b64encode(zlib.compress(bytes(10**7))).decode(),
        "checksum " + "A" * 10**6,
    ],
)
def test_inputs_that_cannot_be_read_are_none(cache: Path, tag: Any) -> None:
    _keep(a=1)
    LocalTaskCache._cache.close()
    with sqlite3.connect(cache / "cache.db") as database:
        database.execute("UPDATE Cache SET tag = ?", (tag,))
    database.close()
    assert kept_inputs.unpack(tag) is None
    assert LocalTaskCache.explain("task", "1", _inputs(a=2)).nearest is None


def test_a_cache_that_is_not_asked(tmp_path: Path) -> None:
    LocalTaskCache.initialize(tmp_path / "store", enabled=False)
    assert str(LocalTaskCache.explain("task", "1", _inputs(a=1))) == "The local cache is switched off."
    LocalTaskCache.initialize(tmp_path / "store", overwrite=True)
    assert str(LocalTaskCache.explain("task", "1", _inputs(a=1))) == "The local cache is to be overwritten."


def test_nested_inputs() -> None:
    before = Literal(collection=LiteralCollection([_literal(1), _literal(2)]))
    LocalTaskCache.set("task", "1", LiteralMap({"a": before}), (), LiteralMap({}))
    after = LiteralMap({"a": before.replace({"collection.literals[1].scalar.primitive.integer": 3})})
    (change,) = LocalTaskCache.explain("task", "1", after).nearest or ()
    assert change.path == "literals['a'].collection.literals[1].scalar.primitive.integer"
