"""``python -m benchmarks [--quick]``: measures, prints the gate table, and writes benchmarks/results."""

from __future__ import annotations

import argparse

from benchmarks.gates import gates
from benchmarks.report import gate_table
from benchmarks.runs import Size, run

_GATED = ["build", "write", "from message", "round trip", "read a leaf", "read everything", "read again"]
_GATED += ["write untouched", "==", "hash", "== built", "hash built"]

QUICK = Size(
    subjects={"identifier": 1, "literals 2,000": 2000, "closure 200": 200},
    large=["literals 2,000", "closure 200"],
    rounds=3,
    budget=0.06,
    repeats=3,
    cases=_GATED,
    import_rounds=5,
    memory=["literals 2,000", "closure 200"],
)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the gate table alone, in two minutes")
    parser.parse_args()
    size = QUICK
    results = run(size)
    print(gate_table(results, gates(size.large, "identifier", list(size.subjects))))


if __name__ == "__main__":
    main()
