"""What the tests of the local cache do again and again, with one entry: task "t", version "1", no inputs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import diskcache
from cache_cases import literals

from flytekit.core.local_cache import LocalTaskCache, _calculate_cache_key
from flytekit.models.literals import Literal, LiteralMap, Primitive, Scalar
from flytekit_models._cache.store import Store

NO_INPUTS = LiteralMap({})
KEY = _calculate_cache_key("t", "1", NO_INPUTS)


def keep(value: LiteralMap) -> None:
    LocalTaskCache.set("t", "1", NO_INPUTS, (), value)


def find() -> LiteralMap | None:
    return LocalTaskCache.get("t", "1", NO_INPUTS, ())


def text(value: str) -> LiteralMap:
    return literals(o=Literal(scalar=Scalar(primitive=Primitive(string_value=value))))


def large(fill: str = "x") -> LiteralMap:
    """A value that is kept in a file of its own."""
    return text(fill * 50_000)


def plant(folder: Path, value: object, **kwargs: Any) -> None:
    """Keep a value as flytekit's store would."""
    with diskcache.Cache(str(folder)) as theirs:
        theirs.set(KEY, value, **kwargs)


def sql(statement: str) -> list[Any]:
    store: Store = LocalTaskCache._cache
    rows, _ = store._database.run(statement, deadline=time.monotonic() + 1)
    return rows


def files(folder: Path) -> list[Path]:
    """The files of values."""
    return [path for path in folder.glob("??/??/*") if not path.is_symlink()]
