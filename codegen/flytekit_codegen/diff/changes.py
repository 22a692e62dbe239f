"""What a comparison finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Layer = Literal["wire", "api"]
Kind = Literal["added", "removed", "changed", "deprecated", "reserved"]

CATEGORIES = ("FILE", "PACKAGE", "WIRE_JSON", "WIRE")
"""buf's categories of breaking changes, from the strictest: generated code of one file, that of a package, JSON and
binary messages, binary messages."""


@dataclass(frozen=True)
class Change:
    """One change of one element."""

    layer: Layer
    kind: Kind
    element: str
    """The full name of an element of the IDL, the name of a .proto file, or the import path of a Python object."""
    rules: tuple[str, ...]
    """The rules it falls under, the one that says most first: buf's ids, griffe's as `API_...`, or our own."""
    breaks: tuple[str, ...]
    """What it breaks: of the wire layer buf's categories, of the Python API `API`; nothing if it is compatible."""
    text: str
    file: str | None = None
    """The .proto file to look at, relative to the root of the new IDL."""
    line: int | None = None
    """None where the file as such is to be looked at."""

    @property
    def rule(self) -> str:
        """The rule that says most."""
        return self.rules[0]

    @property
    def breaking(self) -> bool:
        """Whether somebody's code or data may fail by it."""
        return bool(self.breaks)


@dataclass(frozen=True)
class Need:
    """What works only with some release of the schema's package, or with a newer one."""

    element: str
    version: str
    exact: bool
    """Whether that release is known to be the first; otherwise an older one may do too."""


@dataclass(frozen=True)
class Comparison:
    """All that two schemas differ by, for their wire format, their Python API, and those who use them."""

    old: str
    new: str
    changes: tuple[Change, ...]
    distribution: str
    needs: tuple[Need, ...]
    changelog: str

    def layer(self, layer: Layer) -> tuple[Change, ...]:
        """The changes of one layer."""
        return tuple(change for change in self.changes if change.layer == layer)

    def breaking(self, layer: Layer) -> tuple[Change, ...]:
        """The breaking changes of one layer."""
        return tuple(change for change in self.layer(layer) if change.breaking)


def placed_in(comparison: Comparison, root: Path, *, is_new: bool) -> Comparison:
    """The comparison with the places of its changes in the tree at *root*, for what people are led to.

    A file that the tree does not have is left out, since it was removed, or is only in a release that was compared. So
    are the lines, unless the tree *is_new*, the new side itself: a release has none of our comments.
    """
    changes = []
    for change in comparison.changes:
        if change.file is None or not (root / change.file).is_file():
            change = replace(change, file=None, line=None)
        elif not is_new:
            change = replace(change, line=None)
        changes.append(change)
    return replace(comparison, changes=tuple(changes))


def merged(changes: Iterable[tuple[str, Change]]) -> Iterator[Change]:
    """One change for each element and group (the string beside each change), with all its rules and texts."""
    groups: dict[tuple[str, str], list[Change]] = {}
    for group, change in changes:
        groups.setdefault((change.element, group), []).append(change)
    for first, *others in groups.values():
        together = (first, *others)
        yield replace(
            first,
            kind=first.kind if all(other.kind == first.kind for other in others) else "changed",
            rules=tuple(dict.fromkeys(rule for one in together for rule in one.rules)),
            breaks=tuple(name for name in (*CATEGORIES, "API") if any(name in one.breaks for one in together)),
            text=_joined([one.text for one in together]),
        )


def _joined(texts: list[str]) -> str:
    """Some sentences as one; of one that only goes on where the first ends, what it adds."""
    first, *others = dict.fromkeys(texts)
    text = first
    for other in others:
        text += f",{other.removeprefix(first)}" if other.startswith(first) else f"; {other}"
    return text
