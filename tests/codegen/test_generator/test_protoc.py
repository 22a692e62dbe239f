"""protoc, and what it is made to say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flytekit_codegen.pipeline.step1_read.idl import compile_protos
from flytekit_codegen.pipeline.step1_read.protoc import ProtocRefuses, run_protoc
from flytekit_codegen.pipeline.step1_read.sources import Sources
from flytekit_codegen.problems import GenerationError


def test_only_complaints_are_given(tmp_path: Path) -> None:
    (tmp_path / "unused.proto").write_text('syntax = "proto3";\nimport "google/protobuf/any.proto";\n')
    (tmp_path / "bad.proto").write_text('syntax = "proto3";\nmessage A {\n  Gone gone = 1;\n  Lost lost = 2;\n}\n')
    assert [file.name for file in run_protoc([tmp_path], ["unused.proto"]).file] == ["unused.proto"]
    with pytest.raises(ProtocRefuses) as caught:
        run_protoc([tmp_path], ["unused.proto", "bad.proto"])
    first, second = caught.value.complaints
    assert 'bad.proto:3:3: "Gone" is not defined' in first and 'bad.proto:4:3: "Lost" is not defined' in second


@pytest.mark.parametrize(
    ("stderr", "complaint"),
    [
        ("", "protoc exited with status 1 without a message"),
        ("WARNING: All log messages go here\n\nout of memory\n", "out of memory"),
    ],
)
def test_what_names_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stderr: str, complaint: str) -> None:
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], returncode=1, stdout="", stderr=stderr)
    )
    with pytest.raises(GenerationError) as caught:
        compile_protos(Sources(tmp_path), ["a.proto"])
    (problem,) = caught.value.problems
    assert (problem.where.file, problem.what) == (tmp_path, complaint)
