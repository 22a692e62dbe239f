"""The check is of the checkout that it is run in: of its templates, contract, behaviours and .proto files.

A clone of this repository is changed in each of these, and the recipes of docs/ci.md see it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from flytekit_codegen.checkout import require_own_generator, shipped
from flytekit_codegen.problems import CannotRun

_ROOT = Path(__file__).parents[3]
_PARTS = ("codegen", "generated", "idl", "runtime", "templates")

_EDITS = {
    "a template": ("templates/model.py.j2", "load(self)\n", "load(self)  # changed\n"),
    "a contract file": ("codegen/flytekit_codegen/contract/project.yaml", "files:", "about: Changed.\nfiles:"),
    "a behaviour": ("runtime/flytekit_models/behaviours/entities.py", "\nclass ", "\nclass Renamed"),
    "a .proto": ("idl/flyteidl/core/errors.proto", "\nmessage ", "\n// Changed.\nmessage Changed {}\nmessage "),
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("clone")
    for part in _PARTS:
        shutil.copytree(_ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(params=_EDITS)
def changed(clone: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The clone with one thing changed."""
    name, old, new = _EDITS[request.param]
    path = clone / name
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    yield clone
    path.write_text(before)


def _hook() -> dict[str, object]:
    config = yaml.safe_load((_ROOT / ".pre-commit-config.yaml").read_text())
    ((hook,),) = (repository["hooks"] for repository in config["repos"])
    return dict(hook)


def _run_hook(clone: Path) -> subprocess.CompletedProcess[str]:
    """What pre-commit runs, with the Python of this environment for its own."""
    command = str(_hook()["entry"]).replace(" python ", f" {sys.executable} ")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command.split(), cwd=clone, env=environment, capture_output=True, text=True)


def test_the_hook_passes_a_clone_as_it_is(clone: Path) -> None:
    done = _run_hook(clone)
    assert (done.returncode, done.stdout) == (0, "Everything is up to date.\n"), done.stderr


def test_the_hook_sees_each_change(changed: Path) -> None:
    done = _run_hook(changed)
    assert done.returncode in (1, 2) and "pip install" not in done.stderr, done.stderr
    assert "out of date" in done.stderr or "nothing was written" in done.stderr


def test_the_hook_is_pinned_as_a_checkout_is_and_stands_on_the_page() -> None:
    pinned = {
        name: version
        for name, _, version in (
            line.partition(" ;")[0].partition("==")
            for line in (_ROOT / "requirements" / "dev.txt").read_text().split("\n")
        )
    }
    needs = [str(each).split("==") for each in _hook()["additional_dependencies"]]  # type: ignore[attr-defined]
    assert needs and all(pinned[name] == version for name, version in needs)
    config = (_ROOT / ".pre-commit-config.yaml").read_text().partition("\n")[2]
    assert config in (_ROOT / "docs" / "ci.md").read_text()


def test_the_workflow_installs_the_checkout() -> None:
    """In an editable way, which makes the console script one of the checkout's own generator."""
    page = (_ROOT / "docs" / "ci.md").read_text()
    assert "run: pip install --constraint requirements/dev.txt --editable '.[codegen]'\n" in page


@pytest.mark.parametrize("command", [["regenerate", "--check"], ["regenerate"], ["upgrade", "1.16.8"]], ids=" ".join)
def test_another_generator_refuses_a_checkout(clone: Path, command: list[str]) -> None:
    """As an installed release would, whose templates and contract are not those of the checkout."""
    done = subprocess.run(
        [sys.executable, "-m", "flytekit_codegen", *command],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": f"{_ROOT / 'codegen'}{os.pathsep}{_ROOT / 'runtime'}"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"pip install -e '{clone}[codegen]'" in done.stderr


def test_another_runtime_is_refused_too(clone: Path) -> None:
    """Behaviours, and the names that generated code keeps to itself, are the runtime's."""
    done = subprocess.run(
        [sys.executable, "-m", "flytekit_codegen", "regenerate", "--check"],
        cwd=clone,
        env={**os.environ, "PYTHONPATH": f"{clone / 'codegen'}{os.pathsep}{_ROOT / 'runtime'}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and "has its own runtime" in done.stderr


def test_what_is_no_checkout_is_anybodys(tmp_path: Path) -> None:
    require_own_generator(tmp_path / "generated")
    require_own_generator(_ROOT / "generated")
    assert shipped("templates") == _ROOT / "templates"


def test_a_checkout_is_found_from_anywhere_in_it(clone: Path) -> None:
    with pytest.raises(CannotRun, match="has its own generator"):
        require_own_generator(clone / "generated" / "flytekit" / "models")
