"""Runs cases in this process and environment, and prints what they took: one round of one subject."""

from __future__ import annotations

import json
import sys
import time
from statistics import median
from typing import Any

from benchmarks.cases import Case, model_cases, protobuf_cases
from benchmarks.subjects import SUBJECTS


def seconds_of_call(case: Case, budget: float, repeats: int) -> float:
    """Seconds of processor time of one call: the median of *repeats* runs that fill *budget* seconds together.

    Processor time, since others work on the machine as well. The garbage collector runs as it does in real programs.
    """
    start = time.thread_time_ns()
    case()
    once = max(time.thread_time_ns() - start, 200)
    calls = max(1, int(budget * 1e9 / repeats / once))
    taken = []
    for _ in range(repeats):
        start = time.thread_time_ns()
        for _ in range(calls):
            case()
        taken.append((time.thread_time_ns() - start) / calls / 1e9)
    return median(taken)


def run(plan: dict[str, Any]) -> dict[str, dict[str, float | str]]:
    """Contender to case to seconds, or to the error of one who cannot do it."""
    subject, n = SUBJECTS[plan["subject"]], plan["size"]
    contenders: dict[str, dict[str, Case]] = {plan["contender"]: model_cases(subject, n, plan["members"])}
    if plan["contender"] == "ours":
        contenders["protobuf"] = protobuf_cases(subject, n)
    found: dict[str, dict[str, float | str]] = {contender: {} for contender in contenders}
    for name in plan["cases"]:
        for contender, cases in contenders.items():
            if name in cases:
                try:
                    found[contender][name] = seconds_of_call(cases[name], plan["budget"], plan["repeats"])
                except Exception as error:
                    found[contender][name] = f"{type(error).__name__}: {error}"
    return found


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
