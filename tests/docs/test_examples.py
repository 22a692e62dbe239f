"""Every example of the README and of docs/ runs as it is written."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

ELSEWHERE = {
    "docs/any-schema.md": "tests/codegen/test_generator/test_any_schema_page.py",
    "docs/services.md": "tests/services/test_docs.py",
}
"""Pages that need something set up first, and the tests that run them."""


def examples(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if examples(page)]


def test_the_pages_are_found() -> None:
    assert len(PAGES) > 12
    for page, test in ELSEWHERE.items():
        assert ROOT / page in PAGES
        assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_examples_run(page: Path, tmp_path: Path) -> None:
    if str(page.relative_to(ROOT)) in ELSEWHERE:
        return
    code = "\n".join(examples(page))
    if ">>>" in code:
        script = f"import doctest, sys\nsys.exit(doctest.testfile({str(tmp_path / 'examples')!r}, False)[0])"
        (tmp_path / "examples").write_text(code, encoding="utf-8")
        assert doctest.DocTestParser().get_examples(code)
    else:
        script = code
    settings = {"HOME": str(tmp_path), "FLYTE_LOCAL_CACHE_LOCATION": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, **settings}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
