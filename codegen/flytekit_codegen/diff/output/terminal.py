"""A comparison for a terminal: grouped, in colours where the terminal has them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from flytekit_codegen.diff.changes import Change, Comparison
from flytekit_codegen.diff.output.words import groups, rules, summary
from flytekit_codegen.diff.users import release

_COLOURS = {"removed": "red", "changed": "yellow", "deprecated": "magenta", "reserved": "cyan", "added": "green"}
_SIGNS = {"removed": "-", "changed": "~", "deprecated": "!", "reserved": "#", "added": "+"}


def render(comparison: Comparison, root: Path, console: Console | None = None) -> str:
    """The text, with the colours that *console* has; by default that is stdout as it is now."""
    like = console or Console()
    output = StringIO()
    to = Console(file=output, force_terminal=like.is_terminal, no_color=like.no_color, soft_wrap=True, highlight=False)
    to.print(summary(comparison), markup=False)
    for title, parts in groups(comparison):
        for name, changes in parts:
            to.print()
            to.print(Text(f"{title}, {name}", style="bold red" if name == "breaking" else "bold"))
            for change in changes:
                to.print(_line(change))
    if comparison.needs:
        to.print()
        to.print(Text("What users need", style="bold"))
        for need in comparison.needs:
            to.print(f"  {need.element}: {release(comparison.distribution, need)}", markup=False)
    if comparison.changes:
        to.print()
        to.print(Text("For the changelog", style="bold"))
        to.print(comparison.changelog.rstrip(), markup=False)
    return output.getvalue()


def _line(change: Change) -> Text:
    line = Text(f"  {_SIGNS[change.kind]} ", style=_COLOURS[change.kind])
    line.append(change.element, style="bold")
    line.append(f": {change.text} ", style="default")
    line.append(f"[{rules(change)}]", style="dim")
    return line
