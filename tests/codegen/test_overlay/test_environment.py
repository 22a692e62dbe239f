"""``flytekit-models status``: whose models an environment has, and how to mend it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from venvs import Environment, make_environment

from flytekit_codegen.cli import main
from flytekit_codegen.overlay.apply import apply
from flytekit_codegen.overlay.environment import look
from flytekit_codegen.overlay.target import find
from flytekit_codegen.problems import CannotRun

THEIRS = {
    "flytekit/__init__.py": "",
    "flytekit/_version.py": "__version__ = '1.16.31'\n",
    "flytekit/models/__init__.py": "",
    "flytekit/models/literals.py": "hand = 'written'\n",
}
OURS = {"flytekit_models/__init__.py": "", "flytekit_models/without_flytekit/flytekit/__init__.py": ""}
PTH = {"flytekit-models.pth": "flytekit_models/without_flytekit\n"}
OVERLAY = {"flytekit/models/literals.py": b"generated = True\n", "flytekit/_flytekit_models/__init__.py": b""}


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return make_environment(tmp_path / "environment", empty=True)


def test_an_empty_environment(environment: Environment) -> None:
    found = look(environment.python)
    assert (found.state, found.notes, found.damage) == ("neither flytekit nor flytekit-models", (), ())


def test_flytekits_own_models(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    found = look(environment.python)
    assert found.state == f"flytekit 1.16.31 with its own models, in {environment.site_packages}"
    assert (found.notes, found.damage, found.cure) == ((), (), ())


def test_ours_alone(environment: Environment) -> None:
    environment.write(OURS, "flytekit-models", "0.1.0")
    environment.write(PTH)
    assert look(environment.python).state == "the models of flytekit-models 0.1.0, without flytekit"


def test_ours_beside_flytekit_and_a_core_of_another_version(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    environment.write(OURS, "flytekit-models", "0.1.0")
    environment.write(PTH)
    environment.write({}, "flytekit-models-core", "0.0.9")
    found = look(environment.python)
    assert found.state.startswith("flytekit 1.16.31 with its own models")
    beside, core = found.notes
    assert "it has no effect" in beside
    assert "0.0.9 instead of 0.1.0" in core
    assert not found.damage


def test_an_overlay(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    apply(find(environment.site_packages), OVERLAY)
    found = look(environment.python)
    assert found.state.startswith("flytekit 1.16.31, overlaid by flytekit-models ")
    assert not found.damage


def test_an_overlay_that_is_not_imported(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    apply(find(environment.site_packages), OVERLAY)
    (environment.site_packages / "flytekit/__init__.py").write_text("import not_there_at_all\n")
    found = look(environment.python)
    # Both are true: flytekit/__init__.py was changed, too.
    assert "1 files of flytekit differ from what was installed: flytekit/__init__.py" in found.damage[0]
    environment.write({"flytekit/__init__.py": "import not_there_at_all\n"})
    environment.write(THEIRS | {"flytekit/__init__.py": "import not_there_at_all\n"}, "flytekit", "1.16.31")
    apply(find(environment.site_packages), OVERLAY)
    found = look(environment.python)
    assert "not_there_at_all" in found.damage[0]
    assert "--editable" in found.cure[0]


@pytest.mark.parametrize("text", ["hand = 'written'\n", "hand = 'written anew'\n"], ids=["the same", "another"])
def test_an_overlay_that_flytekit_was_installed_over(environment: Environment, text: str) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    apply(find(environment.site_packages), OVERLAY)
    environment.write(THEIRS | {"flytekit/models/literals.py": text}, "flytekit", "1.16.31")
    found = look(environment.python)
    assert found.damage == ("1 files of the overlay differ from what was written: flytekit/models/literals.py",)
    assert found.cure == (f"flytekit-models overlay {environment.site_packages}",)


def test_an_overlay_that_flytekit_was_uninstalled_under(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    apply(find(environment.site_packages), OVERLAY)
    for name in THEIRS:
        (environment.site_packages / name).unlink()
    shutil.rmtree(environment.site_packages / "flytekit-1.16.31.dist-info")
    environment.write(OURS, "flytekit-models", "0.1.0")
    environment.write(PTH)
    found = look(environment.python)
    assert found.state == "the models of flytekit-models 0.1.0, without flytekit"
    root = environment.site_packages
    assert found.damage == (f"flytekit was uninstalled, but its overlay was not: {root / 'flytekit'}",)
    assert found.cure == (f"rm -r {root / 'flytekit'} {root / '.flytekit-models'}",)


def test_a_mixture_with_an_old_wheel(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    environment.write({"flytekit/models/literals.py": "generated = True\n"}, "flytekit-models", "0.1.0")
    found = look(environment.python)
    assert found.state == "a mixture of flytekit 1.16.31 and an old wheel of flytekit-models"
    assert "old wheel" in found.damage[0]
    assert "1 files of flytekit differ from what was installed: flytekit/models/literals.py" in found.damage[1]
    verbs = [command.partition(" pip ")[2].split()[0] for command in found.cure]
    assert verbs == ["uninstall", "install", "install"]
    assert "--force-reinstall flytekit==1.16.31" in found.cure[1]


def test_what_is_left_when_the_old_wheel_is_uninstalled(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    for name in THEIRS:
        if "models" in name:
            (environment.site_packages / name).unlink()
    found = look(environment.python)
    assert "2 files of flytekit differ from what was installed" in found.damage[0]
    assert found.cure[0].endswith("--no-deps --force-reinstall flytekit==1.16.31")


def test_an_old_wheel_of_which_the_models_are_gone(environment: Environment) -> None:
    environment.write({"flytekit/models/literals.py": "generated = True\n"}, "flytekit-models", "0.1.0")
    environment.write(THEIRS, "flytekit", "1.16.31")
    (environment.site_packages / "flytekit" / "models" / "literals.py").unlink()
    assert look(environment.python).state == "a mixture of flytekit 1.16.31 and an old wheel of flytekit-models"


def test_ours_damaged(environment: Environment) -> None:
    environment.write(OURS, "flytekit-models", "0.1.0")
    environment.write({"flytekit_models/__init__.py": "changed = True\n"})
    found = look(environment.python)
    assert "1 files of flytekit-models differ from what was installed: flytekit_models/__init__.py" in found.damage[0]
    assert found.cure[0].endswith("--force-reinstall flytekit-models==0.1.0")


def test_an_interpreter_that_is_none() -> None:
    with pytest.raises(CannotRun, match="does not answer"):
        look(Path("/bin/false"))


def test_the_command(environment: Environment) -> None:
    environment.write(THEIRS, "flytekit", "1.16.31")
    python = str(environment.python)
    done = CliRunner().invoke(main, ["status", "--python", python])
    assert (done.exit_code, done.output.count("\n")) == (0, 1)
    assert "with its own models" in done.output
    (environment.site_packages / "flytekit/models/literals.py").write_text("changed = True\n")
    environment.write(OURS, "flytekit-models", "0.1.0")
    done = CliRunner().invoke(main, ["status", "--python", python])
    assert done.exit_code == 1
    assert "  damaged: 1 files" in done.output
    assert "  run: uv pip install --python" in done.output
    assert CliRunner().invoke(main, ["status", "--python", "/bin/false"]).exit_code == 2
