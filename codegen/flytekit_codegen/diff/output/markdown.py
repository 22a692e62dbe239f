"""A comparison in markdown, for a pull request."""

from __future__ import annotations

from pathlib import Path

from flytekit_codegen.diff.changes import Change, Comparison
from flytekit_codegen.diff.output.words import groups, rules, summary
from flytekit_codegen.diff.users import release


def render(comparison: Comparison, root: Path) -> str:
    """The markdown."""
    lines = ["## IDL changes", "", _plain(summary(comparison))]
    for title, parts in groups(comparison):
        for name, changes in parts:
            lines += ["", f"### {title}: {name}", "", "| Element | Change | Rules |", "|---|---|---|"]
            lines += [_row(change) for change in changes]
    if comparison.needs:
        lines += ["", "### What users need", "", "| To use | Needed |", "|---|---|"]
        lines += [f"| {_code(need.element)} | {release(comparison.distribution, need)} |" for need in comparison.needs]
    if comparison.changes:
        lines += ["", "<details><summary>For the changelog</summary>", "", "````markdown"]
        lines += [*comparison.changelog.rstrip().splitlines(), "````", "", "</details>"]
    return "\n".join(lines) + "\n"


def _row(change: Change) -> str:
    return f"| {_code(change.element)} | {_plain(change.text)} | {rules(change)} |"


def _code(text: str) -> str:
    return f"`{text}`"


def _plain(text: str) -> str:
    """Text with all that means something in a table, or as HTML, taken back."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("|", "\\|").replace("*", "\\*").replace("_", "\\_")
