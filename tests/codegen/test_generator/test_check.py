"""`--check`: it finds whatever is out of date, shows it, and writes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flytekit_codegen.checkout import shipped
from flytekit_codegen.cli import main
from flytekit_codegen.pipeline.step3_render import render


def _check(workshop: Any) -> Result:
    before = workshop.snapshot()
    result = CliRunner().invoke(main, workshop.arguments("--check"))
    assert workshop.snapshot() == before, "a check has written something"
    return result


def test_clean(workshop: Any) -> None:
    workshop.regenerate()
    result = _check(workshop)
    assert (result.exit_code, result.stdout) == (0, "Everything is up to date.\n")


def test_nothing_generated_yet(workshop: Any) -> None:
    result = _check(workshop)
    assert result.exit_code == 1
    assert f"--- /dev/null\n+++ {workshop.package}/things.py (regenerated)\n" in result.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"class Thing(", b"class Thong(", id="a letter"),
        pytest.param(b"\n\n\nclass Part", b"\r\n\n\nclass Part", id="a line end"),
        pytest.param(b"A thing.", b"A th\xffng.", id="a byte that is no text"),
    ],
)
def test_a_changed_byte_in_a_generated_file(workshop: Any, old: bytes, new: bytes) -> None:
    workshop.regenerate()
    path = workshop.generated / "things.py"
    right = path.read_bytes()
    assert right.count(old) == 1
    path.write_bytes(right.replace(old, new))

    result = _check(workshop)

    assert result.exit_code == 1
    assert f"--- {workshop.package}/things.py\n+++ {workshop.package}/things.py (regenerated)\n@@" in result.stdout
    assert "1 file is out of date; run `flytekit-models regenerate`." in result.stderr
    assert workshop.regenerate().result.written == ("things.py",)
    assert path.read_bytes() == right


def test_a_removed_file(workshop: Any) -> None:
    workshop.regenerate()
    (workshop.generated / "py.typed").unlink()
    assert _check(workshop).exit_code == 1


def test_a_changed_proto(workshop: Any) -> None:
    workshop.regenerate()
    workshop.edit(workshop.things, "string name = 1;", "string title = 1;")
    workshop.edit(workshop.promises, "(name, size=0)", "(title, size=0)")
    result = _check(workshop)
    assert result.exit_code == 1
    assert "-    def name(self) -> str:\n+    def title(self) -> str:\n" in result.stdout
    assert "2 files are out of date" in result.stderr


def test_a_changed_comment(workshop: Any) -> None:
    workshop.regenerate()
    workshop.edit(workshop.things, "// Like a rose.", "// Like blood.")
    result = _check(workshop)
    assert result.exit_code == 1
    assert '-    """Like a rose."""\n+    """Like blood."""\n' in result.stdout


def test_a_changed_contract(workshop: Any) -> None:
    workshop.regenerate()
    workshop.edit(workshop.promises, "colour=0", "colour=1")
    result = _check(workshop)
    assert result.exit_code == 1
    assert "-        colour: int | None = 0,\n+        colour: int | None = 1,\n" in result.stdout


def test_a_changed_template(workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.regenerate()
    templates = tmp_path / "templates"
    shutil.copytree(shipped("templates"), templates)
    template = templates / "module.py.j2"
    template.write_text(template.read_text().replace("Do not edit", "Do not touch"))
    monkeypatch.setattr(render, "shipped", lambda name: templates)
    result = _check(workshop)
    assert result.exit_code == 1
    assert "Do not edit" in result.stdout and "Do not touch" in result.stdout


def test_a_module_that_is_no_longer_generated(workshop: Any) -> None:
    more = workshop.idl / workshop.name / "more.proto"
    workshop.write(more, 'syntax = "proto3";\npackage $NAME;\nmessage More {}\n')
    workshop.regenerate()
    more.unlink()
    result = _check(workshop)
    assert result.exit_code == 1
    assert f"--- {workshop.package}/more.py\n+++ /dev/null\n" in result.stdout
