"""Putting the models into a flytekit tree, and taking them out again."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from flytekit_codegen.overlay import apply as overlay
from flytekit_codegen.overlay.journal import FOLDER, Journal
from flytekit_codegen.overlay.payload import HELPERS, UTILITIES, payload
from flytekit_codegen.overlay.target import Target, find, require_supported
from flytekit_codegen.problems import GenerationError

Tree = dict[str, tuple[bytes, int, int]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small flytekit: one model that the overlay has, one that it does not, a utility, and modules of its own."""
    root = tmp_path / "checkout"
    for name, text in {
        "__init__.py": "own = True\n",
        "_version.py": "__version__ = version = '1.16.31'\n",
        "loggers.py": "own = True\n",
        "configuration/__init__.py": "own = True\n",
        "models/__init__.py": "",
        "models/literals.py": "hand = 'written'\n",
        "models/event.py": "hand = 'written'\n",
        "models/ours_alone.py": "hand = 'written'\n",
        "core/tracker.py": "hand = 'written'\n",
    }.items():
        path = root / "flytekit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, (1_600_000_000, 1_600_000_000))
    (root / "flytekit" / "core" / "tracker.py").chmod(0o640)
    return root


def tree(root: Path) -> Tree:
    """Every file: its bytes, mode and time."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file()
    }


def test_the_payload_has_the_models_and_the_utilities_and_nothing_of_flytekits_own() -> None:
    files = payload()
    assert {
        "flytekit/models/literals.py",
        "flytekit/_flytekit_models/model/base.py",
        "flytekit/_flytekit_models/py.typed",
    } <= files.keys()
    assert {*UTILITIES, *HELPERS} <= files.keys()
    own = {"flytekit/__init__.py", "flytekit/loggers.py", "flytekit/core/pod_template.py"}
    assert not own & files.keys()
    assert not any(name.startswith(("flytekit/configuration", "flytekit/exceptions")) for name in files)


def test_the_overlay_stands_on_nothing_outside_flytekit() -> None:
    for name, text in payload().items():
        assert name.startswith("flytekit/")
        if name.endswith(".py"):
            imported = {
                imported
                for statement in ast.walk(ast.parse(text))
                for imported in (
                    [alias.name for alias in statement.names]
                    if isinstance(statement, ast.Import)
                    else [statement.module or ""] if isinstance(statement, ast.ImportFrom) else []
                )
            }
            assert not {"flytekit_models", "flytekit_codegen"} & {one.partition(".")[0] for one in imported}, name
            # This form would bind another name than the one that the code goes on with.
            assert "flytekit._flytekit_models" not in {
                alias.name
                for statement in ast.walk(ast.parse(text))
                if isinstance(statement, ast.Import)
                for alias in statement.names
                if alias.asname is None
            }, name


def test_each_utility_of_ours_is_overlaid_or_flytekits_own() -> None:
    ours = Path(__file__).parents[3] / "runtime"
    own = ("configuration/", "exceptions/", "tools/", "loggers.py", "core/pod_template.py")
    for path in (ours / "flytekit").rglob("*.py"):
        name = path.relative_to(ours).as_posix()
        assert (name in payload()) != name.removeprefix("flytekit/").startswith(own), name


def test_what_the_overlay_replaces_adds_and_leaves(checkout: Path) -> None:
    changes = overlay.apply(find(checkout), payload())
    assert {"flytekit/models/literals.py", "flytekit/core/tracker.py"} <= {*changes.replaced}
    assert {"flytekit/models/core/workflow.py", "flytekit/_flytekit_models/model/base.py", *HELPERS} <= {*changes.added}
    assert changes.displaced == ("flytekit/models/event.py",)
    assert changes.left == ("flytekit/models/ours_alone.py",)
    assert not (checkout / "flytekit/models/event.py").exists()
    for name, content in payload().items():
        assert (checkout / name).read_bytes() == content
    for name in ("__init__.py", "loggers.py", "configuration/__init__.py", "models/ours_alone.py"):
        assert (
            "own" in (checkout / "flytekit" / name).read_text() or "hand" in (checkout / "flytekit" / name).read_text()
        )


def test_applying_twice_is_the_same_as_once(checkout: Path) -> None:
    overlay.apply(find(checkout), payload())
    once = tree(checkout)
    again = overlay.apply(find(checkout), payload())
    assert (again.replaced, again.added, again.displaced) == ((), (), ())
    after = tree(checkout)
    assert {name: entry[0] for name, entry in after.items()} == {name: entry[0] for name, entry in once.items()}


def test_revert_restores_exactly(checkout: Path) -> None:
    before = tree(checkout)
    overlay.apply(find(checkout), payload())
    overlay.apply(find(checkout), payload())
    reverted = overlay.revert(find(checkout))
    assert tree(checkout) == before
    assert {"flytekit/models/event.py", "flytekit/models/literals.py"} <= {*reverted.restored}
    assert not (checkout / FOLDER).exists()
    assert {path.name for path in (checkout / "flytekit").iterdir()} == {
        "__init__.py",
        "_version.py",
        "configuration",
        "core",
        "loggers.py",
        "models",
    }
    assert overlay.revert(find(checkout)) == overlay.Changes()


def test_files_that_are_linked_elsewhere_are_not_written_into(checkout: Path, tmp_path: Path) -> None:
    linked = tmp_path / "cache.py"
    os.link(checkout / "flytekit/models/literals.py", linked)
    overlay.apply(find(checkout), payload())
    assert linked.read_text() == "hand = 'written'\n"


def test_compiled_modules_of_what_is_replaced_are_forgotten(checkout: Path) -> None:
    module = checkout / "flytekit/models/literals.py"
    compiled = Path(importlib.util.cache_from_source(str(module)))
    compiled.parent.mkdir()
    compiled.write_bytes(b"old")
    kept = compiled.with_name("ours_alone.cpython-311.pyc")
    kept.write_bytes(b"kept")
    overlay.apply(find(checkout), payload())
    assert not compiled.exists()
    assert kept.exists()


def test_a_new_overlay_takes_the_place_of_the_old_one(checkout: Path, tmp_path: Path) -> None:
    before = tree(checkout)
    files = payload()
    overlay.apply(find(checkout), files)
    newer = {name: content for name, content in files.items() if name != "flytekit/core/tracker.py"}
    newer["flytekit/models/literals.py"] = b"newer = True\n"
    del newer["flytekit/_flytekit_models/model/base.py"]
    changes = overlay.apply(find(checkout), newer)
    assert changes.replaced == ("flytekit/models/literals.py",)
    assert changes.restored == ("flytekit/core/tracker.py",)
    assert changes.removed == ("flytekit/_flytekit_models/model/base.py",)
    assert not (checkout / "flytekit/_flytekit_models/model/base.py").exists()
    overlay.revert(find(checkout))
    assert tree(checkout) == before


def test_an_interrupted_overlay_can_be_reverted_or_finished(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(checkout)
    real, done = overlay.put, []

    def interrupted(content: Path | bytes, target: Path) -> None:
        if FOLDER not in target.parts:
            done.append(target)
            if len(done) == 20:
                raise KeyboardInterrupt
        real(content, target)

    monkeypatch.setattr(overlay, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        overlay.apply(find(checkout), payload())
    monkeypatch.setattr(overlay, "put", real)
    shutil.copytree(checkout, checkout.with_name("other"))
    overlay.revert(find(checkout))
    assert tree(checkout) == before
    overlay.apply(find(checkout.with_name("other")), payload())
    assert overlay.status(find(checkout.with_name("other")), payload()).stale == ()


def test_a_file_changed_since_is_not_thrown_away(checkout: Path) -> None:
    overlay.apply(find(checkout), payload())
    module = checkout / "flytekit/models/literals.py"
    module.write_text("edited = True\n")
    for change in (lambda: overlay.apply(find(checkout), payload()), lambda: overlay.revert(find(checkout))):
        with pytest.raises(GenerationError, match=r"literals\.py: has changed since it was overlaid"):
            change()
        assert module.read_text() == "edited = True\n"
    overlay.apply(find(checkout), payload(), force=True)
    assert "edited" not in module.read_text()
    overlay.revert(find(checkout))
    assert module.read_text() == "edited = True\n"


def test_force_takes_a_deleted_file_for_one_that_never_was(checkout: Path) -> None:
    overlay.apply(find(checkout), payload())
    module = checkout / "flytekit/models/literals.py"
    module.unlink()
    overlay.apply(find(checkout), payload(), force=True)
    overlay.revert(find(checkout))
    assert not module.exists()


def test_a_forced_revert_drops_the_change(checkout: Path) -> None:
    before = tree(checkout)
    overlay.apply(find(checkout), payload())
    (checkout / "flytekit/models/literals.py").write_text("edited = True\n")
    overlay.revert(find(checkout), force=True)
    assert tree(checkout) == before


def test_what_was_restored_by_hand_is_no_change(checkout: Path) -> None:
    overlay.apply(find(checkout), payload())
    (checkout / "flytekit/models/literals.py").write_text("hand = 'written'\n")
    assert overlay.status(find(checkout), payload()).stale == ("flytekit/models/literals.py",)
    overlay.revert(find(checkout))
    assert (checkout / "flytekit/models/literals.py").read_text() == "hand = 'written'\n"


def upgrade(checkout: Path) -> None:
    """What an installer does: another flytekit in the place of the one that was overlaid."""
    (checkout / "flytekit/_version.py").write_text("__version__ = version = '1.16.32'\n")
    (checkout / "flytekit/models/literals.py").write_text("upgraded = True\n")
    (checkout / "flytekit/models/event.py").write_text("upgraded = True\n")


def test_an_upgraded_flytekit_keeps_its_files_on_revert(checkout: Path) -> None:
    overlay.apply(find(checkout), payload())
    upgrade(checkout)
    overlay.revert(find(checkout))
    assert (checkout / "flytekit/models/literals.py").read_text() == "upgraded = True\n"
    assert (checkout / "flytekit/models/event.py").read_text() == "upgraded = True\n"
    assert not (checkout / "flytekit_models").exists()
    assert not (checkout / FOLDER).exists()


def test_an_upgraded_flytekit_is_overlaid_anew(checkout: Path) -> None:
    overlay.apply(find(checkout), payload())
    upgrade(checkout)
    overlay.apply(find(checkout), payload())
    assert not (checkout / "flytekit/models/event.py").exists()
    overlay.revert(find(checkout))
    assert (checkout / "flytekit/models/literals.py").read_text() == "upgraded = True\n"


def test_status_tells_what_is_there(checkout: Path) -> None:
    assert not overlay.status(find(checkout), payload()).applied
    overlay.apply(find(checkout), payload())
    found = overlay.status(find(checkout), payload())
    assert found.applied
    assert (found.changed, found.stale) == ((), ())
    assert "flytekit/models/literals.py" in found.replaced
    assert "flytekit/_flytekit_models/model/base.py" in found.added
    (checkout / "flytekit/core/tracker.py").write_text("edited\n")
    fewer = {name: content for name, content in payload().items() if name != "flytekit/_flytekit_models/model/base.py"}
    found = overlay.status(find(checkout), fewer)
    assert found.changed == ("flytekit/core/tracker.py",)
    assert found.stale == ("flytekit/_flytekit_models/model/base.py",)


def test_a_damaged_journal_is_told(checkout: Path) -> None:
    overlay.apply(find(checkout), payload())
    journal = checkout / FOLDER / "overlay.json"
    for text in ("{", json.dumps({"format": 99}), json.dumps([])):
        journal.write_text(text)
        with pytest.raises(GenerationError, match="the journal cannot be read"):
            Journal.read(checkout)


def test_a_tree_that_cannot_be_written_is_told(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(content: Path | bytes, target: Path) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(overlay, "put", refuse)
    with pytest.raises(GenerationError, match="cannot be written"):
        overlay.apply(find(checkout), payload())
    monkeypatch.undo()
    overlay.apply(find(checkout), payload())
    monkeypatch.setattr(overlay, "put", refuse)
    with pytest.raises(GenerationError, match="cannot be written"):
        overlay.revert(find(checkout))


def test_what_to_take_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="flytekit-models regenerate"):
        payload((tmp_path,))
    (tmp_path / "flytekit" / "models").mkdir(parents=True)
    with pytest.raises(GenerationError, match="reinstall flytekit-models"):
        payload((tmp_path,))


def test_a_tree_is_found_by_itself_and_by_its_package(checkout: Path, tmp_path: Path) -> None:
    assert find(checkout).root == checkout
    assert find(checkout / "flytekit").root == checkout
    for path in (tmp_path, checkout / "flytekit" / "models"):
        with pytest.raises(GenerationError, match="has no flytekit package"):
            find(path)


def test_the_version_is_told_by_what_there_is(checkout: Path) -> None:
    assert str(find(checkout).version) == "1.16.31"
    (checkout / "flytekit/_version.py").write_text("version = 'not a version'\n")
    assert find(checkout).version is None
    metadata = checkout / "flytekit-1.16.9.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: flytekit\nVersion: 1.16.9\n")
    assert str(find(checkout).version) == "1.16.9"


def test_the_version_of_a_checkout_is_its_tag(checkout: Path) -> None:
    (checkout / "flytekit/_version.py").unlink()

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", str(checkout), *who, *arguments], check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    assert find(checkout).version is None
    git("tag", "v1.16.5")
    assert str(find(checkout).version) == "1.16.5"


def test_without_git_the_version_is_unknown(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "flytekit/_version.py").unlink()
    monkeypatch.setenv("PATH", str(checkout))
    assert find(checkout).version is None


def test_only_supported_versions_are_overlaid(checkout: Path) -> None:
    from packaging.version import Version

    require_supported(Target(checkout, Version("1.16.31")))
    require_supported(Target(checkout, Version("1.16.32.dev3+gabc")))
    for version in ("1.15.4", "1.17.0", "2.0"):
        with pytest.raises(GenerationError, match=f"flytekit {version} is not supported.*\n.*--force"):
            require_supported(Target(checkout, Version(version)))
    with pytest.raises(GenerationError, match="the version of this flytekit is unknown"):
        require_supported(Target(checkout, None))
