"""Breaking findings are buf's own: planted changes, one for each rule of its category FILE that proto3 can break."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from flytekit_codegen.diff import Change, DiffError, buf
from flytekit_codegen.diff.changes import CATEGORIES, merged
from flytekit_codegen.diff.tree import compiled
from flytekit_codegen.pipeline.step1_read.sources import Sources

BUF = Path(sys.executable).with_name("buf")


@dataclass(frozen=True)
class Plant:
    """A file before and after, the element that it is about, and the name of the file's package."""

    old: str
    new: str | None
    element: str


def _option(name: str, old: str, new: str) -> Plant:
    return Plant(f"option {name} = {old};", f"option {name} = {new};", "{file}")


def _fields(old: str, new: str, element: str = "{package}.M.f") -> Plant:
    return Plant(f"message M {{ {old} }}", f"message M {{ {new} }}", element)


def _rpc(old: str, new: str) -> Plant:
    around = "message M {{}} message N {{}} service S {{ {} }}"
    return Plant(around.format(old), around.format(new), "{package}.S.R")


PLANTS: Mapping[str, Plant] = {
    "ENUM_NO_DELETE": Plant("enum E { ZERO = 0; } message M {}", "message M {}", "{package}.E"),
    "ENUM_VALUE_NO_DELETE": Plant("enum E { ZERO = 0; ONE = 1; }", "enum E { ZERO = 0; }", "{package}.E.ONE"),
    "ENUM_VALUE_SAME_NAME": Plant("enum E { ZERO = 0; ONE = 1; }", "enum E { ZERO = 0; UNO = 1; }", "{package}.E.UNO"),
    "EXTENSION_NO_DELETE": Plant(
        'import "google/protobuf/descriptor.proto"; extend google.protobuf.FieldOptions { string gone = 50001; }',
        'import "google/protobuf/descriptor.proto"; message M {}',
        "{package}.gone",
    ),
    "FIELD_NO_DELETE": _fields("string f = 1; string g = 2;", "string g = 2;"),
    "FIELD_SAME_CARDINALITY": _fields("string f = 1;", "repeated string f = 1;"),
    "FIELD_SAME_CPP_STRING_TYPE": _fields("string f = 1 [ctype = CORD];", "string f = 1;"),
    "FIELD_SAME_JSON_NAME": _fields('string f = 1 [json_name = "other"];', "string f = 1;"),
    "FIELD_SAME_JSTYPE": _fields("int64 f = 1 [jstype = JS_STRING];", "int64 f = 1 [jstype = JS_NUMBER];"),
    "FIELD_SAME_NAME": _fields("string f = 1;", "string g = 1;", "{package}.M.g"),
    "FIELD_SAME_ONEOF": _fields("oneof o { string f = 1; string g = 2; }", "oneof o { string g = 2; } string f = 1;"),
    "FIELD_SAME_TYPE": _fields("int32 f = 1;", "string f = 1;"),
    "FILE_NO_DELETE": Plant("message M {}", None, "{file}"),
    "FILE_SAME_PACKAGE": Plant("message M {}", "message M {}", "{file}"),
    "FILE_SAME_CC_ENABLE_ARENAS": _option("cc_enable_arenas", "false", "true"),
    "FILE_SAME_CC_GENERIC_SERVICES": _option("cc_generic_services", "true", "false"),
    "FILE_SAME_CSHARP_NAMESPACE": _option("csharp_namespace", '"A"', '"B"'),
    "FILE_SAME_GO_PACKAGE": _option("go_package", '"a/b"', '"a/c"'),
    "FILE_SAME_JAVA_GENERIC_SERVICES": _option("java_generic_services", "true", "false"),
    "FILE_SAME_JAVA_MULTIPLE_FILES": _option("java_multiple_files", "true", "false"),
    "FILE_SAME_JAVA_OUTER_CLASSNAME": _option("java_outer_classname", '"A"', '"B"'),
    "FILE_SAME_JAVA_PACKAGE": _option("java_package", '"a"', '"b"'),
    "FILE_SAME_OBJC_CLASS_PREFIX": _option("objc_class_prefix", '"A"', '"B"'),
    "FILE_SAME_OPTIMIZE_FOR": _option("optimize_for", "CODE_SIZE", "SPEED"),
    "FILE_SAME_PHP_CLASS_PREFIX": _option("php_class_prefix", '"A"', '"B"'),
    "FILE_SAME_PHP_METADATA_NAMESPACE": _option("php_metadata_namespace", '"A"', '"B"'),
    "FILE_SAME_PHP_NAMESPACE": _option("php_namespace", '"A"', '"B"'),
    "FILE_SAME_PY_GENERIC_SERVICES": _option("py_generic_services", "true", "false"),
    "FILE_SAME_RUBY_PACKAGE": _option("ruby_package", '"A"', '"B"'),
    "FILE_SAME_SWIFT_PREFIX": _option("swift_prefix", '"A"', '"B"'),
    "MESSAGE_NO_DELETE": Plant(
        "message M {} message N { message Gone {} }", "message M {} message N {}", "{package}.N.Gone"
    ),
    "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": Plant(
        "message M {}", "message M { option no_standard_descriptor_accessor = true; }", "{package}.M"
    ),
    "ONEOF_NO_DELETE": _fields("oneof f { string a = 1; } string b = 2;", "string b = 2;"),
    "RESERVED_ENUM_NO_DELETE": Plant(
        "enum E { reserved 7; ZERO = 0; }", "enum E { reserved 8; ZERO = 0; }", "{package}.E"
    ),
    "RESERVED_MESSAGE_NO_DELETE": _fields('reserved "old"; string f = 1;', "string f = 1;", "{package}.M"),
    "RPC_NO_DELETE": _rpc("rpc R(M) returns (M); rpc T(M) returns (M);", "rpc T(M) returns (M);"),
    "RPC_SAME_CLIENT_STREAMING": _rpc("rpc R(M) returns (M);", "rpc R(stream M) returns (M);"),
    "RPC_SAME_IDEMPOTENCY_LEVEL": _rpc(
        "rpc R(M) returns (M) { option idempotency_level = IDEMPOTENT; }", "rpc R(M) returns (M);"
    ),
    "RPC_SAME_REQUEST_TYPE": _rpc("rpc R(M) returns (M);", "rpc R(N) returns (M);"),
    "RPC_SAME_RESPONSE_TYPE": _rpc("rpc R(M) returns (M);", "rpc R(M) returns (N);"),
    "RPC_SAME_SERVER_STREAMING": _rpc("rpc R(M) returns (M);", "rpc R(M) returns (stream M);"),
    "SERVICE_NO_DELETE": Plant("message M {} service S { rpc R(M) returns (M); }", "message M {}", "{package}.S"),
}

