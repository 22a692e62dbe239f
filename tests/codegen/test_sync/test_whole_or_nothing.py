"""A sync is done whole or not at all, touches nothing that stays the same, and says clearly what is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from flytekit_codegen import staging
from flytekit_codegen.sync import SyncError, read_lock, staged_sync, sync
from flytekit_codegen.sync.release import default_cache

ONE = {"tinyidl/a.proto": 'syntax = "proto3";\npackage tinyidl;\nmessage A { string x = 1; }\n'}
TWO = {
    "tinyidl/a.proto": 'syntax = "proto3";\npackage tinyidl;\nmessage A { string x = 1; }\n',
    "tinyidl/sub/b.proto": 'syntax = "proto3";\npackage tinyidl.sub;\nmessage B { string y = 1; }\n',
}


@pytest.fixture
def synced(lab):
    """idl/ as of 2.0, with 1.0 in the cache too, and files of other people in it."""
    lab.cached("tinyidl", "1.0", ONE)
    lab.cached("tinyidl", "2.0", TWO)
    sync("2.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    (lab.idl / "README.md").write_text("Ours.")
    (lab.idl / "extra").mkdir()
    (lab.idl / "extra" / "own.proto").write_text('syntax = "proto3";\nmessage Own {}\n')
    return lab


def _sync(lab, version, **more):
    return sync(version, lab.idl, distribution="tinyidl", cache=lab.cache, **more)


def test_again_changes_nothing_at_all(synced):
    before, folder = synced.snapshot(), synced.idl.stat().st_ino
    report = _sync(synced, "2.0")
    assert (report.written, report.removed) == ((), ()) and not report.changed
    assert report.unchanged == ("idl.lock", "tinyidl/a.proto", "tinyidl/sub/b.proto")
    assert (synced.snapshot(), synced.idl.stat().st_ino) == (before, folder)


def test_only_what_differs_is_written_and_only_what_sync_wrote_is_removed(synced):
    before = synced.snapshot()
    report = _sync(synced, "1.0")
    assert report.written == ("idl.lock",)
    assert report.removed == ("tinyidl/sub/b.proto",)
    assert report.removed_elements == ("tinyidl/sub/b.proto", "tinyidl.sub.B", "tinyidl.sub.B.y")
    after = synced.snapshot()
    assert not (synced.idl / "tinyidl" / "sub").exists()
    for name in ("idl/README.md", "idl/extra/own.proto", "idl/tinyidl/a.proto"):
        assert after[name] == before[name]


def test_the_lock_names_the_release(synced):
    lock = read_lock(synced.idl)
    assert (lock.release.distribution, lock.release.version) == ("tinyidl", "2.0")
    assert lock.release.wheel == "tinyidl-2.0-py3-none-any.whl" and len(lock.release.sha256) == 64
    assert sorted(lock.files) == sorted(TWO)


def test_a_staged_sync_that_nobody_commits_leaves_idl_alone(synced):
    before = synced.snapshot()
    with staged_sync("1.0", synced.idl, distribution="tinyidl", cache=synced.cache) as staged:
        assert staged.report.removed == ("tinyidl/sub/b.proto",)
        assert (staged.tree / "README.md").exists() and not (staged.tree / "tinyidl" / "sub").exists()
    assert synced.snapshot() == before


def test_an_interrupt_at_any_step_leaves_idl_alone(synced):
    before, steps = synced.snapshot(), []
    with staged_sync("1.0", synced.idl, distribution="tinyidl", cache=synced.cache, report=steps.append):
        pass
    assert len(steps) > 3
    for last in steps:

        def interrupted(step, last=last):
            if step == last:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            _sync(synced, "1.0", report=interrupted)
        assert synced.snapshot() == before


HANG = """
import sys, time
from pathlib import Path
from flytekit_codegen.sync import sync

def report(step):
    if step.startswith("Compiling"):
        print("hanging", flush=True)
        time.sleep(60)

