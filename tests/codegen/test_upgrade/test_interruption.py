"""Whatever interrupts a command, the IDL and the models are as they were, or both as they should be."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from flytekit_codegen import staging
from flytekit_codegen.staging import CannotReplace, StagedFolder, clean_up, commit_together
from flytekit_codegen.sync import read_lock

# Hangs at a step of the upgrade until it is killed.
HANG = """
import time
from flytekit_codegen import staging, upgrade
from flytekit_codegen import staging

def hang(*arguments, **options):
    print("hanging", flush=True)
    time.sleep(60)
"""
STEPS = {
    "before the comparison": "upgrade.compare_sides = hang",
    "before the swaps": "upgrade.commit_together = hang",
    "between the swaps": """
once = staging.StagedFolder.commit
def commit(folder):
    if folder.folder.name == "models":
        hang()
    once(folder)
staging.StagedFolder.commit = commit
""",
}


def _hanging(project, step):
    process = project.start("1.1", before=HANG + STEPS[step])
    line = process.stdout.readline()
    assert line == "hanging\n", line + process.stderr.read()
    return process


@pytest.mark.parametrize("step", STEPS)
def test_sigint(project, step):
    before = project.snapshot()
    with _hanging(project, step) as process:
        os.kill(process.pid, signal.SIGINT)
        assert process.stderr.read() == "Interrupted; nothing was changed.\n"
    assert process.returncode == 2
    assert project.snapshot() == before and project.leftovers() == []


@pytest.mark.parametrize("step", STEPS)
def test_sigkill(project, step):
    before = project.snapshot()
    with _hanging(project, step) as process:
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert project.leftovers() != []
    if step == "between the swaps":
        # The one moment that no system call covers: the next command puts it right, from the journal.
        assert read_lock(project.idl).release.version == "1.1"
        clean_up(project.idl)
    assert project.snapshot() == before
    assert project.upgrade("1.1").exit_code == 0
    assert read_lock(project.idl).release.version == "1.1" and project.leftovers() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_regenerate(project, number):
    (project.contract / "a.yaml").write_text("files: [tinyidl/a.proto]\nclasses:\n  A: (x='other')\n")
    before = project.snapshot()
    hang = HANG + "staging.StagedFolder.commit = hang"
    with project.start_command("regenerate", *project.options, before=hang) as process:
        assert process.stdout.readline() == "hanging\n"
        os.kill(process.pid, number)
        complaint = process.stderr.read()
    # Before that, a slow machine tells the steps.
    assert complaint.endswith("Interrupted; nothing was changed.\n") is (number == signal.SIGINT)
    assert "Traceback" not in complaint
    assert process.returncode == (2 if number == signal.SIGINT else -number)
    assert project.snapshot() == before
    assert project.run("regenerate", *project.options).exit_code == 0
    assert "x: str | None = 'other'" in (project.generated / "tiny/models/a.py").read_text().replace('"', "'")
    assert project.leftovers() == []


FULL = """
import resource
from flytekit_codegen.pipeline import run as pipeline
render = pipeline._render
def full(*arguments):
    rendered = render(*arguments)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    return rendered
pipeline._render = full
"""


def test_a_full_disk(project):
    before = project.snapshot()
    with project.start("1.1", before=FULL) as process:
        output, complaint = process.communicate()
    assert (process.returncode, output) == (2, "")
    assert "File too large" in complaint and "Traceback" not in complaint
    assert project.snapshot() == before and project.leftovers() == []


@pytest.fixture
def pair(tmp_path):
    """Two folders with one file each, staged with another content."""
    folders = [tmp_path / "one", tmp_path / "deep" / "two"]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "file").write_text("old")
    return folders


def _texts(folders):
    return [(folder / "file").read_text() if (folder / "file").exists() else None for folder in folders]


def test_together_means_all_or_none(pair, monkeypatch, tmp_path):
    new = tmp_path / "new"
    with StagedFolder(pair[0]) as one, StagedFolder(new) as two, StagedFolder(pair[1]) as three:
        for folder in (one, two, three):
            folder.write("file", "new")
        call = staging._swap_call
        monkeypatch.setattr(staging, "_swap_call", lambda a, b: 16 if b == pair[1] else call(a, b))
        with pytest.raises(CannotReplace, match=r"two cannot be replaced: .*busy"):
            commit_together([one, two, three])
        assert _texts([*pair, new]) == ["old", "old", None]
        monkeypatch.undo()
        commit_together([one, two, three])
        assert _texts([*pair, new]) == ["new", "new", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "new", "one"]


def test_a_journal_that_cannot_be_written(pair, monkeypatch):
    def full(self, text):
        raise OSError(28, "No space left on device")

    with StagedFolder(pair[0]) as one:
        one.write("file", "new")
        monkeypatch.setattr(Path, "write_text", full)
        with pytest.raises(CannotReplace, match=r"journal\.json cannot be written: No space left on device"):
            commit_together([one])
    assert _texts(pair) == ["old", "old"]


def _killed_after(count, folders, ended, journal=None):
    """What a process that was killed after some of the swaps leaves behind."""
    staged = [StagedFolder(folder) for folder in folders]
    entries = []
    for one in staged:
        one.__enter__()
        left = one.tree.with_name(one.tree.name.replace(f"-{os.getpid()}-", f"-{ended}-"))
        left = left.with_name(left.name.replace(f".sync-{os.getpid()}", f".sync-{ended}"))
        one.tree = one.tree.rename(left)
        one.write("file", "new")
        entries.append(one.entry())
    path = folders[0].with_name(f".{folders[0].name}.sync-{ended}-journal.json")
    path.write_text(json.dumps(entries) if journal is None else journal)
    for one in staged[:count]:
        one.commit()


@pytest.fixture
def ended():
    """The id of a process that has ended."""
    process = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(process, 0)
    return process


@pytest.mark.parametrize(("count", "expected"), [(0, "old"), (1, "old"), (2, "old"), (3, "new")])
def test_the_journal_of_a_killed_process(pair, ended, tmp_path, count, expected):
    folders = [pair[0], tmp_path / "new", pair[1]]
    _killed_after(count, folders, ended)
    for folder in folders:
        clean_up(folder)
    texts = [expected, expected if expected == "new" else None, expected]
    assert _texts(folders) == texts
    assert [path for path in tmp_path.rglob(".*") if ".sync-" in path.name] == []


def test_a_journal_that_was_cut_short_is_of_nothing_that_was_done(pair, ended, tmp_path):
    _killed_after(0, pair, ended, journal='[["/x')
    for folder in pair:
        clean_up(folder)
    assert _texts(pair) == ["old", "old"] and not list(tmp_path.glob(".one*"))


def test_interrupted_after_all_is_done_it_stays_done(project, monkeypatch):
    """A second Ctrl-C while the old folders are being removed."""
    remove = staging.shutil.rmtree

    def interrupted(path, **options):
        remove(path, **options)
        if ".sync-" in str(path):
            raise KeyboardInterrupt

    monkeypatch.setattr(staging.shutil, "rmtree", interrupted)
    result = project.upgrade("1.1")
    monkeypatch.undo()
    assert result.exit_code == 2
    assert read_lock(project.idl).release.version == "1.1"
    assert "tinyidl 1.1" in (project.generated / "tiny/models/__init__.py").read_text()
