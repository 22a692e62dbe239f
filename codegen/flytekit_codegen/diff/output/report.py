"""A comparison as JSON, after the schema in `report.schema.json` beside this module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flytekit_codegen.diff.changes import Change, Comparison

SCHEMA = Path(__file__).with_name("report.schema.json")
VERSION = 1
"""The version of the schema; it grows with every change that a reader has to know of."""


def render(comparison: Comparison, root: Path) -> str:
    """The JSON text."""
    return json.dumps(content(comparison), indent=2, ensure_ascii=False) + "\n"


def content(comparison: Comparison) -> dict[str, Any]:
    """What the JSON holds."""
    return {
        "version": VERSION,
        "old": comparison.old,
        "new": comparison.new,
        "breaking": {"wire": len(comparison.breaking("wire")), "api": len(comparison.breaking("api"))},
        "changes": [_change(change) for change in comparison.changes],
        "needs": [
            {
                "element": need.element,
                "distribution": comparison.distribution,
                "version": need.version,
                "exact": need.exact,
            }
            for need in comparison.needs
        ],
        "changelog": comparison.changelog,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "layer": change.layer,
        "kind": change.kind,
        "element": change.element,
        "rules": list(change.rules),
        "breaks": list(change.breaks),
        "breaking": change.breaking,
        "text": change.text,
        "file": change.file,
        "line": change.line,
    }
