"""Sets and gets in a local cache that others use too; run by a Python with flytekit, or with ours.

usage: cache_hammer.py FOLDER WORKER
It ends when there is a file "stop" beside the folder, or after five minutes.
Each value says what it is, so that one which is not what was ever kept under its key is noticed: exit code 3.
"""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

from flytekit.core import local_cache
from flytekit.core.local_cache import LocalTaskCache
from flytekit.models.literals import Literal, LiteralMap, Primitive, Scalar

KEYS = 40


def name_of(worker: str, number: int) -> str:
    """Half of the keys are those of one worker, half are everybody's."""
    return f"{worker if number % 2 else 'all'}.{number % KEYS}"


def value_of(name: str, number: int) -> LiteralMap:
    """Some are kept in files, so that one with a file takes the place of one without, and the other way round."""
    text = name * (10_000 if number % 7 == 0 else 1)
    return LiteralMap({"o": Literal(scalar=Scalar(primitive=Primitive(string_value=text)))})


def is_right(name: str, found: LiteralMap | None) -> bool:
    return found is None or not found.literals["o"].scalar.primitive.string_value.replace(name, "")


def main(folder: str, worker: str) -> None:
    local_cache.CACHE_LOCATION = folder
    nothing = LiteralMap({})
    began = time.monotonic()
    print("ready", flush=True)
    for number in itertools.count():
        name = name_of(worker, number)
        LocalTaskCache.set("t", name, nothing, (), value_of(name, number))
        if not is_right(name, LocalTaskCache.get("t", name, nothing, ())):
            sys.exit(3)
        if number % 200 == 199:
            LocalTaskCache.clear()
        if Path(folder).with_name("stop").exists() or time.monotonic() - began > 300:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
