"""One comparison in each of its forms."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
from rich.console import Console

from flytekit_codegen.diff import Change, Comparison, Need
from flytekit_codegen.diff.changes import placed_in
from flytekit_codegen.diff.output import FORMATS, github, sarif, terminal
from flytekit_codegen.diff.output.report import SCHEMA

COMPARISON = Comparison(
    old="flyteidl 1.0",
    new="idl",
    changes=(
        Change(
            "wire",
            "removed",
            "p.M.f",
            ("FIELD_NO_DELETE", "FIELD_NO_DELETE_UNLESS_NAME_RESERVED"),
            ("FILE", "WIRE_JSON"),
            'field "1" was deleted',
            "p/a, b.proto",
            7,
        ),
        Change("wire", "reserved", "p.M", ("RESERVED_ADDED",), (), "reserves 1", "p/a, b.proto", 5),
        Change("wire", "removed", "gone.proto", ("FILE_NO_DELETE",), ("FILE",), "file deleted"),
        Change(
            "api", "changed", "x.M.g", ("API_MEMBER_CHANGED_TYPE",), ("API",), "it was a | b, and is list[<x>] 100%\n*"
        ),
        Change("api", "deprecated", "x.M.d", ("FIELD_DEPRECATED",), (), "field deprecated"),
        Change("api", "added", "x.N", ("API_CLASS_ADDED",), (), "class added"),
    ),
    distribution="flyteidl",
    needs=(Need("p.M.h", "1.2", exact=True), Need("p.M.i", "1.3", exact=False)),
    changelog="### Added\n\n- `x.N`: class added.\n",
)
NOTHING = Comparison("one", "other", (), "flyteidl", (), "The schema is that of other.\n")
ROOT = Path("some idl")


def _render(form: str, comparison: Comparison = COMPARISON) -> str:
    return FORMATS[form](comparison, ROOT)


def test_text_is_grouped_and_plain_where_there_is_no_terminal():
    text = _render("text")
    assert "\x1b" not in text
    lines = text.splitlines()
    assert lines[0] == (
        "flyteidl 1.0 → idl: 3 changes of the IDL, 2 breaking; 3 changes of the Python API, 1 breaking."
    )
    headings = [line for line in lines[1:] if line and not line.startswith((" ", "#", "-", "*"))]
    assert headings == [
        "Wire format and IDL, breaking",
        "Wire format and IDL, compatible",
        "Python API, breaking",
        "Python API, compatible",
        "What users need",
        "For the changelog",
    ]
    assert (
        '  - p.M.f: field "1" was deleted '
        "[FIELD_NO_DELETE, FIELD_NO_DELETE_UNLESS_NAME_RESERVED breaks FILE, WIRE_JSON]"
    ) in lines
    assert "  # p.M: reserves 1 [RESERVED_ADDED]" in lines
    assert "  p.M.h: flyteidl 1.2 or newer" in lines
    assert "  p.M.i: flyteidl 1.3 or newer (an older one may work)" in lines


def test_text_has_colours_on_a_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = terminal.render(COMPARISON, ROOT, Console(file=StringIO(), force_terminal=True))
    assert "\x1b[31m  - \x1b[0m" in coloured and "\x1b[32m  + \x1b[0m" in coloured


def test_markdown_takes_markup_back():
    text = _render("markdown")
    assert "### Wire format and IDL: breaking" in text and "### Python API: compatible" in text
    assert "| `x.M.g` | it was a \\| b, and is list[&lt;x&gt;] 100% \\* | API_MEMBER_CHANGED_TYPE |" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") in (3, 4) for line in rows)
    assert "| `p.M.i` | flyteidl 1.3 or newer (an older one may work) |" in text
    assert "````markdown\n### Added\n\n- `x.N`: class added.\n````" in text


@pytest.mark.parametrize("comparison", [COMPARISON, NOTHING], ids=["changes", "nothing"])
def test_json_is_what_its_schema_says(comparison):
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    content = json.loads(_render("json", comparison))
    jsonschema.validate(content, schema, cls=jsonschema.Draft202012Validator)
    assert content["breaking"] == {
        "wire": len(comparison.breaking("wire")),
        "api": len(comparison.breaking("api")),
    }
    assert [change["element"] for change in content["changes"]] == [change.element for change in comparison.changes]


def test_annotations():
    lines = _render("github").splitlines()
    assert lines[0] == (
        '::error title=FIELD_NO_DELETE,file=some idl/p/a%2C b.proto,line=7::p.M.f: field "1" was deleted'
    )
    assert lines[1] == "::notice title=RESERVED_ADDED,file=some idl/p/a%2C b.proto,line=5::p.M: reserves 1"
    assert lines[2] == "::error title=FILE_NO_DELETE::gone.proto: file deleted"
    assert lines[3].endswith("list[<x>] 100%25%0A*")
    assert len(lines) == len(COMPARISON.changes)


def test_only_what_exists_is_led_to(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a, b.proto").touch()
    here = placed_in(COMPARISON, tmp_path, is_new=True)
    assert [(change.file, change.line) for change in here.changes[:3]] == [
        ("p/a, b.proto", 7),
        ("p/a, b.proto", 5),
        (None, None),
    ]
    of_a_release = placed_in(COMPARISON, tmp_path, is_new=False)
    assert [(change.file, change.line) for change in of_a_release.changes[:2]] == [("p/a, b.proto", None)] * 2
    assert ",line=" not in github.render(of_a_release, tmp_path)
    (run,) = json.loads(sarif.render(of_a_release, tmp_path))["runs"]
    assert "region" not in run["results"][0]["locations"][0]["physicalLocation"]
    assert "physicalLocation" not in run["results"][2]["locations"][0]


def test_sarif():
    (run,) = json.loads(_render("sarif"))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(set(rules))
    for result, change in zip(run["results"], COMPARISON.changes, strict=True):
        assert result["ruleId"] == rules[result["ruleIndex"]] == change.rule
        assert result["level"] == ("error" if change.breaking else "note")
        (location,) = result["locations"]
        assert location["logicalLocations"] == [{"fullyQualifiedName": change.element}]
        assert ("physicalLocation" in location) == (change.file is not None)
    physical = run["results"][0]["locations"][0]["physicalLocation"]
    assert physical == {"artifactLocation": {"uri": "some%20idl/p/a%2C%20b.proto"}, "region": {"startLine": 7}}


def test_nothing_changed():
    assert _render("text", NOTHING) == "one and other do not differ.\n"
    assert _render("markdown", NOTHING) == "## IDL changes\n\none and other do not differ.\n"
    assert _render("github", NOTHING) == ""
    assert json.loads(_render("sarif", NOTHING))["runs"][0]["results"] == []
