"""What a run writes and removes, and what stays of the old package when it fails or is cut short."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from flytekit_codegen.problems import GenerationError


def _more(workshop: Any, name: str = "more") -> Path:
    path: Path = workshop.idl / workshop.name / f"{name}.proto"
    workshop.write(path, f'syntax = "proto3";\npackage $NAME;\nmessage {path.stem.title()} {{}}\n')
    return path


def test_a_second_run_writes_nothing(workshop: Any) -> None:
    first = workshop.regenerate()
    before = workshop.snapshot()
    second = workshop.regenerate()
    assert set(first.result.written) == {"__init__.py", "py.typed", "things.py"} == set(second.result.unchanged)
    assert (second.result.written, second.result.removed) == ((), ())
    assert workshop.snapshot() == before


def test_only_files_of_the_manifest_are_removed(workshop: Any) -> None:
    first, second = _more(workshop, "first"), _more(workshop, "deep/second")
    workshop.regenerate()
    by_hand = workshop.generated / "by_hand.py"
    by_hand.write_text("kept = True\n")
    first.unlink()
    second.unlink()
    assert set(workshop.regenerate().result.removed) == {"first.py", "deep/__init__.py", "deep/second.py"}
    assert by_hand.read_text() == "kept = True\n"
    assert not (workshop.generated / "deep").exists()
    assert set(workshop.texts()) == {"__init__.py", "by_hand.py", "manifest.json", "py.typed", "things.py"}


def test_a_run_without_a_manifest_removes_nothing(workshop: Any) -> None:
    more = _more(workshop)
    workshop.regenerate()
    (workshop.generated / "manifest.json").unlink()
    more.unlink()
    assert workshop.regenerate().result.removed == ()
    assert (workshop.generated / "more.py").is_file()
    assert workshop.check() == []


def test_only_one_module(workshop: Any) -> None:
    more = _more(workshop)
    workshop.regenerate()
    workshop.edit(workshop.things, "int32 size = 2;", "int32 size = 2;\nint32 weight = 3;")
    more.unlink()
    summary = workshop.regenerate(only="things")
    assert (summary.result.written, summary.result.removed) == (("things.py",), ())
    assert "weight" in workshop.texts()["things.py"]
    # What the others lack is still seen: the module that is no longer generated, by a run for all.
    assert workshop.check(only="things") == []
    (diff,) = [diff for diff in workshop.check() if "more.py" in diff.splitlines()[0]]
    assert diff.splitlines()[1] == "+++ /dev/null"


def test_two_packages_in_one_process(workshop: Any) -> None:
    other = f"{workshop.name}_other.deep.models"
    workshop.regenerate()
    workshop.regenerate(package=other)
    one, two = workshop.load("things"), workshop.load("things", other)
    assert one.Thing is not two.Thing
    message = one.Thing("a", parts=[one.Part("p")]).to_flyte_idl()
    assert two.Thing.from_flyte_idl(message).parts[0].name == "p"
    assert two.Thing.from_flyte_idl(message) == one.Thing.from_flyte_idl(message)
    # A model of the one package stands where the other expects one of its own.
    assert two.Thing("a", parts=[one.Part("p")]).to_flyte_idl() == message


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[]",
        "{}",
        '{"files": []}',
        '{"files": {"things.py": "digest"}}',
        '{"files": {"things.py": {"text": 5}}}',
        '{"files": {"../../idl.lock": {}}}',
        '{"files": {"/tmp/file": {}}}',
    ],
)
def test_a_damaged_manifest(workshop: Any, damaged: str) -> None:
    workshop.regenerate()
    manifest = workshop.generated / "manifest.json"
    manifest.write_text(damaged)
    (problem,) = workshop.problems()
    assert problem.where.file == manifest
    assert problem.what.startswith("the manifest cannot be read: ")
    assert problem.cure.startswith("delete it")
    manifest.unlink()
    workshop.regenerate()
    assert workshop.check() == []


def test_an_edited_digest_in_the_manifest_is_not_believed(workshop: Any) -> None:
    workshop.regenerate()
    right = workshop.texts()
    manifest, things = workshop.generated / "manifest.json", workshop.generated / "things.py"
    things.write_text("broken")
    assert workshop.regenerate().result.written == ("things.py",)
    entries = json.loads(manifest.read_text())
    entries["files"]["things.py"]["text"] = "0" * 64
    manifest.write_text(json.dumps(entries))
    workshop.regenerate()
    assert workshop.texts() == right


def test_an_output_folder_that_cannot_be_made(workshop: Any) -> None:
    workshop.output.write_text("a file is in the way")
    (problem,) = workshop.problems()
    assert problem.where.file == workshop.generated
    assert "cannot" in problem.what and "writable" in problem.cure


def test_a_file_in_the_place_of_the_package(workshop: Any) -> None:
    workshop.write(workshop.generated, "a file is in the way")
    (problem,) = workshop.problems()
    assert problem.where.file == workshop.generated


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_output_folder(workshop: Any) -> None:
    workshop.output.mkdir()
    workshop.output.chmod(0o500)
    (problem,) = workshop.problems()
    assert "Permission denied" in problem.what


class _CutShort:
    """Lets `Path.write_bytes` fail from its n-th call on, after half of the bytes are written."""

    def __init__(self, calls: int, error: BaseException) -> None:
        self._left, self._error, self._write = calls, error, Path.write_bytes

    def __call__(self, path: Path, content: bytes) -> int:
        self._left -= 1
        if self._left >= 0:
            return self._write(path, content)
        self._write(path, content[: len(content) // 2])
        raise self._error


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_write_that_is_cut_short(workshop: Any, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    _more(workshop)
    workshop.regenerate()
    workshop.edit(workshop.things, "int32 size = 2;", "int32 size = 2;\nint32 weight = 3;")
    workshop.write(workshop.idl / workshop.name / "more.proto", 'syntax = "proto3";\npackage $NAME;\nmessage Less {}\n')
    before = workshop.snapshot()
    cut_short = _CutShort(1, error)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", lambda path, content: cut_short(path, content))
        with pytest.raises((GenerationError, KeyboardInterrupt)) as caught:
            workshop.regenerate()
    if isinstance(error, OSError):
        assert "No space left on device" in str(caught.value)
    assert workshop.snapshot() == before
    workshop.regenerate()
    assert workshop.check() == []


@pytest.mark.stress
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_that_is_killed(workshop: Any) -> None:
    """At whatever time: the package is then the old one or the new one, and nothing else is left beside it for long."""
    workshop.regenerate()
    old = workshop.texts()
    workshop.edit(workshop.things, "int32 size = 2;", "int32 size = 2;\nint32 weight = 3;")
    command = [sys.executable, "-m", "flytekit_codegen", *workshop.arguments()]
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    took, new = time.perf_counter() - started, workshop.texts()
    assert old != new
    for part in range(3):
        workshop.edit(workshop.things, "int32 weight = 3;", "")
        workshop.regenerate()
        assert workshop.texts() == old
        workshop.edit(workshop.things, "int32 size = 2;", "int32 size = 2;\nint32 weight = 3;")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * (0.6 + 0.18 * part))
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert workshop.texts() in (old, new)
        workshop.regenerate()
        assert workshop.texts() == new
        assert os.listdir(workshop.output) == [workshop.package]
