"""Calls of a server on this machine: our client beside flyteidl's own stub, and beside flytekit's client.

`python -m benchmarks.call_report` prints the tables; `make bench` writes them.
"""

from __future__ import annotations

import subprocess
from statistics import median
from typing import Any

from benchmarks.environments import command_of, run_in

ROUNDS = 60
_AT_MOST = {("small", "stub"): 1.1, ("large", "stub"): 1.1}
"""What must hold, of the processor's time; flytekit's client is to be undercut in every case."""


def call_tables(rounds: int = ROUNDS) -> str:
    """The tables, as Markdown."""
    command, variables = command_of("ours", "call_server")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=variables, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        address = server.stdout.readline().strip()
        # In turn, since both are compared with the stub in their own environment.
        found = {
            contender: run_in(contender, "calls", contender, address, str(rounds)) for contender in ("ours", "hand")
        }
        server.stdin.close()
    lines = [
        "# Calls",
        "Written by `make bench`. A server in a process of its own answers with messages that are written already:",
        "an execution (small), and the outputs of one, 2,000 literals (large). Medians of the rounds, of one run;",
        "flyteidl's stub was measured in turn with each client, in the client's environment.",
        "",
        "| case | stub: calls a second | ours: calls a second | ours / stub, processor (at most) "
        "| flytekit / stub, processor | ours / flytekit, processor |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for case, taken in found["ours"].items():
        ours, stub = taken["ours"], taken["stub"]
        theirs, their_stub = (found["hand"][case][who] for who in ("flytekit", "stub"))
        ratio, their_ratio = _ratio(ours, stub), _ratio(theirs, their_stub)
        limit = _AT_MOST.get((case, "stub"))
        verdict = "" if limit is None else f" ({limit:g}: {'OK' if ratio <= limit else 'OVER'})"
        ahead = ratio / their_ratio
        cells = [case, f"{_rate(stub):,.0f}", f"{_rate(ours):,.0f}", f"{ratio:.2f}{verdict}", f"{their_ratio:.2f}"]
        lines.append(f"| {' | '.join(cells)} | {ahead:.2f} ({'OK' if ahead < 1 else 'OVER'}) |")
    return "\n".join(lines) + "\n"


def _ratio(one: Any, other: Any) -> float:
    """The median of the rounds' ratios of processor time."""
    return median(a[1] / b[1] for a, b in zip(one, other, strict=True))


def _rate(taken: Any) -> float:
    return 1 / median(clock for clock, _ in taken)


if __name__ == "__main__":
    print(call_tables())
