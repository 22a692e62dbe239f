"""What a change asks of the people who use the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flytekit_codegen.diff.changes import Change, Kind, Need
from flytekit_codegen.diff.sides import Side
from flytekit_codegen.diff.tree import Tree
from flytekit_codegen.sync.history import History, declarations_of

_SECTIONS: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("Added", ("added",)),
    ("Changed", ("changed",)),
    ("Deprecated", ("deprecated",)),
    ("Removed", ("removed",)),
)


def needs(old: Tree, new: Tree, side: Side, history: History | None) -> Iterator[Need]:
    """What works only with some release of the schema's package: elements that are new, or declared anew.

    Args:
        old: the schema before.
        new: the schema after.
        side: the release that the latter is, if it is one.
        history: the schema's history, if there is one of the same package.
    """
    before, after = (declarations_of(tree.files.values()) for tree in (old, new))
    for name, declaration in after.items():
        if before.get(name) == declaration or name.rpartition(".")[0] in after.keys() - before.keys():
            continue  # As it was, or part of something that is new as a whole.
        if declaration.split(",")[0] == before.get(name, "").split(",")[0]:
            continue  # Reserved numbers and deprecation ask nothing of anybody.
        since = _since(history, name, declaration)
        if since is not None:
            yield Need(name, since, exact=True)
        elif side.version is not None:
            yield Need(name, side.version, exact=False)


def _since(history: History | None, name: str, declaration: str) -> str | None:
    """The first release that declares an element so, and after which that stays."""
    found: str | None = None
    for version, declared in (history.elements.get(name, {}) if history else {}).items():
        same = declared is not None and declared.split(",")[0] == declaration.split(",")[0]
        found = (found or version) if same else None
    return found


def changelog(old: str, new: str, changes: Iterable[Change], distribution: str, needed: Iterable[Need]) -> str:
    """Text for a CHANGELOG, in markdown: what callers of the models notice, and what else changed in the schema."""
    listed = list(changes)
    lines = [f"The schema is now that of {new} (before: {old})."]
    for title, kinds in _SECTIONS:
        of_kind = [change for change in listed if change.kind in kinds]
        entries = [change for change in of_kind if change.layer == "api"]
        entries += [change for change in of_kind if change.layer == "wire" and (change.breaking or title != "Added")]
        if entries:
            lines += ["", f"### {title}", ""]
            lines += [f"- {'**Breaking:** ' if one.breaking else ''}`{one.element}`: {one.text}." for one in entries]
    by_release: dict[str, list[str]] = {}
    for need in needed:
        by_release.setdefault(release(distribution, need), []).append(need.element)
    if by_release:
        lines += ["", "### Needed to use them", ""]
        lines += [f"- {name}: {', '.join(f'`{one}`' for one in by_release[name])}." for name in by_release]
    if len(lines) == 1:
        lines.append("No changes.")
    return "\n".join(lines) + "\n"


def release(distribution: str, need: Need) -> str:
    """The release that a need asks for, as a person says it."""
    return f"{distribution} {need.version} or newer" + ("" if need.exact else " (an older one may work)")