# What only proto2 has (closed enums, extension ranges, defaults, required fields), or only editions (features).
NOT_OF_PROTO3 = {
    "ENUM_SAME_JSON_FORMAT",
    "ENUM_SAME_TYPE",
    "EXTENSION_MESSAGE_NO_DELETE",
    "FIELD_SAME_DEFAULT",
    "FIELD_SAME_JAVA_UTF8_VALIDATION",
    "FIELD_SAME_UTF8_VALIDATION",
    "FILE_SAME_SYNTAX",
    "MESSAGE_SAME_JSON_FORMAT",
    "MESSAGE_SAME_REQUIRED_FIELDS",
}


def _buf(*arguments: str) -> str:
    done = subprocess.run([BUF, *arguments], capture_output=True, text=True)
    assert done.returncode in (0, 100), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """Two folders, with a file for each plant."""
    root = tmp_path_factory.mktemp("planted")
    for rule, plant in PLANTS.items():
        for side, text in (("old", plant.old), ("new", plant.new)):
            if text is not None:
                # FILE_SAME_PACKAGE is about that alone.
                package = f"p.{rule.lower()}{side if rule == 'FILE_SAME_PACKAGE' else ''}"
                path = root / side / f"{rule.lower()}.proto"
                path.parent.mkdir(exist_ok=True)
                path.write_text(f'syntax = "proto3";\npackage {package};\n{text}\n')
    return root


