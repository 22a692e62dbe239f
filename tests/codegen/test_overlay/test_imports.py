"""Whether an environment imports what was overlaid; real installations of flytekit are compared by `make compat`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from venvs import Environment, make_environment

from flytekit_codegen.cli import main
from flytekit_codegen.overlay.imports import check

NAMES = ("flytekit/models/literals.py", "flytekit/models/event/__init__.py", "flytekit/py.typed")


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return make_environment(tmp_path / "environment", empty=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    for name in ("flytekit/__init__.py", "flytekit/models/__init__.py", *NAMES):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    (root / "flytekit/_version.py").write_text("__version__ = '1.16.31'\n")
    return root


def strict(environment: Environment, checkout: Path) -> Path:
    """Install as setuptools' strict mode does: a folder of links to the files that there are."""
    folder = checkout / "build" / "__editable__.flytekit-1.16.31-py3-none-any"
    for path in [*(checkout / "flytekit").rglob("*.py")]:
        link = folder / path.relative_to(checkout)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(path)
    environment.write({"__editable__.pth": f"{folder}\n"})
    return folder


def test_a_tree_on_the_path_is_imported(environment: Environment, checkout: Path) -> None:
    environment.write({"checkout.pth": f"{checkout}\n"})
    found = check(checkout, NAMES, environment.python)
    assert found is not None
    assert found.right
    assert str(found) == f"imported by {environment.python}"


def test_links_to_the_files_that_there_were_miss_new_ones(environment: Environment, checkout: Path) -> None:
    strict(environment, checkout)
    (checkout / "flytekit/models/new.py").write_text("")
    found = check(checkout, [*NAMES, "flytekit/models/new.py"], environment.python)
    assert found is not None
    assert found.astray == ("flytekit.models.new",)
    assert "1 modules do not come from this tree: flytekit.models.new\n" in str(found)
    assert str(found).endswith(f"--editable {checkout} --config-settings editable_mode=strict")


def test_copies_of_the_files_are_not_the_tree(environment: Environment, checkout: Path) -> None:
    copied = strict(environment, checkout) / NAMES[0]
    copied.unlink()
    os.link(checkout / NAMES[0], copied)
    found = check(checkout, NAMES, environment.python)
    assert found is not None
    assert found.astray == ("flytekit.models.literals",)


def test_a_flytekit_that_fails(environment: Environment, checkout: Path) -> None:
    environment.write({"checkout.pth": f"{checkout}\n"})
    (checkout / "flytekit/__init__.py").write_text("raise SystemExit(3)\n")
    found = check(checkout, NAMES, environment.python)
    assert found is not None
    assert found.error == "SystemExit: 3"
    (checkout / "flytekit/__init__.py").write_text("import os; os._exit(3)\n")
    found = check(checkout, NAMES, environment.python)
    assert found is not None
    assert found.error == "the interpreter crashed"
    assert not found.right


def test_a_flytekit_that_fails_late_is_not_asked_for_its_modules(environment: Environment, checkout: Path) -> None:
    environment.write({"checkout.pth": f"{checkout}\n"})
    (checkout / "flytekit/models/__init__.py").write_text("1 / 0\n")
    found = check(checkout, NAMES, environment.python)
    assert found is not None
    assert found.astray == ("flytekit.models.event", "flytekit.models.literals")


def test_another_flytekit(environment: Environment, checkout: Path, tmp_path: Path) -> None:
    found = check(checkout, NAMES, environment.python)
    assert str(found) == f"not imported by {environment.python}: its flytekit comes from nowhere"
    environment.write({"flytekit/__init__.py": ""})
    found = check(checkout, NAMES, environment.python)
    assert str(found).endswith(f"its flytekit comes from {environment.site_packages / 'flytekit/__init__.py'}")


def test_an_environment_in_the_checkout_is_found(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert check(checkout, NAMES) is None
    inside = make_environment(checkout / ".venv")
    assert check(checkout, NAMES) is None
    inside.write({"checkout.pth": f"{checkout}\n"})
    found = check(checkout, NAMES)
    assert found is not None
    assert found.python == inside.python


def test_the_environment_around_site_packages_is_found(environment: Environment) -> None:
    environment.write(dict.fromkeys(("flytekit/__init__.py", "flytekit/models/__init__.py", *NAMES), ""))
    found = check(environment.site_packages, NAMES)
    assert found is not None
    assert found.python == environment.python


def test_the_command_checks_imports(environment: Environment, checkout: Path) -> None:
    def command(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["overlay", str(checkout), "--python", str(environment.python), *options])
        return done.exit_code, done.output

    links = strict(environment, checkout)
    code, said = command()
    assert code == 0
    assert said.splitlines()[-1].startswith("  run: uv pip install --python")
    assert command("--status")[0] == 1
    environment.write({"__editable__.pth": f"{checkout}\n"})
    assert command("--status")[0] == 0
    environment.write({"__editable__.pth": f"{links}\n"})
    code, said = command("--revert")
    assert (code, said.splitlines()[-1]) == (0, f"imported by {environment.python}")
