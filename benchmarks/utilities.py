"""Prints what calls of the utilities take in this environment, in seconds; the same code for flytekit's and ours."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any


def seconds_of_call(call: Callable[[], Any], budget: float, repeats: int) -> float:
    """Seconds by the clock (other threads and the disk take part): the median of *repeats* runs."""
    call()
    start = time.perf_counter()
    call()
    calls = max(1, int(budget / repeats / max(time.perf_counter() - start, 1e-7)))
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        taken.append((time.perf_counter() - start) / calls)
    return median(taken)


def _run_sync() -> Callable[[], Any]:
    from flytekit.utils.asyn import run_sync

    async def nothing() -> int:
        return 1

    return lambda: run_sync(nothing)


def _cache(folder: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
    os.environ["FLYTE_LOCAL_CACHE_LOCATION"] = folder
    import flytekit.core.local_cache as local_cache

    # flytekit has the place as a constant, with ~ in it.
    local_cache.CACHE_LOCATION = folder
    from flytekit.models.literals import Literal, LiteralMap, Primitive, Scalar

    inputs = LiteralMap({f"i{i}": Literal(scalar=Scalar(primitive=Primitive(integer=i))) for i in range(5)})
    outputs = LiteralMap({"o0": Literal(scalar=Scalar(primitive=Primitive(string_value="done")))})
    cache: Any = local_cache.LocalTaskCache
    cache.set("task", "1", inputs, (), outputs)
    if cache.get("task", "1", inputs, ()) != outputs:
        raise SystemExit("the cache does not give back what was put into it")
    return lambda: cache.get("task", "1", inputs, ()), lambda: cache.set("task", "1", inputs, (), outputs)


def _metric(disabled: bool) -> Callable[[], Any]:
    from flytekit.configuration import StatsConfig
    from flytekit.interfaces.stats.taggable import get_stats

    # A UDP datagram to a port of this machine that nobody listens at: what a metric costs the program itself.
    stats: Any = get_stats(StatsConfig(host="127.0.0.1", port=9, disabled=disabled), "bench", {"task": "a"})
    return lambda: stats.incr("calls")


def _tracked() -> Callable[[], Any]:
    from flytekit.core.tracker import TrackedInstance

    class Tracked(TrackedInstance):
        pass

    return Tracked


_CROWD = 10_000


def _crowd(repeats: int) -> dict[str, float]:
    """Seconds that an event loop is blocked while many get in line for a limiter, one leaves, and all are cancelled."""
    from flytekit.utils.rate_limiter import RateLimiter

    async def once() -> tuple[float, float, float]:
        limiter = RateLimiter(100)
        tasks = [asyncio.ensure_future(limiter.acquire()) for _ in range(_CROWD)]
        start = time.perf_counter()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        joined = time.perf_counter()
        one = tasks[_CROWD // 2]
        one.cancel()
        while not one.done():
            await asyncio.sleep(0)
        left = time.perf_counter()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return joined - start, left - joined, time.perf_counter() - left

    taken = zip(*(asyncio.run(once()) for _ in range(repeats)), strict=True)
    return dict(
        zip(("limiter: 10,000 join", "limiter: one leaves", "limiter: all leave"), map(median, taken), strict=True)
    )


def run(budget: float, repeats: int) -> dict[str, float | str]:
    """Case to seconds, or to the error of what is not there."""
    found: dict[str, float | str] = {}

    def measure(name: str, make: Callable[[], Callable[[], Any]]) -> None:
        try:
            found[name] = seconds_of_call(make(), budget, repeats)
        except Exception as error:
            found[name] = f"{type(error).__name__}: {error}"

    with tempfile.TemporaryDirectory() as folder:
        measure("run_sync", _run_sync)
        measure("cache get", lambda: _cache(folder)[0])
        measure("cache set", lambda: _cache(folder)[1])
        measure("metric enabled", lambda: _metric(False))
        measure("metric disabled", lambda: _metric(True))
        measure("tracked instance", _tracked)
    found.update(_crowd(repeats))
    return found


if __name__ == "__main__":
    json.dump(run(float(sys.argv[1]), int(sys.argv[2])), sys.stdout)
