"""Measure, and tell which gates hold: the gate table alone with --quick, else the report in benchmarks/results."""

from __future__ import annotations

import argparse

from benchmarks import pages
from benchmarks.call_report import call_tables
from benchmarks.environments import ROOT, run_in
from benchmarks.gates import gates
from benchmarks.report import floor_tables, gate_table, plot_data, report
from benchmarks.rivals import RIVALS
from benchmarks.runs import Results, Size, run

_GATED = ["build", "write", "from message", "round trip", "read a leaf", "read everything", "read again"]
_GATED += ["write untouched", "==", "hash", "== built", "hash built", "== read", "hash read"]
_GATED += ["from bytes", "everything from bytes", "to bytes, built", "change a leaf and write"]
_OTHERS = ["build and write", "write read", "to bytes", "leaf from bytes"]
_OTHERS += ["pickle", "unpickle", "short_string"]

QUICK = Size(
    subjects={"identifier": 1, "literals 2,000": 2000, "closure 200": 200},
    large=["literals 2,000", "closure 200"],
    cases=_GATED,
    rounds=2,
    repeats=5,
    budget=0.02,
    import_rounds=3,
    memory=["literals 2,000", "closure 200"],
)

FULL = Size(
    subjects={
        "identifier": 1,
        "literals 10": 10,
        "literals 1,000": 1000,
        "literals 2,000": 2000,
        "literals 10,000": 10_000,
        "literals 50,000": 50_000,
        "nested 100": 100,
        "task": 1,
        "closure 10": 10,
        "closure 200": 200,
        "closure 1,000": 1000,
        "closure 2,000": 2000,
        "closure 10,000": 10_000,
        "executions 1,000": 1000,
        "workflow 100": 100,
    },
    large=["literals 2,000", "literals 50,000", "closure 1,000", "closure 10,000", "executions 1,000", "workflow 100"],
    cases=_GATED + _OTHERS,
    rounds=2,
    more_rounds=2,
    repeats=5,
    budget=0.02,
    import_rounds=7,
    memory=["literals 2,000", "literals 50,000", "closure 1,000", "executions 1,000"],
    rivals=RIVALS,
    traced=True,
    generator=True,
)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="the gate table alone, of smaller subjects, in a few minutes"
    )
    size = QUICK if parser.parse_args().quick else FULL
    results = run(size)
    held = gates(size.large, "identifier", list(size.subjects), size.memory)
    if size is FULL:
        _write(results, size)
    print(gate_table(results, held))


def _write(results: Results, size: Size) -> None:
    held = gates(size.large, "identifier", list(size.subjects), size.memory, bool(size.rivals))
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    text = report(results, size, held)
    (folder / "report.md").write_text(text)
    pages.write(text)
    (folder / "calls.md").write_text(call_tables())
    floors = run_in("ours", "floors", plan={"members": results.members})
    (folder / "floors.md").write_text(floor_tables(floors))
    run_in("ours", "plots", str(folder), plan=plot_data(results, size, held))


if __name__ == "__main__":
    main()
