"""A comparison as GitHub's workflow commands, which become annotations of a pull request."""

from __future__ import annotations

from pathlib import Path

from flytekit_codegen.diff.changes import Change, Comparison


def render(comparison: Comparison, root: Path) -> str:
    """One line for each change: an error if it breaks anything, else a notice."""
    return "".join(f"{_command(change, root)}\n" for change in comparison.changes)


def _command(change: Change, root: Path) -> str:
    level = "error" if change.breaking else "notice"
    properties = {"title": change.rule}
    if change.file is not None:
        properties["file"] = (root / change.file).as_posix()
        if change.line is not None:
            properties["line"] = str(change.line)
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {written}::{_data(f'{change.element}: {change.text}')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
