"""What must hold: the gate table, as data. Each row compares two measurements of one run."""

from __future__ import annotations

from dataclasses import dataclass

Key = tuple[str, str, str]
"""Contender, subject and case."""


@dataclass(frozen=True)
class Gate:
    """*measured* may be *limit* times *reference* at most."""

    row: str
    measured: Key
    reference: Key
    limit: float


def gates(large: list[str], small: str, subjects: list[str]) -> list[Gate]:
    """The gates of a run over *subjects*, some of them *large* and one of them *small*."""
    found = []

    def add(row: str, case: str, reference: tuple[str, str], limit: float, over: list[str]) -> None:
        for subject in over:
            found.append(
                Gate(f"{row}: {subject}", ("ours", subject, case), (reference[0], subject, reference[1]), limit)
            )

    copy = ("protobuf", "from message")
    add("from_flyte_idl", "from message", copy, 1.3, large)
    add("round trip untouched", "round trip", copy, 2.5, large)
    add("to_flyte_idl of a built model, beside protobuf by hand", "write", ("protobuf", "write"), 1.3, large)
    add("to_flyte_idl of a built model, beside hand-written", "write", ("hand", "write"), 0.2, large)
    add("read everything", "read everything", ("hand", "read everything"), 0.75, large)
    add("read everything again", "read again", ("hand", "read again"), 1.15, large)
    add("read one leaf", "read a leaf", copy, 1.5, large)
    add("== untouched", "==", ("protobuf", "=="), 1.3, large)
    add("hash untouched", "hash", ("protobuf", "hash"), 1.3, large)
    add("== built", "== built", ("hand", "== built"), 0.2, large)
    add("hash built", "hash built", ("hand", "hash built"), 0.2, large)
    add("constructor calls", "build", ("hand", "build"), 1.1, subjects)
    add("small: read from a message, read a member", "read a leaf", ("hand", "read a leaf"), 1.0, [small])
    add("small: to_flyte_idl", "write", ("hand", "write"), 1.0, [small])
    add("small: to_flyte_idl, read from a message", "write untouched", ("hand", "write untouched"), 1.0, [small])
    for case in ("==", "hash", "== built", "hash built"):
        add(f"small: {case}", case, ("hand", case), 1.0, [small])
    add("memory, untouched", "memory unread", ("protobuf", "memory message"), 1.2, large)
    add("memory, fully read", "memory read", ("hand", "memory read"), 1.6, large)
    one, every = "flytekit.models.literals", "flytekit.models.*"
    found += [
        Gate("import one module, beside flytekit's", ("ours", one, "import"), ("hand", one, "import"), 0.05),
        Gate(
            "import one module, beside literals_pb2",
            ("ours", one, "import"),
            ("protobuf", "flyteidl.core.literals_pb2", "import"),
            1.0,
        ),
        Gate("import every module", ("ours", every, "import"), ("hand", every, "import"), 0.2),
    ]
    for case, limit in (("run_sync", 1.0), ("cache get", 1.0), ("cache set", 0.8)):
        found.append(Gate(case, ("ours", "utilities", case), ("hand", "utilities", case), limit))
    return found
