"""The schema's history, told: by release, or by element."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flytekit_codegen.sync import Change, History


@dataclass(frozen=True)
class Told:
    """A part of a history: either some releases, or some elements."""

    history: History
    releases: tuple[str, ...]
    """The releases to tell, newest first; the first of all has no changes, since nothing is known before it."""
    elements: tuple[str, ...]
    """The elements to tell; if there are any, `releases` is empty."""


def told(history: History, name: str | None) -> Told | None:
    """The part of a history that a person calls *name*: a release, an element with all in it, or, for None, all.

    An element may be called by the end of its full name. None is returned if there is no such thing.
    """
    if name is None:
        return Told(history, tuple(reversed(history.releases)), ())
    if name in history.releases:
        return Told(history, (name,), ())
    roots = [known for known in history.elements if known == name or known.endswith(f".{name}")]
    found = [
        known for known in history.elements if any(known == root or known.startswith(f"{root}.") for root in roots)
    ]
    if not found:
        found = [known for known in history.elements if known.startswith(f"{name}.")]
    return Told(history, (), tuple(found)) if found else None


def text(part: Told) -> str:
    """The history for a terminal."""
    lines: list[str] = []
    for release in part.releases:
        lines += [f"{part.history.distribution} {release}"]
        lines += [f"  {_sentence(change)}" for change in part.history.changes(release)] or [_nothing(part, release)]
    for element in part.elements:
        lines += [element]
        lines += [f"  {version:<8} {_declared(part, version, now)}" for version, now in _declarations(part, element)]
    return "\n".join(lines) + "\n"


def markdown(part: Told) -> str:
    """The history in markdown."""
    lines: list[str] = []
    for release in part.releases:
        lines += ["", f"## {part.history.distribution} {release}", ""]
        changes = [f"- {_sentence(change, '`')}" for change in part.history.changes(release)]
        lines += changes or [f"{_nothing(part, release).strip().capitalize()}."]
    if part.elements:
        lines += ["| Element | Release | Declaration |", "|---|---|---|"]
        for element in part.elements:
            for version, now in _declarations(part, element):
                lines += [f"| `{element}` | {version} | {_declared(part, version, now, '`')} |"]
    return "\n".join(lines).strip() + "\n"


def content(part: Told) -> dict[str, Any]:
    """The history as data, for JSON."""
    known: dict[str, Any] = {"distribution": part.history.distribution}
    if part.releases:
        known["releases"] = [
            {"release": release, "changes": [vars(change) for change in part.history.changes(release)]}
            for release in part.releases
        ]
    else:
        known["elements"] = {
            element: {
                "since": part.history.since(element),
                "removed_in": part.history.removed_in(element),
                "declarations": dict(part.history.elements[element]),
            }
            for element in part.elements
        }
    return known


def _declarations(part: Told, element: str) -> Iterator[tuple[str, str | None]]:
    declarations: Mapping[str, str | None] = part.history.elements[element]
    yield from declarations.items()


def _declared(part: Told, version: str, declaration: str | None, quote: str = "") -> str:
    if declaration is None:
        return "removed"
    earlier = " (or earlier)" if version == part.history.releases[0] else ""
    return f"{quote}{declaration}{quote}{earlier}"


def _nothing(part: Told, release: str) -> str:
    return "  start of the history" if release == part.history.releases[0] else "  no change"


def _sentence(change: Change, quote: str = "") -> str:
    name = f"{quote}{change.name}{quote}"
    if change.before is None:
        return f"+ {name}: {change.after}"
    if change.after is None:
        return f"- {name}: was {change.before}"
    return f"~ {name}: {change.before} became {change.after}"
