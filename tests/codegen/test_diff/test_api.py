"""What Python callers notice, by griffe, and by what griffe cannot see."""

from __future__ import annotations

import builtins

import pytest

from flytekit_codegen.diff import DiffError
from flytekit_codegen.problems import GenerationError

P = "tiny_models.a"

CASES = {
    "member": (
        "message M {}",
        "message M { string f = 1; }",
        {f"API_MEMBER_ADDED {P}.M.f"},
    ),
    "member gone": ("message M { string f = 1; }", "message M { reserved 1; }", {f"!API_MEMBER_REMOVED {P}.M.f"}),
    "classes": (
        "message M {} message O {}",
        "message M {} message N { message I {} enum E { ZERO = 0; } }",
        {f"API_CLASS_ADDED {P}.N", f"API_CLASS_ADDED {P}.N.I", f"API_CLASS_ADDED {P}.N.E", f"!API_CLASS_REMOVED {P}.O"},
    ),
    "enum values": (
        "enum E { ZERO = 0; ONE = 1; TWO = 2; } message M {}",
        "enum E { ZERO = 0; ONE = 3; THREE = 4; } message M {}",
        {f"!API_ENUM_NUMBER_CHANGED {P}.E.ONE", f"API_MEMBER_ADDED {P}.E.THREE", f"!API_MEMBER_REMOVED {P}.E.TWO"},
    ),
    "type": (
        "message M { int32 f = 1; }",
        "message M { string f = 1; }",
        {f"!API_MEMBER_CHANGED_TYPE {P}.M.f"},
    ),
    "value, then None": (
        'import "google/protobuf/wrappers.proto"; message M { bool f = 1; }',
        'import "google/protobuf/wrappers.proto"; message M { google.protobuf.BoolValue f = 2; }',
        {f"!API_MEMBER_CHANGED_TYPE {P}.M.f"},
    ),
    "into a oneof": (
        "message M { string f = 1; oneof o { string a = 2; } }",
        "message M { oneof o { string a = 2; string f = 1; } }",
        {f"!API_MEMBER_CHANGED_TYPE {P}.M.f"},
    ),
    "out of a oneof": (
        "message M { oneof o { string a = 2; string f = 1; } }",
        "message M { string f = 1; oneof o { string a = 2; } }",
        {f"!API_MEMBER_CHANGED_TYPE {P}.M.f"},
    ),
    "a message into a oneof, which its type does not show": (
        "message M { M f = 1; oneof o { M a = 2; } }",
        "message M { oneof o { M a = 2; M f = 1; } }",
        {f"!API_ENTERS_ONEOF {P}.M.f"},
    ),
    "a message from one oneof to another": (
        "message M { oneof o { M a = 2; M f = 1; } oneof p { M b = 3; } }",
        "message M { oneof o { M a = 2; } oneof p { M b = 3; M f = 1; } }",
        {f"!API_LEAVES_ONEOF {P}.M.f"},
    ),
    "a new arm": (
        "message M { oneof o { string a = 1; } }",
        "message M { oneof o { string a = 1; M m = 2; } }",
        {f"API_MEMBER_ADDED {P}.M.m"},
    ),
    "comments and order": (
        "message M { string f = 1; } message N {}",
        "message N {} // N.\n message M { string f = 1; }",
        set(),
    ),
}


@pytest.fixture(scope="module")
def found(schemas_of_module):
    return schemas_of_module.compare_all(CASES)


@pytest.mark.parametrize("case", CASES)
def test_changes(schemas, found, case):
    changes = tuple(change for change in found[case] if change.layer == "api")
    assert schemas.lines(changes) == CASES[case][2]


def _only(changes):
    (change,) = [change for change in changes if change.layer == "api"]
    return change


def test_a_member_is_one_line_with_all_that_is_to_be_said(found):
    added = _only(found["a new arm"])
    assert added.rules == ("API_MEMBER_ADDED", "API_PARAMETER_ADDED", "API_ONEOF_ARM_ADDED")
    assert _only(found["member gone"]).rules == ("API_MEMBER_REMOVED", "API_PARAMETER_REMOVED")
    change = _only(found["into a oneof"])
    assert {"API_ENTERS_ONEOF", "API_VALUE_OR_NONE", "API_PARAMETER_CHANGED_DEFAULT"} < set(change.rules)
    assert "it was str and is now str | None" in change.text and "now an arm of the oneof o" in change.text
    assert "API_VALUE_OR_NONE" in _only(found["value, then None"]).rules


def test_new_modules(schemas):
    head = 'syntax = "proto3"; package tiny; '
    found = schemas.compare(
        {"tiny/a.proto": head + "message M {}"},
        {"tiny/a.proto": head + "message M {}", "tiny/sub/b.proto": head + "message N {}"},
    )
    assert schemas.lines(found.layer("api")) == {
        "API_MODULE_ADDED tiny_models.sub",
        "API_MODULE_ADDED tiny_models.sub.b",
        "API_CLASS_ADDED tiny_models.sub.b.N",
    }
    gone = schemas.compare({"tiny/a.proto": head + "message M {}"}, {"tiny/b.proto": head + "message M {}"})
    assert "!API_MODULE_REMOVED tiny_models.a" in schemas.lines(gone.layer("api"))


@pytest.fixture
def contract(tmp_path):
    """A contract that fixes a constructor and keeps types as they were."""
    folder = tmp_path / "contract"
    folder.mkdir()
    one = "  M:\n    constructor: (a, b, f=False)\n    members:\n      f: {absent: default}\n"
    (folder / "a.yaml").write_text(f"files: [tiny/a.proto]\nclasses:\n{one}")
    return folder


def test_presence_that_the_contract_hides(schemas, contract):
    imports = 'import "google/protobuf/wrappers.proto"; '
    found = schemas.compare(
        imports + "message M { string a = 1; string b = 2; bool f = 3; }",
        imports + "message M { string a = 1; string b = 2; google.protobuf.BoolValue f = 4; }",
        contract=contract,
    )
    change = _only(found.changes)
    assert (change.element, change.rules) == (f"{P}.M.f", ("API_VALUE_OR_NONE",))
    assert change.text == "None and a zero value were the same and are now distinct" and change.breaking
    back = schemas.compare(
        {"tiny/a.proto": (schemas.root / "new/tiny/a.proto").read_text()},
        {"tiny/a.proto": (schemas.root / "old/tiny/a.proto").read_text()},
        contract=contract,
    )
    assert _only(back.changes).text == "None and a zero value were distinct and are now the same"


def test_positions_that_move_because_a_member_of_the_contract_is_gone(schemas, contract):
    found = schemas.compare(
        "message M { string a = 1; string b = 2; bool f = 3; }",
        "message M { string b = 2; bool f = 3; reserved 1; }",
        contract=contract,
    )
    assert schemas.lines(found.layer("api")) == {
        f"!API_MEMBER_REMOVED {P}.M.a",
        f"!API_PARAMETER_MOVED {P}.M.b",
        f"!API_PARAMETER_MOVED {P}.M.f",
    }


def test_a_contract_that_cannot_be_read_is_an_error(schemas, contract):
    (contract / "a.yaml").write_text("classes: [\n")
    with pytest.raises(GenerationError, match=r"a\.yaml:2: this is not valid YAML"):
        schemas.compare("message M {}", "message M { string f = 1; }", contract=contract)


def test_without_griffe_the_comparison_is_an_error(schemas, monkeypatch):
    importing = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "griffe":
            raise ImportError(name)
        return importing(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(DiffError, match="griffe is not installed"):
        schemas.compare("message M {}", "message M { string f = 1; }")