@pytest.fixture(scope="module")
def ours(planted) -> list[Change]:
    return list(
        merged(buf.breaking(compiled("old", Sources(planted / "old")), compiled("new", Sources(planted / "new"))))
    )


@pytest.fixture(scope="module")
def its_own(planted) -> set[tuple[str, str]]:
    """What buf finds in the same two folders, which it compiles itself."""
    config = json.dumps({"version": "v2", "breaking": {"use": list(CATEGORIES)}})
    output = _buf(
        "breaking", str(planted / "new"), "--against", str(planted / "old"), "--config", config, "--error-format=json"
    )
    found = [json.loads(line) for line in output.splitlines()]
    assert found
    return {(one["type"], Path(one["path"]).name if "path" in one else "") for one in found}


def test_there_is_a_plant_for_each_rule_that_proto3_can_break():
    rules = [
        json.loads(line) for line in _buf("config", "ls-breaking-rules", "--version=v2", "--format=json").splitlines()
    ]
    of_files = {rule["id"] for rule in rules if "FILE" in rule["categories"]}
    assert set(PLANTS) == of_files - NOT_OF_PROTO3
    assert of_files > NOT_OF_PROTO3


@pytest.mark.parametrize("rule", PLANTS)
def test_each_rule_is_found_at_its_element(ours, rule):
    file = f"{rule.lower()}.proto"
    element = PLANTS[rule].element.format(file=file, package=f"p.{rule.lower()}")
    (found,) = [change for change in ours if rule in change.rules and rule.lower() in change.element]
    assert found.element == element
    assert found.rule == rule and "FILE" in found.breaks and found.breaking
    assert found.file == (None if rule == "FILE_NO_DELETE" else file)


def test_all_findings_are_bufs_own_and_none_is_lost(ours, its_own):
    rules = {(rule, change.file or "") for change in ours for rule in change.rules}
    assert rules == its_own


def test_what_a_change_breaks_are_the_categories_of_its_rules(ours):
    rules = [
        json.loads(line) for line in _buf("config", "ls-breaking-rules", "--version=v2", "--format=json").splitlines()
    ]
    categories = {rule["id"]: set(rule["categories"]) & set(CATEGORIES) for rule in rules}
    for change in ours:
        assert set(change.breaks) == set().union(*(categories[rule] for rule in change.rules)), change


def test_one_change_is_one_line_with_all_its_rules(ours):
    (change,) = [change for change in ours if change.element == "p.field_no_delete.M.f"]
    assert change.rules == (
        "FIELD_NO_DELETE",
        "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
        "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
    )
    assert change.kind == "removed" and change.breaks == CATEGORIES
    assert change.text.count("Previously") == 1 and 'the name "f"' in change.text and 'the number "1"' in change.text


def test_without_buf_the_comparison_is_an_error(planted, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program, path=None: None)
    old = compiled("old", Sources(planted / "old"))
    with pytest.raises(
        DiffError, match=r"buf is not installed; `pip install 'flytekit-models\[codegen\]'` brings it\."
    ):
        list(buf.breaking(old, old))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo 'no such rule.' >&2; exit 1", r"buf does not list its rules: no such rule\."),
        (
            'case "$1" in config) ;; *) echo "Failure: broken." >&2; exit 1;; esac',
            r"cannot compare old and old: Failure: broken\.",
        ),
    ],
    ids=["rules", "comparison"],
)
def test_a_buf_that_fails_makes_the_comparison_an_error(planted, monkeypatch, tmp_path, script, expected):
    program = tmp_path / "buf"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name, path=None: str(program))
    old = compiled("old", Sources(planted / "old"))
    with pytest.raises(DiffError, match=expected):
        list(buf.breaking(old, old))


def test_a_buf_that_hangs_makes_the_comparison_an_error(planted, monkeypatch, tmp_path):
    program = tmp_path / "buf"
    program.write_text("#!/bin/sh\nexec sleep 30\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name, path=None: str(program))
    monkeypatch.setattr(buf, "_TIMEOUT_SECONDS", 0.2)
    old = compiled("old", Sources(planted / "old"))
    with pytest.raises(DiffError, match="buf did not answer"):
        list(buf.breaking(old, old))
