"""Prints what importing modules takes in this environment: seconds, and how many modules are loaded by it."""

from __future__ import annotations

import json
import pkgutil
import sys
import time
from importlib import import_module


def run(what: str) -> dict[str, float]:
    """Import the module *what*, or every one of the package if it ends with ``.*``."""
    before = len(sys.modules)
    start = time.perf_counter_ns()
    if what.endswith(".*"):
        package = import_module(what[:-2])
        for module in pkgutil.walk_packages(package.__path__, f"{what[:-2]}."):
            import_module(module.name)
    else:
        import_module(what)
    taken = time.perf_counter_ns() - start
    return {"seconds": taken / 1e9, "modules": len(sys.modules) - before}


if __name__ == "__main__":
    json.dump(run(sys.argv[1]), sys.stdout)
