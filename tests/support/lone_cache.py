"""Uses the local cache in a process of its own, and prints what comes of it: a JSON list of [outcome, warnings].

usage: lone_cache.py [--as UID] ACTION...
Actions are get:N, set:N, large:N (a set whose value goes to a file), huge:N (one of 8 MB), clear, initialize,
limit:BYTES (no file may become larger) and forget (as if the cache had not been opened). --as is what a user of that
number sees.
"""

from __future__ import annotations

import json
import logging
import os
import pwd  # noqa: F401 (expanding ~ imports it, which another user may not be permitted to)
import resource
import sys
import tempfile

from cache_cases import integer, literals
from task_cache import text

from flytekit.core.local_cache import LocalTaskCache
from flytekit.models.literals import LiteralMap

messages: list[str] = []


class Keeper(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        messages.append(record.getMessage())


def act(action: str) -> object:
    verb, _, number = action.partition(":")
    inputs = LiteralMap({"x": integer(int(number or 0))})
    if verb == "get":
        found = LocalTaskCache.get("t", "1", inputs, ())
        return None if found is None else sorted(found.literals)
    if verb in ("set", "large", "huge"):
        value = {"set": literals(o=integer(1)), "large": text("x" * 50_000), "huge": text("x" * 8_000_000)}[verb]
        return LocalTaskCache.set("t", "1", inputs, (), value)
    if verb == "limit":
        return resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), resource.RLIM_INFINITY))
    if verb == "forget":
        LocalTaskCache._cache.close()
        LocalTaskCache._initialized = False
        return None
    return {"clear": LocalTaskCache.clear, "initialize": LocalTaskCache.initialize}[verb]()


def main(*actions: str) -> None:
    logging.getLogger("flytekit").addHandler(Keeper())
    if actions[0] == "--as":
        # All that has to be imported is, before that isn't permitted any more.
        place = os.environ.pop("FLYTE_LOCAL_CACHE_LOCATION", None)
        home = os.environ["HOME"]
        with tempfile.TemporaryDirectory() as os.environ["HOME"]:
            for action in ("large:1", "get:1", "clear", "forget"):
                act(action)
        os.environ["HOME"] = home
        if place is not None:
            os.environ["FLYTE_LOCAL_CACHE_LOCATION"] = place
        os.setgid(int(actions[1]))
        os.setuid(int(actions[1]))
        actions = actions[2:]
    outcomes = []
    for action in actions:
        messages.clear()
        try:
            outcome = act(action)
        except OSError as error:
            outcome = f"raised {type(error).__name__}: {error}"
        outcomes.append([outcome, list(messages)])
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(*sys.argv[1:])
