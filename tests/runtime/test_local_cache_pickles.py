"""flytekit.core.local_cache: entries that are pickled models, of this package now and before, wherever it is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cache_cases
import pytest
from cache_cases import Case, integer, literals
from task_cache import find, plant

from flytekit.core.local_cache import LocalTaskCache, _calculate_cache_key
from flytekit.models.literals import LiteralMap
from flytekit_models._cache.errors import BadEntryError
from flytekit_models._cache.reader import unpickle

pytestmark = pytest.mark.usefixtures("cache_folder")


def _unread(value: LiteralMap) -> LiteralMap:
    return LiteralMap.from_flyte_idl(value.to_flyte_idl())


def _read(value: LiteralMap) -> LiteralMap:
    copied = _unread(value)
    str(copied)
    list(copied.literals.values())
    return copied


def _changed(value: LiteralMap) -> LiteralMap:
    copied = _unread(value)
    copied.literals["another"] = integer(8)
    return copied


@pytest.mark.parametrize(
    "state", [lambda value: value, _unread, _read, _changed], ids=["built", "unread", "read", "changed"]
)
@pytest.mark.parametrize("case", cache_cases.cases(), ids=lambda case: case.task)
def test_models_of_now(case: Case, state: Callable[[LiteralMap], LiteralMap], messages: list[str]) -> None:
    """As flytekit 1.12, on these models, keeps them: the reader knows every name in their pickles."""
    value = state(case.outputs)
    key = _calculate_cache_key(case.task, case.version, case.inputs, case.ignored)
    LocalTaskCache.initialize()
    LocalTaskCache._cache.set(key, value)
    assert LocalTaskCache._cache.get(key) == value
    found = LocalTaskCache.get(case.task, case.version, case.inputs, case.ignored)
    assert found is not None
    assert found.to_flyte_idl() == value.to_flyte_idl()
    assert not messages


def _text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def _model(builder: tuple[str, str], cls: str, state: bytes) -> bytes:
    called = _text(builder[0]) + _text(builder[1]) + b"\x93"
    return called + _text("flytekit.models.literals") + _text(cls) + b"\x93\x85R" + state + b"b"


BUILDERS = [
    ("flytekit_models.model", "new"),  # 0.1.0
    ("flytekit._flytekit_models.model", "new"),  # 0.1.0, in a flytekit tree
]
WIRE = b"C\x0d\x0a\x0b\x0a\x01o\x12\x06\x0a\x04\x0a\x02\x08\x07"


@pytest.mark.parametrize("builder", BUILDERS, ids=lambda builder: builder[0])
def test_models_of_before(builder: tuple[str, str], cache_folder: Path, messages: list[str]) -> None:
    """What releases wrote, byte for byte; this list only grows."""
    literal = _model(builder, "Literal", b"C\x06\x0a\x04\x0a\x02\x08\x07}}\x87")
    unread = _model(builder, "LiteralMap", WIRE + b"}}\x87")
    built = _model(builder, "LiteralMap", b"N}" + _text("_literals_") + b"}" + _text("o") + literal + b"ss}\x87")
    for body in (unread, built):
        data = b"\x80\x05" + body + b"."
        assert unpickle(data) == literals(o=integer(7))
        plant(cache_folder, data)
        with closing(sqlite3.connect(cache_folder / "cache.db", isolation_level=None)) as database:
            database.execute("UPDATE Cache SET mode = 4")
        assert find() == literals(o=integer(7))
    assert not messages


@pytest.mark.parametrize("module", ["flytekit_models.model", "flytekit._flytekit_models.model"])
def test_the_builder_builds_nothing_else(module: str) -> None:
    """It is a stand-in: what has that name now is never called, and nothing but models is made."""
    called = _text(module) + _text("new") + b"\x93"
    for cls in (("builtins", "bytearray"), ("collections", "OrderedDict")):
        with pytest.raises(BadEntryError, match="no model"):
            unpickle(b"\x80\x05" + called + _text(cls[0]) + _text(cls[1]) + b"\x93\x85R.")
    with pytest.raises(BadEntryError, match="neither a model nor plain data"):
        unpickle(b"\x80\x05" + _text(module) + _text("wrap") + b"\x93.")
