"""The forms in which a comparison is told, a module each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from flytekit_codegen.diff.changes import Comparison
from flytekit_codegen.diff.output import github, markdown, report, sarif, terminal

FORMATS: Mapping[str, Callable[[Comparison, Path], str]] = {
    "text": terminal.render,
    "markdown": markdown.render,
    "json": report.render,
    "github": github.render,
    "sarif": sarif.render,
}
"""Each form's name, and what renders it: of a comparison, and the folder that its files are in, its text."""
