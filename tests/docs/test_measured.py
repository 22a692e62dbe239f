"""The tables of the documentation say what the report of the benchmark says."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import pages


@pytest.mark.parametrize("path", pages.PAGES, ids=lambda path: path.name)
def test_the_tables_are_those_of_the_report(path: Path) -> None:
    text = path.read_text()
    assert "<!-- measured: " in text
    assert pages.page(text, pages.measured(pages.REPORT.read_text())) == text, "run python -m benchmarks.pages"


def test_a_value_above_its_limit_is_bold() -> None:
    report = "| constructor calls / hand-written: task | 1 | 1.02 (0.95 to 1.10) | 1.10 | OVER |\n"
    text = "<!-- measured: small -->\nold\n<!-- end -->\n"
    shown = pages.page(text, pages.measured(report))
    assert "| constructor, task | **1.02** (1) |" in shown and "old" not in shown
