"""Runs the rounds and gathers what they measured."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.environments import run_in, workers
from benchmarks.gates import Key
from benchmarks.machine import regenerate

MODELS = ("ours", "hand")

_LONG = 2.0
"""Seconds after which a case is not repeated again in one round."""

_WIDE = 1.5
"""The largest of the rounds' ratios over the least from which on a subject is measured in another round."""


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    subjects: dict[str, int]
    """Subject, as it is shown, to its size."""
    large: list[str]
    """Those that the gates for large subjects are about."""
    cases: list[str]
    rounds: int
    repeats: int
    """How often each case is timed in each round, the contenders in turn."""
    budget: float
    """Seconds that each time takes."""
    import_rounds: int
    memory: list[str]
    rivals: tuple[str, ...] = ()
    traced: bool = False
    generator: bool = False
    more_rounds: int = 0
    """How many further rounds there are of subjects with ratios that differ widely."""


@dataclass
class Results:
    """Every measurement of a run: key to one value a round, or to why there is none."""

    values: dict[Key, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[Key, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    """The members that were read, class by class."""

    def add(self, key: Key, value: float | str) -> None:
        """Take one round's value, or why there is none."""
        if isinstance(value, str):
            self.errors[key] = value
        else:
            self.values[key].append(value)

    def ratio(self, measured: Key, reference: Key) -> tuple[float, float, float] | str:
        """Median, least and largest of the rounds' ratios; why there is none, if there is none."""
        for key in (measured, reference):
            if key not in self.values:
                return f"{key[0]}: {self.errors.get(key, 'not measured')}"
        ratios = [one / other for one, other in zip(self.values[measured], self.values[reference], strict=True)]
        return median(ratios), min(ratios), max(ratios)


def say(text: str) -> None:
    """Progress, for the person who waits."""
    print(text, file=sys.stderr, flush=True)


def run(size: Size) -> Results:
    """All measurements, the contenders in turn, in fresh processes in each round."""
    members = common_members()
    results = Results(members=members)
    for number in range(size.rounds):
        for subject, n in size.subjects.items():
            say(f"round {number + 1} of {size.rounds}: {subject}")
            _time(size, subject, n, members, results)
        for contender in MODELS:
            found = run_in(contender, "utilities", str(size.budget * 4), "3")
            for case, value in found.items():
                results.add((contender, "utilities", case), value)
    for number in range(size.more_rounds):
        for subject, n in size.subjects.items():
            # All cases: a gate may compare two of them, round by round.
            wide = [case for case in size.cases if _is_wide(results, subject, case)]
            if wide:
                say(f"further round {number + 1} of {size.more_rounds}: {subject}, for {', '.join(wide)}")
                _time(size, subject, n, members, results)
    _import(size, results)
    _memory(size, results, members)
    if size.generator:
        _generate(size, results)
    return results


def _is_wide(results: Results, subject: str, case: str) -> bool:
    """Whether what the models take beside protobuf or by hand differs widely from round to round."""
    for who in ("ours", "pure"):
        for other in ("protobuf", "hand"):
            found = results.ratio((who, subject, case), (other, subject, case))
            if not isinstance(found, str) and found[2] > found[1] * _WIDE:
                return True
    return False


def _time(size: Size, subject: str, n: int, members: dict[str, list[str]], results: Results) -> None:
    """One round of one subject."""
    plan: dict[str, Any] = {"subject": kind_of(subject), "size": n, "budget": size.budget, "members": members}
    if size.rivals:
        plan["wire"] = run_in("ours", "wire", plan=plan)
    taken: dict[Key, list[float]] = defaultdict(list)
    with workers((*MODELS, "pure", *size.rivals), plan) as started:
        for case in size.cases:
            start = time.monotonic()
            for repeat in range(size.repeats):
                if repeat and time.monotonic() - start > _LONG:
                    break
                for worker in started:
                    for who, value in worker.ask(case).items():
                        key = (who, subject, case)
                        if isinstance(value, str):
                            results.add(key, value)
                        else:
                            taken[key].append(value)
    for key, values in taken.items():
        results.add(key, median(values))


def kind_of(subject: str) -> str:
    """The subject without its size."""
    return subject.partition(" ")[0]


def common_members() -> dict[str, list[str]]:
    """The members that our class and the hand-written one both have, class by class."""
    ours, theirs = (run_in(contender, "members") for contender in MODELS)
    both = {kind: sorted(set(names) & set(theirs[kind])) for kind, names in ours.items() if kind in theirs}
    # Which class holds a page of executions differs.
    both["flytekit.models.execution.ExecutionList"] = both["benchmarks.subjects.Page"] = ["executions"]
    return {kind: names for kind, names in both.items() if names}


def _import(size: Size, results: Results) -> None:
    one, every, pb2 = "flytekit.models.literals", "flytekit.models.*", "flyteidl.core.literals_pb2"
    run_in("ours", "imports", every)
    for number in range(size.import_rounds):
        say(f"imports: {number + 1} of {size.import_rounds}")
        asked = [("ours", "ours", one), ("protobuf", "ours", pb2), ("hand", "hand", one)]
        asked += [("ours", "ours", every), ("hand", "hand", every)]
        for contender, environment, what in asked if number % 2 == 0 else asked[::-1]:
            found = run_in(environment, "imports", what)
            results.add((contender, what, "import"), found["seconds"])
            results.add((contender, what, "modules"), found["modules"])
        for contender, environment in (("ours", "overlaid"), ("pure", "overlaid, pure"), ("hand", "hand")):
            for case, value in run_in(environment, "inside").items():
                results.add((contender, "inside flytekit", case), value)


def _memory(size: Size, results: Results, members: dict[str, list[str]]) -> None:
    for subject in size.memory:
        say(f"memory: {subject}")
        asked = [("protobuf", "ours", "message"), ("protobuf", "ours", "objects"), ("ours", "ours", "unread")]
        asked += [
            ("ours", "ours", "read"),
            ("hand", "hand", "read"),
            ("pure", "pure", "unread"),
            ("pure", "pure", "read"),
        ]
        plan = {"subject": kind_of(subject), "size": size.subjects[subject], "members": members}
        for contender, environment, what in asked:
            found = run_in(environment, "memory", plan={**plan, "what": what, "tracemalloc": False})
            results.add((contender, subject, f"memory {what}"), found["resident"])
            if size.traced:
                found = run_in(environment, "memory", plan={**plan, "what": what, "tracemalloc": True})
                results.add((contender, subject, f"traced {what}"), found["traced"])
        for what in ("part", "part copied"):
            found = run_in("ours", "memory", plan={**plan, "what": what, "tracemalloc": True})
            results.add(("ours", subject, f"memory {what}"), found["traced"])


def _generate(size: Size, results: Results) -> None:
    for number in range(size.rounds):
        say(f"generator: {number + 1} of {size.rounds}")
        with tempfile.TemporaryDirectory() as folder:
            for case in ("regenerate cold", "regenerate unchanged"):
                start = time.perf_counter()
                regenerate(Path(folder))
                results.add(("ours", "generator", case), time.perf_counter() - start)
