"""Runs the rounds and gathers what they measured."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.environments import run_in
from benchmarks.gates import Gate, Key

_CONTENDERS = ("ours", "hand")


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    subjects: dict[str, int]
    large: list[str]
    rounds: int
    budget: float
    """Seconds for each case in each round."""
    repeats: int
    cases: list[str]
    import_rounds: int
    memory: list[str]


@dataclass
class Results:
    """Every measurement of a run: key to one value a round, or to why there is none."""

    values: dict[Key, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[Key, str] = field(default_factory=dict)

    def add(self, key: Key, value: float | str) -> None:
        """Take one round's value, or why there is none."""
        if isinstance(value, str):
            self.errors[key] = value
        else:
            self.values[key].append(value)

    def ratio(self, gate: Gate) -> tuple[float, float, float] | str:
        """Median, least and largest of the rounds' ratios; why there is none, if there is none."""
        for key in (gate.measured, gate.reference):
            if key not in self.values:
                return f"{key[0]}: {self.errors.get(key, 'not measured')}"
        pairs = zip(self.values[gate.measured], self.values[gate.reference], strict=True)
        ratios = [one / other for one, other in pairs]
        return median(ratios), min(ratios), max(ratios)


def say(text: str) -> None:
    """Progress, for the person who waits."""
    print(text, file=sys.stderr, flush=True)


def run(size: Size) -> Results:
    """All measurements, the contenders in turn in each round, a fresh process for each."""
    results = Results()
    members = common_members()
    for number in range(size.rounds):
        for subject, n in size.subjects.items():
            say(f"round {number + 1} of {size.rounds}: {subject}")
            for contender in _turn(number):
                plan: dict[str, Any] = {
                    "subject": subject.partition(" ")[0],
                    "size": n,
                    "contender": contender,
                    "cases": size.cases,
                    "budget": size.budget,
                    "repeats": size.repeats,
                    "members": members,
                }
                for who, cases in run_in(contender, "worker", plan=plan).items():
                    for case, value in cases.items():
                        results.add((who, subject, case), value)
        say(f"round {number + 1} of {size.rounds}: utilities")
        for contender in _turn(number):
            found = run_in(contender, "utilities", str(size.budget * 5), str(size.repeats))
            for case, value in found.items():
                results.add((contender, "utilities", case), value)
    _import(size, results)
    _memory(size, results, members)
    return results


def _turn(number: int) -> tuple[str, ...]:
    return _CONTENDERS if number % 2 == 0 else _CONTENDERS[::-1]


def common_members() -> dict[str, list[str]]:
    """The members that our class and the hand-written one both have, class by class."""
    ours, theirs = (run_in(contender, "members") for contender in _CONTENDERS)
    both = {kind: sorted(set(names) & set(theirs[kind])) for kind, names in ours.items() if kind in theirs}
    return {kind: names for kind, names in both.items() if names}


def _import(size: Size, results: Results) -> None:
    one, every, pb2 = "flytekit.models.literals", "flytekit.models.*", "flyteidl.core.literals_pb2"
    for number in range(size.import_rounds):
        say(f"imports: {number + 1} of {size.import_rounds}")
        asked = [("ours", "ours", one), ("protobuf", "ours", pb2), ("hand", "hand", one)]
        asked += [("ours", "ours", every), ("hand", "hand", every)]
        for contender, environment, what in asked if number % 2 == 0 else asked[::-1]:
            found = run_in(environment, "imports", what)
            results.add((contender, what, "import"), found["seconds"])
            results.add((contender, what, "modules"), found["modules"])


def _memory(size: Size, results: Results, members: dict[str, list[str]]) -> None:
    for subject in size.memory:
        say(f"memory: {subject}")
        asked = [("protobuf", "ours", "message"), ("ours", "ours", "unread")]
        asked += [("ours", "ours", "read"), ("hand", "hand", "read")]
        for contender, environment, what in asked:
            plan = {"subject": subject.partition(" ")[0], "size": size.subjects[subject], "what": what}
            for traced, case in ((False, f"memory {what}"), (True, f"traced {what}")):
                found = run_in(environment, "memory", plan={**plan, "tracemalloc": traced, "members": members})
                results.add((contender, subject, case), found["traced" if traced else "resident"])
