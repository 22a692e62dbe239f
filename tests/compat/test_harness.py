"""The comparison itself: it finds planted faults, and tells what is not listed and what is listed in vain."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import differential
import listed
import pytest
import run
from environments import ROOT, interpreter
from programs import Outcome

OBSERVE = Path(__file__).parent / "scripts" / "observe.py"
CLASSES = ("task.IOStrategy", "literals.BlobMetadata", "security.Secret")


def observe(models: Path, *classes: str) -> list[str]:
    """The lines of an observation of the generated models, or of a copy that stands before them."""
    environment = {**os.environ, "PYTHONPATH": str(models), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [sys.executable, str(OBSERVE), *classes], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def sound() -> list[str]:
    return observe(ROOT / "generated", *CLASSES)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "generated" / "flytekit", tmp_path / "flytekit")
    return tmp_path


def replace(models: Path, file: str, old: str, new: str) -> None:
    path = models / "flytekit" / "models" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_same_models_do_the_same(sound: list[str]) -> None:
    found = differential.compare(sound, observe(ROOT / "generated", *CLASSES))
    assert (found.classes, found.differences, found.faults) == ({*CLASSES}, {}, [])
    assert found.messages > 100
    assert found.calls > 100


def test_a_renamed_parameter_is_found(sound: list[str], planted: Path) -> None:
    replace(planted, "task.py", "upload_mode: int | None = 0", "uploading_mode: int | None = 0")
    replace(planted, "task.py", "IOStrategy.UploadMode, upload_mode)", "IOStrategy.UploadMode, uploading_mode)")
    found = differential.compare(sound, observe(planted, *CLASSES))
    assert any("task.IOStrategy" in fault and "TypeError" in fault for fault in found.faults)


def test_a_dropped_field_is_found(sound: list[str], planted: Path) -> None:
    replace(planted, "task.py", "    2 upload_mode enum:IOStrategy.UploadMode\n", "")
    found = differential.compare(sound, observe(planted, *CLASSES))
    assert "call:core.IOStrategy.upload_mode" in found.differences


def test_a_changed_default_is_found(sound: list[str], planted: Path) -> None:
    replace(planted, "task.py", "download_mode: int | None = 0", "download_mode: int | None = 1")
    found = differential.compare(sound, observe(planted, *CLASSES))
    assert "call:core.IOStrategy.download_mode" in found.differences


def test_a_property_that_reads_something_else_is_found(sound: list[str], planted: Path) -> None:
    replace(planted, "security.py", "1 group string\n", "1 group string empty=none\n")
    found = differential.compare(sound, observe(planted, *CLASSES))
    assert "read:security.Secret.group" in found.differences


def test_what_is_not_written_as_it_was_read_is_a_fault(sound: list[str]) -> None:
    lossy = [json.loads(line) for line in sound]
    changed = next(case for case in lossy if case.get("written") and case["case"].startswith("read"))
    changed["written"] = ""
    found = differential.compare(sound, map(json.dumps, lossy))
    assert any("is not written as it was read" in fault for fault in found.faults)


def test_an_error_that_only_flytekit_raises_is_a_difference(sound: list[str]) -> None:
    raising = [json.loads(line) for line in sound]
    case = raising[0]
    raising[0] = {"class": case["class"], "case": case["case"], "message": case["message"], **ERROR}
    assert "raises:a.Class" in differential.compare(map(json.dumps, raising), sound).differences
    assert differential.compare(sound, map(json.dumps, raising)).faults


ERROR = {"error": "ValueError", "in": "a.Class", "text": "no"}


def test_messages_are_compared_field_by_field() -> None:
    from flyteidl.admin import execution_pb2, workflow_pb2
    from flyteidl.core import literals_pb2
    from flyteidl.core import workflow_pb2 as core

    def differences(theirs: object, ours: object) -> list[str]:
        return list(differential.message_differences(theirs, ours))

    node = core.Node
    assert differences(node(id="a"), node(id="a")) == []
    assert differences(node(id="a"), node(id="b")) == ["core.Node.id"]
    assert differences(node(metadata=core.NodeMetadata()), node()) == ["written:presence"]
    assert differences(node(metadata=core.NodeMetadata(name="n")), node()) == ["core.Node.metadata"]
    lost = node(metadata=core.NodeMetadata(name="n", config={"a": "b"}))
    assert differences(node(metadata=core.NodeMetadata(name="n")), lost) == ["written:no-member"]
    assert differences(node(upstream_node_ids=["a", "b"]), node(upstream_node_ids=["b", "a"])) == [
        "core.Node.upstream_node_ids"
    ]
    maps = [literals_pb2.LiteralMap(literals={key: literals_pb2.Literal(hash="h")}) for key in "ab"]
    assert differences(maps[0], maps[1]) == ["core.LiteralMap.literals"]
    other = literals_pb2.LiteralMap(literals={"a": literals_pb2.Literal(hash="i")})
    assert differences(maps[0], other) == ["core.Literal.hash"]
    times = [execution_pb2.ExecutionClosure() for _ in range(2)]
    times[0].created_at.seconds = 5
    times[1].created_at.seconds = 6
    assert differences(*times) == ["admin.ExecutionClosure.created_at"]
    ordered = [core.WorkflowTemplate(id={"name": name}) for name in "ab"]
    specs = [workflow_pb2.WorkflowSpec(sub_workflows=ordered), workflow_pb2.WorkflowSpec(sub_workflows=ordered[::-1])]
    assert differences(*specs) == ["admin.WorkflowSpec.sub_workflows"]


def test_only_what_is_listed_is_excused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n- `written:a.b`: a reason.\n- `read:c.d`: another.\n- `bug:1`: not of this kind.\n")
    assert listed.listed(("written", "read"), page) == {"written:a.b": "a reason.", "read:c.d": "another."}
    found = {"written:a.b": "example", "call:e.f": "its example"}
    assert listed.unlisted(found, ("written", "read", "call"), page) == [
        "call:e.f is not listed: its example",
        "read:c.d is listed in page.md, but there is no such difference",
    ]


def test_the_page_lists_differences_of_every_kind() -> None:
    for kind in (*listed.OF_CLASSES, *listed.OF_REQUESTS):
        assert listed.listed((kind,)), kind


def test_problems_make_the_exit_code_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.show([(Outcome("good", "2 things"), 1.0)]) == 0
    assert run.show([(Outcome("good", "2 things"), 1.0), (Outcome("bad", "1 thing", ["it differs"]), 2.0)]) == 1
    printed = capsys.readouterr().out
    assert "bad: it differs" in printed
    assert "2 things" in printed


def test_an_interpreter_is_found_by_its_version() -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert interpreter(version) == sys.executable
    assert interpreter("3.1") is None
