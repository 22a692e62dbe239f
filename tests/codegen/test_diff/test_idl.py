"""What buf does not report: additions, deprecations, reservations, moves, new numbers."""

from __future__ import annotations

import pytest

from flytekit_codegen.diff import DiffError

CASES = {
    "field": ("message M {}", "message M { map<string, int32> f = 3; }", {"FIELD_ADDED tiny.M.f"}),
    "arm": (
        "message M { oneof o { string a = 1; } }",
        "message M { oneof o { string a = 1; string b = 2; } }",
        {"FIELD_ADDED tiny.M.b"},
    ),
    "oneof": (
        "message M { string a = 1; }",
        "message M { string a = 1; oneof o { string b = 2; } }",
        {"ONEOF_ADDED tiny.M.o", "FIELD_ADDED tiny.M.b"},
    ),
    "message, its fields going without saying, its own types not": (
        "message M {}",
        "message M {} message N { string f = 1; oneof o { N n = 2; } enum E { ZERO = 0; } message I { E e = 1; } }",
        {"MESSAGE_ADDED tiny.N", "ENUM_ADDED tiny.N.E", "MESSAGE_ADDED tiny.N.I"},
    ),
    "enum": ("message M {}", "message M {} enum E { ZERO = 0; }", {"ENUM_ADDED tiny.E"}),
    "enum value": ("enum E { ZERO = 0; }", "enum E { ZERO = 0; ONE = 1; }", {"ENUM_VALUE_ADDED tiny.E.ONE"}),
    "second name of a value": (
        "enum E { option allow_alias = true; ZERO = 0; NONE = 0; }",
        "enum E { option allow_alias = true; ZERO = 0; NONE = 0; NIL = 0; }",
        {"ENUM_VALUE_ADDED tiny.E.NIL"},
    ),
    "service": (
        "message M {}",
        "message M {} service S { rpc R(M) returns (M); }",
        {"SERVICE_ADDED tiny.S"},
    ),
    "rpc": (
        "message M {} service S { rpc R(M) returns (M); }",
        "message M {} service S { rpc R(M) returns (M); rpc T(M) returns (M); }",
        {"RPC_ADDED tiny.S.T"},
    ),
    "deprecated": (
        "message M { string f = 1; } enum E { ZERO = 0; }",
        "message M { option deprecated = true; string f = 1 [deprecated = true]; } "
        "enum E { ZERO = 0 [deprecated = true]; }",
        {"MESSAGE_DEPRECATED tiny.M", "FIELD_DEPRECATED tiny.M.f", "ENUM_VALUE_DEPRECATED tiny.E.ZERO"},
    ),
    "deprecated file": (
        "message M {}",
        "option deprecated = true; message M {}",
        {"FILE_DEPRECATED tiny/a.proto"},
    ),
    "no longer deprecated": (
        "message M { string f = 1 [deprecated = true]; }",
        "message M { string f = 1; }",
        {"FIELD_NOT_DEPRECATED tiny.M.f"},
    ),
    "reserved": (
        "message M { reserved 4; } enum E { ZERO = 0; }",
        'message M { reserved 4, 7 to 9; reserved "old"; } enum E { reserved 3; ZERO = 0; }',
        {"RESERVED_ADDED tiny.M", "RESERVED_ADDED tiny.E"},
    ),
    "renamed, which is nothing new": (
        "message M { string f = 1; } enum E { ZERO = 0; ONE = 1; }",
        "message M { string g = 1; } enum E { ZERO = 0; UNO = 1; }",
        {"!FIELD_SAME_NAME tiny.M.g", "!FIELD_SAME_JSON_NAME tiny.M.g", "!ENUM_VALUE_SAME_NAME tiny.E.UNO"},
    ),
    "renumbered": (
        "message M { bool f = 1; } enum E { ZERO = 0; ONE = 1; }",
        "message M { string f = 2; reserved 1; } enum E { ZERO = 0; ONE = 2; }",
        {"!FIELD_NO_DELETE tiny.M.f", "RESERVED_ADDED tiny.M", "!ENUM_VALUE_NO_DELETE tiny.E.ONE"},
    ),
    "another kind of thing by the same name": (
        "message M {} enum T { ZERO = 0; }",
        "message M {} message T {}",
        {"MESSAGE_ADDED tiny.T", "!ENUM_NO_DELETE tiny.T"},
    ),
    "another order": ("message M {} message N {}", "message N {} message M {}", {"FILE_REARRANGED tiny/a.proto"}),
    "nothing": ("message M { string f = 1; }", "message M {\n  string f = 1; // Documented.\n}", set()),
}


