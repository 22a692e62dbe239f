"""What must hold: the gate table, as data. Each row compares two measurements of one run."""

from __future__ import annotations

from dataclasses import dataclass

Key = tuple[str, str, str]
"""Contender, subject and case."""

_ONE, _EVERY, _PB2 = "flytekit.models.literals", "flytekit.models.*", "flyteidl.core.literals_pb2"


@dataclass(frozen=True)
class Gate:
    """*measured* may be *limit* times *reference* at most."""

    row: str
    measured: Key
    reference: Key
    limit: float
    floor: Key | None = None
    """What protobuf alone takes for the same, by hand and in place: the pure path, which goes by protobuf's objects,
    cannot be faster."""


def gates(large: list[str], small: str, subjects: list[str], memory: list[str], rivals: bool = False) -> list[Gate]:
    """The gates of a run over *subjects*, some of them *large* and one of them *small*."""
    found = []

    def add(
        row: str,
        case: str,
        reference: tuple[str, str],
        limit: float,
        over: list[str],
        floor: str | None = None,
        who: str = "ours",
    ) -> None:
        for subject in over:
            measured, other = (who, subject, case), (reference[0], subject, reference[1])
            path = "without the core, " if who == "pure" else ""
            alone = ("protobuf", subject, floor or case)
            found.append(Gate(f"{path}{row}: {subject}", measured, other, limit, alone))

    copy, by_hand = ("protobuf", "from message"), "small, / hand-written"
    walk = ("protobuf", "everything from bytes")
    add("from_flyte_idl / CopyFrom", "from message", copy, 1.3, large)
    add("round trip untouched / CopyFrom", "round trip", copy, 2.5, large)
    add("from_bytes / FromString", "from bytes", ("protobuf", "from bytes"), 0.6, large)
    add("read everything from bytes / protobuf's leanest walk", "everything from bytes", walk, 0.8, large)
    if rivals:
        other = ("protobuf-py", "everything from bytes")
        add("read everything from bytes / protobuf-py", "everything from bytes", other, 0.8, large)
    add("read everything / hand-written", "read everything", ("hand", "read everything"), 0.25, large)
    add("read everything again / hand-written", "read again", ("hand", "read again"), 0.6, large)
    add("read one leaf / CopyFrom", "read a leaf", copy, 1.5, large)
    add("to_flyte_idl, built / protobuf by hand", "write", ("protobuf", "write"), 0.7, large)
    add("to_bytes, built / protobuf by hand", "to bytes, built", ("protobuf", "to bytes, built"), 0.4, large)
    for case in ("==", "hash", "== read", "hash read", "== built", "hash built"):
        add(f"{case} / hand-written", case, ("hand", case), 0.1, large)
        add(f"{by_hand}: {case}", case, ("hand", case), 1.0, [small])
    add("constructor calls / hand-written", "build", ("hand", "build"), 1.0, subjects)
    add(f"{by_hand}: from_flyte_idl and a member", "read a leaf", ("hand", "read a leaf"), 0.7, [small])
    add(f"{by_hand}: to_flyte_idl, built", "write", ("hand", "write"), 1.0, [small])
    add(f"{by_hand}: to_flyte_idl, untouched", "write untouched", ("hand", "write untouched"), 1.0, [small])
    changing = ("hand", "change a leaf and write")
    add(f"{by_hand}: change a leaf and write", "change a leaf and write", changing, 1.0, [small])
    add("memory, untouched / message", "memory unread", ("protobuf", "memory message"), 1.2, memory)
    add("memory, fully read / hand-written", "memory read", ("hand", "memory read"), 1.15, memory, "memory objects")
    add("memory, a small part kept / a deep copy of it", "memory part", ("ours", "memory part copied"), 2, memory)

    add("from_flyte_idl / CopyFrom", "from message", copy, 1.3, large, who="pure")
    add("from_bytes / FromString", "from bytes", ("protobuf", "from bytes"), 1.3, large, who="pure")
    add("to_flyte_idl, built / protobuf by hand", "write", ("protobuf", "write"), 1.3, large, who="pure")
    add("read everything / hand-written", "read everything", ("hand", "read everything"), 0.75, large, who="pure")
    add("read everything again / hand-written", "read again", ("hand", "read again"), 1.15, large, who="pure")
    add("read one leaf / CopyFrom", "read a leaf", copy, 1.5, large, who="pure")
    add("== built / hand-written", "== built", ("hand", "== built"), 0.2, large, who="pure")
    add("hash built / hand-written", "hash built", ("hand", "hash built"), 0.2, large, who="pure")
    add("constructor calls / hand-written", "build", ("hand", "build"), 1.1, subjects, who="pure")
    add(f"{by_hand}: from_flyte_idl and a member", "read a leaf", ("hand", "read a leaf"), 1.0, [small], who="pure")
    add(f"{by_hand}: change a leaf and write", "change a leaf and write", changing, 4.0, [small], who="pure")
    add("memory, fully read / hand-written", "memory read", ("hand", "memory read"), 1.6, memory, who="pure")
    found += [
        Gate("import of one module / flytekit's", ("ours", _ONE, "import"), ("hand", _ONE, "import"), 0.05),
        Gate("import of one module / literals_pb2", ("ours", _ONE, "import"), ("protobuf", _PB2, "import"), 1.0),
        Gate("import of every module / flytekit's", ("ours", _EVERY, "import"), ("hand", _EVERY, "import"), 0.2),
    ]
    for case in ("with byte code", "without byte code"):
        for who, path in (("ours", ""), ("pure", "without the core, ")):
            inside = (who, "inside flytekit", case), ("hand", "inside flytekit", case)
            found.append(Gate(f"{path}models in `import flytekit`, {case} / flytekit's", *inside, 1.2))
    for case, limit in (("run_sync", 1.0), ("cache get", 0.5), ("cache set", 0.5)):
        found.append(Gate(f"{case} / flytekit's", ("ours", "utilities", case), ("hand", "utilities", case), limit))
    return found