sync("1.0", Path(sys.argv[1]), distribution="tinyidl", cache=Path(sys.argv[2]), report=report)
"""


def test_a_killed_sync_leaves_idl_alone_and_the_next_one_tidies_up(synced):
    before = synced.snapshot()
    command = [sys.executable, "-c", HANG, str(synced.idl), str(synced.cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment()) as process:
        assert process.stdout.readline() == b"hanging\n"
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    leftovers = [path for path in synced.idl.parent.iterdir() if path != synced.idl]
    assert len(leftovers) == 1 and leftovers[0].name.startswith(".idl.sync-")
    assert {name: kept for name, kept in synced.snapshot().items() if name.startswith("idl/")} == before
    _sync(synced, "1.0")
    assert list(synced.idl.parent.iterdir()) == [synced.idl]


FULL = """
import resource, sys
from pathlib import Path
from flytekit_codegen.sync import SyncError, sync

def report(step):
    if step.startswith("Reading the comments"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

try:
    sync("1.0", Path(sys.argv[1]), distribution="tinyidl", cache=Path(sys.argv[2]), report=report)
except SyncError as error:
    print(error)
    sys.exit(2)
"""


def test_a_file_system_without_room_leaves_idl_alone(synced):
    # No comments to read, so the first thing to be written, and refused, is the copy of the tree.
    for path in (synced.idl / "tinyidl").rglob("*.proto"):
        path.unlink()
    before = synced.snapshot()
    command = [sys.executable, "-c", FULL, str(synced.idl), str(synced.cache)]
    done = subprocess.run(command, capture_output=True, text=True, env=_environment())
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.count("\n") == 1 and "cannot" in done.stdout and "File too large" in done.stdout
    assert synced.snapshot() == before


def _environment():
    # No bytecode: a limit on file sizes would break the files of others.
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}


def test_a_write_that_fails_leaves_idl_alone(synced, monkeypatch):
    before = synced.snapshot()

    def full(self, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SyncError, match=r"idl\.lock cannot be written: No space left on device"):
        _sync(synced, "1.0")
    monkeypatch.undo()
    assert synced.snapshot() == before


@pytest.mark.parametrize("number", [38, 22], ids=["ENOSYS", "EINVAL"])
def test_where_folders_cannot_be_swapped_in_one_call_they_are_renamed(synced, monkeypatch, number):
    monkeypatch.setattr(staging, "_swap_call", lambda one, other: number)
    assert _sync(synced, "1.0").changed
    assert read_lock(synced.idl).release.version == "1.0"
    assert list(synced.idl.parent.iterdir()) == [synced.idl]


def test_a_swap_that_the_system_refuses_leaves_idl_alone(synced, monkeypatch):
    before = synced.snapshot()
    monkeypatch.setattr(staging, "_swap_call", lambda one, other: 16)
    with pytest.raises(SyncError, match=r"idl cannot be replaced: .*busy"):
        _sync(synced, "1.0")
    assert synced.snapshot() == before


def test_a_rename_that_fails_halfway_is_taken_back(synced, monkeypatch):
    before = synced.snapshot()
    rename = Path.rename

    def refuse_the_copy(self, target):
        if self.name.startswith(".idl.sync-") and not self.name.endswith("-old"):
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(staging, "_swap_call", lambda one, other: 38)
    monkeypatch.setattr(Path, "rename", refuse_the_copy)
    with pytest.raises(SyncError, match="Permission denied"):
        _sync(synced, "1.0")
    assert synced.snapshot() == before


def test_without_the_call_of_linux_they_are_renamed_too(synced, monkeypatch):
    monkeypatch.setattr("sys.platform", "plan9")
    assert _sync(synced, "1.0").changed
    assert read_lock(synced.idl).release.version == "1.0"


def _left_by(process, lab):
    return lab.idl.with_name(f".idl.sync-{process}-abc")


@pytest.fixture
def ended():
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_killed_between_two_renames_is_put_right_by_the_next_sync(synced, ended):
    before = synced.snapshot()
    left = _left_by(ended, synced)
    left.mkdir()
    synced.idl.rename(left.with_name(left.name + "-old"))
    assert not _sync(synced, "2.0").changed
    assert synced.snapshot() == before
    assert list(synced.idl.parent.iterdir()) == [synced.idl]


def test_killed_after_the_renames_is_tidied_up_by_the_next_sync(synced, ended):
    before = synced.snapshot()
    left = _left_by(ended, synced)
    left.with_name(left.name + "-old").mkdir()
    assert not _sync(synced, "2.0").changed
    assert synced.snapshot() == before
    assert list(synced.idl.parent.iterdir()) == [synced.idl]


def test_the_copy_of_a_sync_that_still_runs_is_left_alone(synced, monkeypatch):
    others = [_left_by(os.getpid(), synced), _left_by(4_000_001, synced), synced.idl.with_name(".idl.sync-notes")]
    for other in others:
        other.mkdir()

    def somebody_elses(process, number):
        if process == 4_000_001:
            raise PermissionError

    monkeypatch.setattr(os, "kill", somebody_elses)
    _sync(synced, "1.0")
    assert sorted(synced.idl.parent.iterdir()) == sorted([*others, synced.idl])


def test_a_leftover_that_cannot_be_removed_is_an_error(synced, ended):
    left = _left_by(ended, synced)
    left.write_text("no folder")
    with pytest.raises(SyncError, match=r"left beside .*/idl cannot be removed: Not a directory"):
        _sync(synced, "1.0")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "SIGINT"])
def test_a_copy_that_cannot_be_finished_is_dropped(synced, monkeypatch, error):
    before = synced.snapshot()

    def stop(*args, **kwargs):
        raise error

    monkeypatch.setattr("shutil.copytree", stop)
    with pytest.raises((SyncError, KeyboardInterrupt), match=r"No space left on device|^$"):
        _sync(synced, "1.0")
    assert synced.snapshot() == before
    assert list(synced.idl.parent.iterdir()) == [synced.idl]


def test_what_cannot_be_copied_is_named(synced):
    os.mkfifo(synced.idl / "pipe")
    with pytest.raises(SyncError, match=r"idl/ cannot be copied within .*/pipe. is a named pipe"):
        _sync(synced, "1.0")


def test_an_idl_reached_by_a_link_is_replaced_where_it_is(synced):
    link = synced.idl.parent / "link"
    link.symlink_to(synced.idl)
    sync("1.0", link, distribution="tinyidl", cache=synced.cache)
    assert link.is_symlink() and read_lock(synced.idl).release.version == "1.0"


def _break_wheel(lab):
    wheel = lab.cache / "tinyidl" / "tinyidl-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:200])


def _module(content):
    def put(lab):
        lab.rewrite(lab.cache / "tinyidl" / "tinyidl-1.0-py3-none-any.whl", "tinyidl/a_pb2.py", content)

    return put


def _overwrite(name, text):
    def put(lab):
        (lab.idl / name).write_text(text)

    return put


BAD_INPUT = {
    "damaged wheel": (_break_wheel, r"tinyidl-1\.0-py3-none-any\.whl is damaged .*; delete it"),
    "module without a descriptor": (_module("x = 1\n"), r"tinyidl/a_pb2\.py holds 0 serialized descriptors"),
    "module that is no Python": (_module("def (\n"), r"tinyidl/a_pb2\.py has no readable descriptor"),
    "broken descriptor": (_module("pool.AddSerializedFile(b'\\xff\\xff')"), r"a_pb2\.py has no readable descriptor"),
    "foreign descriptor": (_module("pool.AddSerializedFile(b'')"), r"a_pb2\.py holds the descriptor of another file"),
    "no modules at all": (_module(None), r"tinyidl 1\.0 has no _pb2\.py modules, so"),
    "syntax error in idl/": (_overwrite("tinyidl/a.proto", "message {"), r"do not compile: .*tinyidl/a\.proto:1:9: "),
    "lock that is no lock": (_overwrite("idl.lock", "[1]"), r"idl\.lock is not a lock written by sync"),
    "history that is no history": (_overwrite("history.json", "{}"), r"history\.json is not a history written by sync"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_gets_one_sentence_and_leaves_idl_alone(synced, case):
    break_it, expected = BAD_INPUT[case]
    break_it(synced)
    before = synced.snapshot()
    with pytest.raises(SyncError, match=expected) as caught:
        _sync(synced, "1.0")
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
    assert synced.snapshot() == before


def test_a_lock_or_history_that_cannot_be_read(synced):
    for name in ("history.json", "idl.lock"):
        (synced.idl / name).unlink(missing_ok=True)
        (synced.idl / name).mkdir()
        with pytest.raises(SyncError, match=rf"{name} cannot be read: Is a directory"):
            _sync(synced, "1.0")


def test_a_wheel_that_is_not_the_recorded_one_is_refused(synced):
    wheel = synced.cache / "tinyidl" / "tinyidl-2.0-py3-none-any.whl"
    synced.rewrite(wheel, "tinyidl-2.0.dist-info/RECORD", "changed")
    with pytest.raises(SyncError, match=r"tinyidl-2\.0-py3-none-any\.whl is not the one that idl\.lock records"):
        _sync(synced, "2.0")


def test_a_requirement_that_is_none_is_refused(lab):
    lab.cached("tinyidl", "1.0", {**ONE, "far/f.proto": 'syntax = "proto3";\npackage far;\nmessage F {}\n'}, ("a b c",))
    wheel = lab.cached(
        "tinyidl",
        "2.0",
        {
            "tinyidl/a.proto": 'syntax = "proto3";\nimport "far/f.proto";\nmessage A { far.F f = 1; }\n',
            "far/f.proto": 'syntax = "proto3";\npackage far;\nmessage F {}\n',
        },
        ("not a requirement",),
    )
    _sync(lab, "1.0")  # Nobody asks for requirements there.
    lab.rewrite(wheel, "far/f_pb2.py", None)
    with pytest.raises(SyncError, match="declares an invalid requirement"):
        _sync(lab, "2.0")


def test_an_idl_that_is_a_file_is_refused(lab):
    lab.cached("tinyidl", "1.0", ONE)
    lab.idl.parent.mkdir(parents=True)
    lab.idl.write_text("")
    with pytest.raises(SyncError, match="cannot be read: Not a directory"):
        _sync(lab, "1.0")


def test_a_folder_that_cannot_be_made_is_refused(lab):
    lab.cached("tinyidl", "1.0", ONE)
    lab.idl.parent.write_text("a file where the folder should be")
    with pytest.raises(SyncError, match=r"cannot (be read|hold a copy of idl/): (Not a directory|File exists)"):
        _sync(lab, "1.0")


def test_options_that_are_no_plain_values_are_refused(lab):
    wheel = lab.cached("tinyidl", "1.0", ONE)
    file = FileDescriptorProto(name="tinyidl/a.proto", syntax="proto3")
    file.options.uninterpreted_option.add()
    lab.rewrite(wheel, "tinyidl/a_pb2.py", f"pool.AddSerializedFile({file.SerializeToString()!r})")
    with pytest.raises(SyncError, match="uses the option 'uninterpreted_option', which sync cannot write"):
        _sync(lab, "1.0")


def test_a_descriptor_that_no_source_text_can_say_is_refused(lab):
    wheel = lab.cached("tinyidl", "1.0", ONE)
    file = FileDescriptorProto(name="tinyidl/a.proto", syntax="proto3")
    message = file.message_type.add(name="A")
    for name in ("one", "other"):
        message.oneof_decl.add(name=name)
    for number, oneof in enumerate((0, 1, 0), start=1):  # The arms of a oneof always stand together in a text.
        message.field.add(name=f"f{number}", number=number, label=1, type=9, oneof_index=oneof)
    lab.rewrite(wheel, "tinyidl/a_pb2.py", f"pool.AddSerializedFile({file.SerializeToString()!r})")
    with pytest.raises(SyncError, match="does not compile to the release's own descriptor"):
        _sync(lab, "1.0")
    assert not lab.idl.exists()


def test_wheels_are_kept_in_the_users_cache_folder(lab, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache() == tmp_path / "xdg" / "flytekit-models" / "releases"
    lab.publish("tinyidl", "1.0", ONE)
    sync("v1.0", lab.idl, distribution="tinyidl")
    assert (default_cache() / "tinyidl" / "tinyidl-1.0-py3-none-any.whl").is_file()
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache() == tmp_path / ".cache" / "flytekit-models" / "releases"
