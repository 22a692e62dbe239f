"""The cell of the matrix: what it asserts fails where it is not so."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flyteidl.core import literals_pb2, security_pb2

from flytekit.models.literals import Binary
from flytekit.models.security import Secret
from flytekit_models.model import describe
from flytekit_models.model.description import Description
from flytekit_models.model.straight import make_writer
from flytekit_models.model.writing import settle_oneof, write_with_care

HERE = Path(__file__).parent


class Lossy(Binary):
    """A model that forgets its tag when it is written."""

    def to_flyte_idl(self) -> literals_pb2.Binary:
        return literals_pb2.Binary(value=self.value)


def changed(**members: Any) -> Description:
    """The description of a Binary, with some of what it says of *members* changed."""
    said = describe(Binary)
    fields = (replace(field, **members.get(field.member, {})) for field in said.fields)
    return replace(said, fields=tuple(fields))


@pytest.fixture(scope="module")
def cell() -> ModuleType:
    sys.path.append(str(HERE.parent / "compat" / "scripts"))
    return load("cell")


def load(name: str) -> ModuleType:
    spec = spec_from_file_location(f"matrix_{name}", HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_model_is_checked(cell: ModuleType) -> None:
    found = cell.models_of(cell.import_models())
    assert len(found) > 430
    assert {Binary, Secret} <= {*found}


def test_messages_of_a_sound_model_come_back(cell: ModuleType) -> None:
    assert cell.check_lossless(Binary, literals_pb2.Binary, 5) == 10
    assert cell.check_lossless(Secret, security_pb2.Secret, 5) > 10


def test_a_model_that_loses_a_field_is_found(cell: ModuleType) -> None:
    with pytest.raises(AssertionError, match="Lossy, untouched"):
        cell.check_lossless(Lossy, literals_pb2.Binary, 5)


def test_a_member_that_is_said_to_be_newer_than_it_is_is_found(
    cell: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cell.check_lacking(Binary, literals_pb2.Binary) == 0
    monkeypatch.setattr(Binary, "_fm_description", changed(tag={"options": {"since": "99.0.0"}}))
    with pytest.raises(AssertionError, match=r"Binary\.tag is there"):
        cell.check_lacking(Binary, literals_pb2.Binary)


def test_a_member_that_is_lacking_without_a_word_is_found(cell: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Binary, "_fm_description", changed(tag={"name": "tag_of_tomorrow"}))
    with pytest.raises(AssertionError, match=r"Binary\.tag: since None"):
        cell.check_lacking(Binary, literals_pb2.Binary)
    options = {"since": "99.0.0"}
    monkeypatch.setattr(Binary, "_fm_description", changed(tag={"name": "tag_of_tomorrow", "options": options}))
    monkeypatch.setattr(Binary, "_fm_write_own", make_writer(Binary, write_with_care, settle_oneof))
    assert cell.check_lacking(Binary, literals_pb2.Binary) == 1


def test_the_thin_diagonal_has_every_python_and_every_protobuf() -> None:
    run = load("run")
    assert {cell.python for cell in run.THIN} == {*run.PYTHONS}
    assert {cell.protobuf for cell in run.THIN} == {*run.PROTOBUFS}
    assert {cell.flyteidl for cell in run.THIN} <= {*run.FLYTEIDLS}
    assert {cell.pure for cell in run.THIN} == {True, False}
    with_core = [cell for cell in run.THIN if cell.core]
    assert {cell.python for cell in with_core} == {*run.PYTHONS}
    assert {cell.protobuf for cell in with_core} == {*run.PROTOBUFS}
    cells = list(run.whole())
    assert len(cells) == len({*cells}) == 320


def test_a_failed_cell_makes_the_exit_code_one(capsys: pytest.CaptureFixture[str]) -> None:
    run = load("run")
    counts = {"modules": 1, "classes": 2, "messages": 3, "lacking": 4, "missing": 5}
    good = run.Outcome(run.THIN[0], counts, "", 1.0)
    assert run.show([good], [], {}) == 0
    assert run.show([good, run.Outcome(run.THIN[1], {}, "it broke", 1.0)], ["3.13"], {"3.12": "no compiler"}) == 1
    printed = capsys.readouterr().out
    assert "it broke" in printed
    assert "Python 3.13 was not found" in printed
    assert "The core cannot be compiled for Python 3.12: no compiler" in printed
    assert "2 cells, 1 failed" in printed
