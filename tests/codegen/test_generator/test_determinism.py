"""The same input gives the same bytes, whatever the hash seed, the folder, the locale and the order of the files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[3]


def _run(arguments: list[str], **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flytekit_codegen", *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
    )
    return done.stdout


def test_the_small_idl_under_different_seeds_and_locales(workshop: Any) -> None:
    workshop.edit(workshop.things, "// A thing.", "// A thing, ünïcødé ☃.")
    workshop.regenerate()
    expected = {name: text.encode() for name, text in workshop.texts().items()}
    for seed, locale in (("0", "C"), ("1", "C.UTF-8"), ("4242", "POSIX")):
        shutil.rmtree(workshop.output)
        _run(workshop.arguments(), PYTHONHASHSEED=seed, LC_ALL=locale, PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
        found = {
            path.relative_to(workshop.generated).as_posix(): path.read_bytes()
            for path in workshop.generated.rglob("*")
            if path.is_file()
        }
        assert found == expected


def test_the_small_idl_from_another_folder(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.regenerate()
    expected = workshop.texts()
    monkeypatch.chdir(workshop.root)
    workshop.regenerate(idl=Path("idl"), contract=Path("contract"), output=Path("generated"))
    assert workshop.texts() == expected


def test_the_flyte_idl_under_another_seed(tmp_path: Path) -> None:
    """What is laid out from the same text as before is not written again; so each text is the same as in generated/."""
    output = tmp_path / "generated"
    shutil.copytree(_ROOT / "generated", output, ignore=shutil.ignore_patterns("__pycache__"))
    told = _run(["regenerate", "--idl", str(_ROOT / "idl"), "--output", str(output)], PYTHONHASHSEED="31337")
    assert "flytekit.models: 437 messages, 53 enums, 1308 fields, 11 services, 92 rpcs in" in told
    assert "files: 0 written, 100 unchanged, 0 removed" in told
