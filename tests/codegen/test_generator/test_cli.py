"""The command line, as a person meets it."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from flytekit_codegen import __version__
from flytekit_codegen.__main__ import main as entry_point
from flytekit_codegen.cli import main


def test_the_summary(workshop: Any) -> None:
    result = CliRunner().invoke(main, workshop.arguments())
    assert result.exit_code == 0
    assert re.fullmatch(
        rf"{workshop.package}: 3 messages, 1 enums, 10 fields in 2 modules\n"
        r"files: 3 written, 0 unchanged, 0 removed, in \d+\.\d s\n",
        result.stdout,
    )
    assert result.stderr == ""


def test_without_a_contract(workshop: Any) -> None:
    assert CliRunner().invoke(main, workshop.arguments("--no-contract")).exit_code == 0
    thing = workshop.load("things").Thing
    with pytest.raises(TypeError, match="positional"):
        thing("id")
    assert thing(id="id").to_flyte_idl().id == "id"


def test_only_one_module(workshop: Any) -> None:
    result = CliRunner().invoke(main, workshop.arguments("--only", "things"))
    assert result.exit_code == 0 and "files: 1 written" in result.stdout
    assert set(workshop.texts()) == {"things.py", "manifest.json"}


def test_what_an_old_idl_lacks(workshop: Any) -> None:
    """Refused, or left out and listed."""
    workshop.edit(workshop.things, "Colour colour = 2;", "")
    workshop.edit(workshop.things, "message Part {\n  string name = 1;\n  int32 size = 2;\n}", "message Other {}")
    for old in ("repeated Part parts = 3;", "Part part = 5;"):
        workshop.edit(workshop.things, old, "")
    refused = CliRunner().invoke(main, workshop.arguments())
    assert refused.exit_code == 2
    assert refused.stderr.count(str(workshop.promises)) == 3
    done = CliRunner().invoke(main, workshop.arguments("--lenient"))
    assert done.exit_code == 0
    left_out = [line.partition(" (")[0] for line in done.stdout.splitlines() if line.startswith("left out: ")]
    assert sorted(left_out) == [
        f"left out: the IDL has no message {workshop.name}.Part, which the class Part models",
        f"left out: the message {workshop.name}.Thing has no field colour",
        f"left out: the message {workshop.name}.Thing has no field parts",
    ]
    assert workshop.load("things").Thing("id").to_flyte_idl().id == "id"


def test_help_has_examples_and_the_version_is_told() -> None:
    assert "flytekit-models regenerate --check" in CliRunner().invoke(main, ["regenerate", "--help"]).stdout
    assert CliRunner().invoke(main, ["--version"]).stdout == f"flytekit-models, version {__version__}\n"


def test_an_unknown_option() -> None:
    assert CliRunner().invoke(main, ["regenerate", "--colour"]).exit_code == 2


def test_as_a_module(workshop: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flytekit_codegen", *workshop.arguments("--only", "gone")],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no module gone" in done.stderr and "1 problem; nothing was written." in done.stderr


def test_without_the_generator_s_requirements(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("flytekit_codegen.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "click", None)
    with pytest.raises(SystemExit) as ended:
        entry_point()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "The generator needs click: pip install 'flytekit-models[codegen]'\n"


def test_the_console_script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["flytekit-models", "--version"])
    monkeypatch.delitem(sys.modules, "flytekit_codegen.__main__")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("flytekit_codegen", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"flytekit-models, version {__version__}\n"
