"""Turns measurements into tables, and into the data of the plots."""

from __future__ import annotations

from statistics import median
from typing import Any

from benchmarks.gates import Gate
from benchmarks.machine import describe
from benchmarks.runs import Results, Size, kind_of

CONTENDERS = {
    "protobuf": "protobuf",
    "ours": "ours",
    "pure": "ours, without the core",
    "hand": "hand-written",
    "betterproto2": "betterproto2",
    "proto-plus": "proto-plus",
    "protobuf-py": "protobuf-py",
}


def gate_table(results: Results, gates: list[Gate]) -> str:
    """The gate table, as Markdown: OK and OVER rows."""
    lines = [
        "| measured / compared with: subject | at most | median (least to largest) | protobuf alone | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for gate in gates:
        found = results.ratio(gate.measured, gate.reference)
        if isinstance(found, str):
            lines.append(f"| {gate.row} | {gate.limit:g} | {found} | | NONE |")
        else:
            floor = None if gate.floor is None else results.ratio(gate.floor, gate.reference)
            alone = "" if floor is None or isinstance(floor, str) else f"{floor[0]:.2f}"
            verdict = "OK" if found[0] <= gate.limit else "OVER"
            lines.append(f"| {gate.row} | {gate.limit:g} | {_spread(found)} | {alone} | {verdict} |")
    return "\n".join(lines)


def _spread(ratio: tuple[float, float, float]) -> str:
    return "{:.2f} ({:.2f} to {:.2f})".format(*ratio)


def report(results: Results, size: Size, gates: list[Gate]) -> str:
    """The whole report, as Markdown."""
    parts = ["# Benchmarks", "Written by `make bench`. Ratios of one run; medians over the rounds, least and largest."]
    parts.append("\n".join(f"- {line}" for line in describe()))
    parts += ["## What must hold", gate_table(results, gates)]
    for subject in size.subjects:
        parts += [f"## {subject}", _subject_table(results, size, subject)]
    parts += ["## Growth", _growth_table(results, size), "## Imports", _import_table(results)]
    parts += ["## Utilities and generator", _utilities_table(results)]
    if size.memory:
        parts += ["## Memory", _memory_table(results, size)]
    return "\n\n".join(parts) + "\n"


def _subject_table(results: Results, size: Size, subject: str) -> str:
    """Case by contender: the time of ours, and everybody's ratio to the reference of the case."""
    shown = [who for who in CONTENDERS if any((who, subject, case) in results.values for case in size.cases)]
    beside_protobuf = " | ".join(f"{CONTENDERS[who]} / protobuf" for who in shown[1:])
    lines = [
        f"| case | protobuf takes | {beside_protobuf} | ours / hand-written |",
    ]
    lines.append("| --- " * (len(shown) + 2) + "|")
    for case in size.cases:
        protobuf = results.values.get(("protobuf", subject, case))
        cells = [case, _time(median(protobuf)) if protobuf else ""]
        for who in shown[1:]:
            found = results.ratio((who, subject, case), ("protobuf", subject, case))
            cells.append(_cell(results, (who, subject, case), found))
        by_hand = results.ratio(("ours", subject, case), ("hand", subject, case))
        cells.append("" if isinstance(by_hand, str) else _spread(by_hand))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(results: Results, key: tuple[str, str, str], found: tuple[float, float, float] | str) -> str:
    if not isinstance(found, str):
        return _spread(found)
    if key in results.errors:
        return f"cannot: {results.errors[key].partition(':')[0]}"
    return f"takes {_time(median(results.values[key]))}" if key in results.values else ""


def _time(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def _growth_table(results: Results, size: Size) -> str:
    """Time for each entry or node of the same kind of subject, at growing sizes: flat where cost is linear."""
    lines = ["| case of ours | subject | time for each, by size |", "| --- | --- | --- |"]
    for kind, subjects in growing(size).items():
        for case in size.cases:
            found = [(n, results.values.get(("ours", subject, case))) for subject, n in subjects.items()]
            if all(values for _, values in found):
                each = ", ".join(f"{n:,}: {_time(median(values or [0]) / n)}" for n, values in found)
                lines.append(f"| {case} | {kind} | {each} |")
    return "\n".join(lines)


def growing(size: Size) -> dict[str, dict[str, int]]:
    """Kind to its subjects and sizes, where there are several."""
    kinds: dict[str, dict[str, int]] = {}
    for subject, n in size.subjects.items():
        kinds.setdefault(kind_of(subject), {})[subject] = n
    return {kind: subjects for kind, subjects in kinds.items() if len(subjects) > 1}


def _import_table(results: Results) -> str:
    lines = ["| contender | module | time | modules loaded |", "| --- | --- | --- | --- |"]
    for (who, what, case), values in results.values.items():
        if case == "import":
            loaded = median(results.values[who, what, "modules"])
            lines.append(f"| {CONTENDERS[who]} | `{what}` | {_time(median(values))} | {loaded:.0f} |")
        elif what == "inside flytekit" and case != "modules":
            loaded = median(results.values[who, what, "modules"])
            lines.append(f"| {CONTENDERS[who]} | {what}, {case} | {_time(median(values))} | {loaded:.0f} |")
    return "\n".join(lines)


def _utilities_table(results: Results) -> str:
    lines = ["| case | ours | ours / hand-written |", "| --- | --- | --- |"]
    for (who, what, case), values in results.values.items():
        if who == "ours" and what in ("utilities", "generator"):
            found = results.ratio((who, what, case), ("hand", what, case))
            ratio = "" if isinstance(found, str) else _spread(found)
            lines.append(f"| {case} | {_time(median(values))} | {ratio} |")
    return "\n".join(lines)


def _memory_table(results: Results, size: Size) -> str:
    lines = ["| subject | what | resident for each entry | of it Python objects |", "| --- | --- | --- | --- |"]
    asked = [("protobuf", "message"), ("protobuf", "objects"), ("ours", "unread"), ("ours", "read"), ("hand", "read")]
    asked += [("pure", "unread"), ("pure", "read")]
    for subject in size.memory:
        for who, what in asked:
            cells = []
            for case in (f"memory {what}", f"traced {what}"):
                values = results.values.get((who, subject, case))
                cells.append(f"{median(values) / size.subjects[subject]:,.0f} bytes" if values else "")
            lines.append(f"| {subject} | {CONTENDERS[who]}, {what} | {' | '.join(cells)} |")
        for what in ("part", "part copied"):
            (taken,) = results.values["ours", subject, f"memory {what}"]
            lines.append(f"| {subject} | ours, a small {what}, alone | | {taken:,.0f} bytes |")
    return "\n".join(lines)


def floor_tables(cases: dict[str, dict[str, float]]) -> str:
    """Case by case, what its steps take beside the first of them."""
    parts = ["# Floors", "Written by `make bench`. Each step does what the one before does and a little more."]
    for case, steps in cases.items():
        first = next(iter(steps.values()))
        lines = ["| step | takes | / first |", "| --- | --- | --- |"]
        lines += [f"| {step} | {_time(seconds)} | {seconds / first:.2f} |" for step, seconds in steps.items()]
        parts += [f"## {case}: a map of 2,000 literals", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def plot_data(results: Results, size: Size, gates: list[Gate]) -> dict[str, Any]:
    """What ``benchmarks.plots`` draws: the gates, and the contenders where all of them can do the case."""
    found = [(gate, results.ratio(gate.measured, gate.reference)) for gate in gates]
    kept = [(gate, ratio) for gate, ratio in found if not isinstance(ratio, str)]
    cases = ["from bytes", "to bytes", "leaf from bytes", "=="]
    subjects = [subject for subject in size.large if size.rivals]
    return {
        "gates": [[gate.row, gate.limit, *ratio] for gate, ratio in kept],
        "contenders": list(CONTENDERS.values()),
        "cases": cases,
        "rivals": {
            subject: [
                [_middle(results, (who, subject, case), ("protobuf", subject, case)) for case in cases]
                for who in CONTENDERS
            ]
            for subject in subjects
        },
    }


def _middle(results: Results, measured: tuple[str, str, str], reference: tuple[str, str, str]) -> float | None:
    found = results.ratio(measured, reference)
    return None if isinstance(found, str) else found[0]