@pytest.fixture(scope="module")
def found(schemas_of_module):
    return schemas_of_module.compare_all(CASES)


@pytest.mark.parametrize("case", CASES)
def test_changes(schemas, found, case):
    changes = tuple(change for change in found[case] if change.layer == "wire")
    assert schemas.lines(changes) == CASES[case][2]


def test_a_line_says_what_is_new(schemas):
    found = schemas.compare(
        "message M { bool f = 1; }",
        "message M {\n reserved 1 ;\n repeated M ms = 3;\n string f = 2; oneof o { string s = 4; } }\n"
        "message N { M m = 1; M n = 2; }",
    )
    texts = {change.element: (change.text, change.file, change.line) for change in found.layer("wire")}
    assert texts["tiny.M.ms"] == ("field added: repeated tiny.M = 3", "tiny/a.proto", 5)
    assert texts["tiny.M.s"] == ("field added: string = 4 in oneof o", "tiny/a.proto", 6)
    assert texts["tiny.N"] == ("message added (m, n)", "tiny/a.proto", 7)
    assert texts["tiny.M"] == ("reserves 1", "tiny/a.proto", 3)
    assert texts["tiny.M.f"][0].endswith("; bool = 1 became string = 2")


def test_files_and_what_moves_between_them(schemas):
    head = 'syntax = "proto3"; package tiny; '
    found = schemas.compare(
        {"tiny/a.proto": head + "message M { message Inner {} } message N {}"},
        {"tiny/a.proto": head + "message N {}", "tiny/b.proto": head + "message M { message Inner {} }"},
    )
    assert schemas.lines(found.layer("wire")) == {
        "FILE_ADDED tiny/b.proto",
        "MESSAGE_MOVED tiny.M",
        "!MESSAGE_NO_DELETE tiny.M",
        "!MESSAGE_NO_DELETE tiny.M.Inner",
    }
    (moved,) = [change for change in found.changes if change.rule == "MESSAGE_MOVED"]
    assert (moved.text, moved.file) == ("moved from tiny/a.proto to tiny/b.proto", "tiny/b.proto")


def test_breaking_changes_come_first(schemas):
    found = schemas.compare("message M { string f = 1; }", "message M { string g = 2; string h = 3; }")
    breaking = [change.breaking for change in found.layer("wire")]
    assert breaking == sorted(breaking, reverse=True) and len(breaking) == 3
    layers = [change.layer for change in found.changes]
    assert layers == sorted(layers, reverse=True)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ({"other/b.proto": 'syntax = "proto3"; package other; message O {}'}, "have no file and no element in common"),
        ({"tiny/a.proto": 'syntax = "proto3";\nmessage {'}, r"^new does not compile: tiny/a\.proto:2: .*[^.]\.$"),
        ({"tiny/a.proto": 'syntax = "proto3"; import "far/b.proto";'}, r"^new does not compile: .*far/b\.proto"),
        ({"tiny/a.txt": ""}, r"^new has no \.proto files\.$"),
    ],
    ids=["different IDLs", "syntax", "import", "none"],
)
def test_what_cannot_be_compared_is_an_error(schemas, new, expected):
    with pytest.raises(DiffError, match=expected) as caught:
        schemas.compare("message M {}", new)
    assert "\n" not in str(caught.value)
