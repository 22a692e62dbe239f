"""A comparison as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flytekit_codegen import __version__
from flytekit_codegen.diff.changes import Change, Comparison

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(comparison: Comparison, root: Path) -> str:
    """The SARIF text."""
    rules = sorted({change.rule for change in comparison.changes})
    driver = {"name": "flytekit-models", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    results = [_result(change, rules.index(change.rule), root) for change in comparison.changes]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(change: Change, rule: int, root: Path) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": change.element}],
    }
    if change.file is not None:
        uri = quote((root / change.file).as_posix())
        location["physicalLocation"] = {"artifactLocation": {"uri": uri}}
        if change.line is not None:
            location["physicalLocation"]["region"] = {"startLine": change.line}
    return {
        "ruleId": change.rule,
        "ruleIndex": rule,
        "level": "error" if change.breaking else "note",
        "message": {"text": f"{change.element}: {change.text}"},
        "locations": [location],
        "properties": {"layer": change.layer, "kind": change.kind, "rules": change.rules, "breaks": change.breaks},
    }
