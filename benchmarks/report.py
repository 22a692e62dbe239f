"""Turns measurements into tables and plots."""

from __future__ import annotations

from benchmarks.gates import Gate
from benchmarks.runs import Results


def gate_table(results: Results, gates: list[Gate]) -> str:
    """The gate table, as Markdown: OK and OVER rows."""
    lines = ["| case | at most | measured (least - largest) | |", "| --- | --- | --- | --- |"]
    for gate in gates:
        found = results.ratio(gate)
        if isinstance(found, str):
            lines.append(f"| {gate.row} | {gate.limit:g} | {found[:80]} | NONE |")
        else:
            middle, least, largest = found
            verdict = "OK" if middle <= gate.limit else "OVER"
            lines.append(f"| {gate.row} | {gate.limit:g} | {middle:.2f} ({least:.2f} - {largest:.2f}) | {verdict} |")
    return "\n".join(lines)
