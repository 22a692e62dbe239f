"""Times cases on request: a process for each contender, subject and round, so that contenders can take turns.

The first line it reads is the plan, each further one a case; it answers each case with a line.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.cases import Case, model_cases, protobuf_cases
from benchmarks.rivals import rival_cases
from benchmarks.subjects import SUBJECTS


class Timer:
    """Times one case, again whenever it is asked."""

    def __init__(self, case: Case, budget: float) -> None:
        self._case = case
        self._budget = budget
        self._calls = 0

    def seconds_of_call(self) -> float:
        """Seconds of processor time of one call, of as many calls as the budget allows.

        Processor time, since others work on the machine as well. The garbage collector runs as in real programs.
        """
        if not self._calls:
            first = self._run(1)
            if first > self._budget:
                # Too long for what only a first call does to matter.
                self._calls = 1
                return first
            self._calls = max(1, int(self._budget / max(self._run(1), 1e-7)))
        return self._run(self._calls) / self._calls

    def _run(self, calls: int) -> float:
        case = self._case
        start = time.thread_time_ns()
        for _ in range(calls):
            case()
        return (time.thread_time_ns() - start) / 1e9


def contenders(plan: dict[str, Any]) -> dict[str, dict[str, Callable[[], Case]]]:
    """Those who compete in this process, and their cases."""
    subject, n, contender = SUBJECTS[plan["subject"]], plan["size"], plan["contender"]
    if contender == "ours":
        return {"ours": model_cases(subject, n, plan["members"]), "protobuf": protobuf_cases(subject, n)}
    if contender in ("hand", "pure"):
        return {contender: model_cases(subject, n, plan["members"])}
    return {contender: rival_cases(contender, subject, bytes.fromhex(plan["wire"]))}


def serve() -> None:
    """Answer until there is no further line."""
    plan = json.loads(sys.stdin.readline())
    competing = contenders(plan)
    timers: dict[str, Timer] = {}
    turn = ""
    print("ready", flush=True)
    for line in sys.stdin:
        name = line.strip()
        answer: dict[str, float | str] = {}
        if name != turn:
            turn = name
            timers.clear()
            gc.collect()
        for who, cases in competing.items():
            if name in cases:
                try:
                    if who not in timers:
                        timers[who] = Timer(cases[name](), plan["budget"])
                    answer[who] = timers[who].seconds_of_call()
                except Exception as error:
                    answer[who] = f"{type(error).__name__}: {error}"[:200]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
