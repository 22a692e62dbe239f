"""``flytekit-models overlay``: what it says, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flytekit_codegen.cli import main
from flytekit_codegen.overlay import apply as overlay


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in {
        "__init__.py": "",
        "_version.py": "__version__ = '1.16.31'\n",
        "models/literals.py": "hand = 'written'\n",
        "models/ours_alone.py": "",
        "models/__init__.py": "",
    }.items():
        path = tmp_path / "flytekit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["overlay", *map(str, arguments)])


def test_a_tree_is_overlaid_and_reverted(checkout: Path) -> None:
    assert command(checkout, "--status").output.endswith("Nothing is overlaid.\n")
    assert command(checkout, "--status").exit_code == 1
    assert "Nothing is overlaid." in command(checkout, "--revert").output

    applied = command(checkout)
    assert applied.exit_code == 0, applied.output
    assert f"flytekit 1.16.31 in {checkout}" in applied.output
    assert "replaced" in applied.output
    assert "flytekit/models/ours_alone.py" in applied.output
    assert "--revert restores them" in applied.output

    current = command(checkout, "--status", "--verbose")
    assert current.exit_code == 0
    assert "flytekit/_flytekit_models/model/base.py" in current.output

    reverted = command(checkout, "--revert")
    assert reverted.exit_code == 0
    assert "restored     2" in reverted.output
    assert (checkout / "flytekit/models/literals.py").read_text() == "hand = 'written'\n"


def test_a_stale_overlay_has_the_status_one(checkout: Path) -> None:
    command(checkout)
    (checkout / "flytekit/models/literals.py").write_text("edited\n")
    found = command(checkout, "--status")
    assert found.exit_code == 1
    assert "flytekit/models/literals.py" in found.output


def test_an_unsupported_version_needs_force(checkout: Path) -> None:
    (checkout / "flytekit/_version.py").write_text("__version__ = '1.15.0'\n")
    refused = command(checkout)
    assert refused.exit_code == 2
    assert "flytekit 1.15.0 is not supported" in refused.output
    assert not (checkout / "flytekit/_flytekit_models").exists()
    assert command(checkout, "--force").exit_code == 0


def test_what_cannot_be_run_ends_with_two(checkout: Path, tmp_path: Path) -> None:
    assert command(tmp_path / "flytekit" / "models").exit_code == 2
    assert command(tmp_path / "nothing").exit_code == 2
    assert command(checkout, "--revert", "--status").exit_code == 2


def test_an_interruption_tells_the_way_back(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(overlay, "put", interrupted)
    done = command(checkout)
    assert done.exit_code == 2
    assert "--revert restores the tree" in done.output
