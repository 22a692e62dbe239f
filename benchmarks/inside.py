"""Prints what flytekit's models take of `import flytekit` here: processor seconds, with byte code and without.

Flytekit is imported once, so that all that the models need is there. Then its models, and what they stand on, are
imported again and again in the same order, and the least time counts.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from importlib import import_module

_ROUNDS = 15
_ROOTS = ("flytekit.models", "flytekit._flytekit_models")
_OTHERS = tuple(f"{_ROOTS[1]}.{name}" for name in ("_asyn", "_atomic", "_cache", "_limiter", "_places", "_probes"))
"""What only the utilities stand on."""


def run() -> dict[str, float]:
    """Seconds by case, and the number of modules."""
    import_module("flytekit")
    names = [name for name in sys.modules if name.startswith(_ROOTS) and not name.startswith(_OTHERS)]
    _again(names)
    found = {"modules": float(len(names)), "with byte code": min(_again(names) for _ in range(_ROUNDS))}
    # There is no byte code in a folder that does not exist.
    sys.pycache_prefix, sys.dont_write_bytecode = "/nonexistent", True
    return found | {"without byte code": min(_again(names) for _ in range(_ROUNDS))}


def _again(names: list[str]) -> float:
    for name in names:
        sys.modules.pop(name, None)
    gc.collect()
    start = time.process_time()
    for name in names:
        import_module(name)
    return time.process_time() - start


if __name__ == "__main__":
    json.dump(run(), sys.stdout)
