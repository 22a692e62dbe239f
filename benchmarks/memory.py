"""Prints the resident memory of one message or model of a subject, in bytes: a process for each measurement."""

from __future__ import annotations

import gc
import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from benchmarks.cases import find, find_model, way
from benchmarks.reading import reader
from benchmarks.subjects import SUBJECTS

_ENOUGH = 48 * 2**20
"""Bytes of messages to hold at once, so that what the allocator keeps back does not matter."""


def resident() -> int:
    """Bytes of this process that are in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def run(plan: dict[str, Any]) -> dict[str, float]:
    """Resident and Python-allocated bytes of one thing: a copied message, one with an object of protobuf for every
    message in it, a model that is unread or read, or a small part of one, as it was read or copied."""
    subject, n = SUBJECTS[plan["subject"]], plan["size"]
    source = subject.build_by_hand(n)
    copies = max(2, _ENOUGH // (source.ByteSize() * 6))
    make = _maker(plan["what"], subject, source, plan["members"])
    make()
    gc.collect()
    if plan["tracemalloc"]:
        tracemalloc.start()
    before = resident()
    kept = [make() for _ in range(copies)]
    gc.collect()
    after = resident()
    traced = tracemalloc.get_traced_memory()[0] if plan["tracemalloc"] else 0
    return {"resident": (after - before) / len(kept), "traced": traced / len(kept)}


def _maker(what: str, subject: Any, source: Any, members: dict[str, list[str]]) -> Any:
    message_kind = find("flyteidl", subject.message)
    wire = source.SerializeToString()
    if what == "message":

        def copied() -> Any:
            message = message_kind()
            message.CopyFrom(source)
            return message

        return copied
    if what == "objects":

        def all_objects() -> Any:
            message = message_kind.FromString(wire)
            return message, list(_messages_in(message))

        return all_objects
    kind = find_model(subject)
    if what == "unread":
        return lambda: kind.from_flyte_idl(source)
    if what in ("part", "part copied"):
        holder = way(subject.leaf[:-1])
        if what == "part":
            return lambda: holder(kind.from_flyte_idl(source))
        return lambda: deepcopy(holder(kind.from_flyte_idl(source)))
    walk = reader(kind.from_flyte_idl(source), members)

    def read() -> Any:
        model = kind.from_flyte_idl(message_kind.FromString(wire))
        walk(model)
        return model

    return read


def _messages_in(message: Any) -> Iterator[Any]:
    """Protobuf's Python object for every message in *message*, and for it itself."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            items = [value[key] for key in value] if field.message_type.fields_by_name["value"].message_type else []
        else:
            items = value if field.is_repeated else [value]
        for item in items:
            yield from _messages_in(item)


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
