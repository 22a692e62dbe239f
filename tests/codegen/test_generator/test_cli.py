"""The command line, as a person meets it."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flytekit_codegen import __version__
from flytekit_codegen.__main__ import _OF_THE_EXTRA
from flytekit_codegen.cli import main

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_ROOT = Path(__file__).parents[3]


def test_the_summary(workshop: Any) -> None:
    result = CliRunner().invoke(main, workshop.arguments())
    assert result.exit_code == 0
    assert re.fullmatch(
        rf"{workshop.package}: 3 messages, 1 enum, 10 fields in 2 modules\n"
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


_PLAIN_INSTALL = """
import sys
class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
sys.argv[0] = "flytekit-models"
from flytekit_codegen.__main__ import main
main()
"""


def _without_the_extra(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command line where nothing is installed that only the extra brings."""
    code = _PLAIN_INSTALL.format(absent=sorted(_OF_THE_EXTRA))
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=cwd)


def test_what_the_extra_brings_is_known() -> None:
    """By the names of its modules, which is what an import that fails tells."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())
    required = project["tool"]["hatch"]["metadata"]["hooks"]["custom"]["extras"]["codegen"]
    modules = {"buf-bin": "buf", "grpcio-tools": "grpc_tools", "PyYAML": "yaml"}
    names = {re.split("[>=]", each)[0] for each in required}
    assert {modules.get(name, name) for name in names} == _OF_THE_EXTRA


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["--help"], *([command, "--help"] for command in sorted(main.commands))],
    ids=" ".join,
)
def test_without_the_extra(arguments: list[str]) -> None:
    done = _without_the_extra(*arguments)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_overlay_without_the_extra(tmp_path: Path) -> None:
    done = _without_the_extra("overlay", str(tmp_path), "--status")
    assert done.returncode == 2 and "flytekit" in done.stderr and "pip install" not in done.stderr


@pytest.mark.parametrize("command", ["regenerate", "coverage", "diff x", "upgrade"])
def test_a_command_that_needs_the_extra(command: str, tmp_path: Path) -> None:
    done = _without_the_extra(*command.split(), cwd=tmp_path)
    assert done.returncode == 2
    assert re.fullmatch(r"This command needs \S+: pip install 'flytekit-models\[codegen\]'\n", done.stderr)


def test_log_and_coverage_outside_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They tell of what is installed."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["log", "1.16.7"]).stdout.startswith("flyteidl 1.16.7\n")
    assert "messages: 437 in total" in CliRunner().invoke(main, ["coverage"]).stdout
    (tmp_path / "idl").mkdir()
    assert CliRunner().invoke(main, ["log"]).exit_code == 2


def test_the_console_script(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["flytekit-models", "--version"])
    monkeypatch.delitem(sys.modules, "flytekit_codegen.__main__")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("flytekit_codegen", run_name="__main__")
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"flytekit-models, version {__version__}\n"
