"""Writes the tables of the documentation from the report, so that they say what was measured, and nothing else.

python -m benchmarks.pages

`make bench` does this after it has written the report. A table stands between ``<!-- measured: NAME -->`` and
``<!-- end -->``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from benchmarks.environments import ROOT

REPORT = ROOT / "benchmarks" / "results" / "report.md"
PAGES = (ROOT / "docs" / "performance.md", ROOT / "README.md")

_TABLE = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_ROW = re.compile(r"^\| (.+?)(?:: ([a-z]+(?: [\d,]+)?))? \| ([\d.]+) \| ([\d.]+) \([\d.]+ to [\d.]+\) \|", re.MULTILINE)


class Measured(NamedTuple):
    """One row of the gate table."""

    limit: float
    median: float


Rows = dict[tuple[str, str], Measured]
"""What was measured, by its name and the subject."""

_PURE = "without the core, "
_COMPARED = ("==", "hash")
_LARGE = ("literals 2,000", "closure 1,000", "executions 1,000")
_LARGEST = ("literals 50,000", "closure 10,000", "workflow 100")

_SHOWN = {
    "from_flyte_idl / CopyFrom": ("from_flyte_idl / CopyFrom",),
    "round trip untouched / CopyFrom": ("round trip untouched / CopyFrom",),
    "from_bytes / FromString": ("from_bytes / FromString",),
    "read everything from bytes / protobuf's leanest walk": ("read everything from bytes / protobuf's leanest walk",),
    "read everything from bytes / protobuf-py": ("read everything from bytes / protobuf-py",),
    "read everything from a message / hand-written": ("read everything / hand-written",),
    "read everything again / hand-written": ("read everything again / hand-written",),
    "read one leaf / CopyFrom": ("read one leaf / CopyFrom",),
    "to_flyte_idl, built / protobuf by hand": ("to_flyte_idl, built / protobuf by hand",),
    "to_bytes, built / protobuf by hand and SerializeToString": ("to_bytes, built / protobuf by hand",),
    "==, hash, unread / hand-written": tuple(f"{each} / hand-written" for each in _COMPARED),
    "==, hash, read and unchanged / hand-written": tuple(f"{each} read / hand-written" for each in _COMPARED),
    "==, hash, built / hand-written": tuple(f"{each} built / hand-written" for each in _COMPARED),
    "constructor calls / hand-written": ("constructor calls / hand-written",),
    "memory, untouched / message": ("memory, untouched / message",),
    "memory, fully read / hand-written": ("memory, fully read / hand-written",),
    "memory, a small part kept / a deep copy of it": ("memory, a small part kept / a deep copy of it",),
}
_SMALL = {
    "`==`, built": "== built",
    "`hash`, built": "hash built",
    "from a message and one member": "from_flyte_idl and a member",
    "`to_flyte_idl`, built": "to_flyte_idl, built",
    "`to_flyte_idl`, untouched": "to_flyte_idl, untouched",
    "a leaf changed and written": "change a leaf and write",
}
_README = {
    "read everything from a message": "read everything / hand-written",
    "read everything again": "read everything again / hand-written",
    "compare (`==`), built models": "== built / hand-written",
    "`hash`, built models": "hash built / hand-written",
    "call constructors": "constructor calls / hand-written",
    "memory, fully read": "memory, fully read / hand-written",
}


def measured(report: str) -> Rows:
    """The gate table of the *report*."""
    found = _ROW.findall(report)
    return {(row, subject): Measured(float(limit), float(median)) for row, subject, limit, median in found}


def _cell(each: Measured | None) -> str:
    if each is None:
        return ""
    return f"**{each.median:.2f}**" if each.median > each.limit else f"{each.median:.2f}"


def _table(heads: list[str], lines: list[list[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _by_subject(rows: Rows, subjects: tuple[str, ...], path: str = "") -> str:
    heads = ["measured / compared with", "at most", *(_title(subject) for subject in subjects)]
    lines = []
    for label, names in _SHOWN.items():
        found = [[rows.get((f"{path}{name}", subject)) for name in names] for subject in subjects]
        limits = {each.limit for cell in found for each in cell if each is not None}
        if limits:
            (limit,) = limits
            lines.append([label, f"{limit:g}", *(", ".join(filter(None, map(_cell, cell))) for cell in found)])
    return _table(heads, lines)


def _title(subject: str) -> str:
    titles = {"closure 1,000": "workflow", "closure 10,000": "workflow of 10,000 nodes", "workflow 100": "types of 100"}
    titles |= {"literals 2,000": "literals", "literals 50,000": "50,000 literals", "executions 1,000": "executions"}
    return titles[subject]


def _small(rows: Rows) -> str:
    lines = []
    for label, name in _SMALL.items():
        found = [rows.get((f"{path}small, / hand-written: {name}", "identifier")) for path in ("", _PURE)]
        lines.append([label, *(_limited(each) for each in found)])
    for subject in ("identifier", "task"):
        found = [rows.get((f"{path}constructor calls / hand-written", subject)) for path in ("", _PURE)]
        lines.append([f"constructor, {subject}", *(_limited(each) for each in found)])
    return _table(["a small model / hand-written", "with the core (at most)", "without (at most)"], lines)


def _limited(each: Measured | None) -> str:
    return "" if each is None else f"{_cell(each)} ({each.limit:g})"


def _others(rows: Rows) -> str:
    lines = []
    for name in ("run_sync", "cache get", "cache set"):
        each = _alone(rows, f"{name} / flytekit's")
        lines.append([name, f"{each.limit:g}", _cell(each)])
    return _table(["utility / flytekit's", "at most", "measured"], lines)


def _imports(rows: Rows) -> str:
    lines = []
    for case in ("with byte code", "without byte code"):
        found = [_alone(rows, f"{path}models in `import flytekit`, {case} / flytekit's") for path in ("", _PURE)]
        lines.append([case, f"{found[0].limit:g}", *map(_cell, found)])
    return _table(["models in `import flytekit` / flytekit's", "at most", "with the core", "without"], lines)


def _alone(rows: Rows, name: str) -> Measured:
    """A row that is about no subject."""
    return rows[name, ""]


def _readme(rows: Rows) -> str:
    heads = ["", "with the core: literals", "workflow", "pure Python: literals", "workflow"]
    lines = []
    for label, name in _README.items():
        found = [rows[f"{path}{name}", subject] for path in ("", _PURE) for subject in _LARGE[:2]]
        lines.append([label, *(f"{each.median:.2f}" for each in found)])
    return _table(heads, lines)


def page(text: str, rows: Rows) -> str:
    """The *text* of a page, with its tables as they were measured."""
    tables = {
        "core": lambda: _by_subject(rows, _LARGE),
        "larger": lambda: _by_subject(rows, _LARGEST),
        "pure": lambda: _by_subject(rows, _LARGE, _PURE),
        "small": lambda: _small(rows),
        "utilities": lambda: _others(rows),
        "imports": lambda: _imports(rows),
        "readme": lambda: _readme(rows),
    }
    return _TABLE.sub(lambda found: f"{found[1]}\n{tables[found[2]]()}\n{found[3]}", text)


def write(report: str) -> None:
    """Write what the *report* says into the pages."""
    rows = measured(report)
    for path in PAGES:
        path.write_text(page(path.read_text(), rows))


if __name__ == "__main__":
    write(REPORT.read_text())
