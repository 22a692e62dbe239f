"""Our documentation comments: kept on every element that still exists, and never lost without a word."""

from __future__ import annotations

import pytest

from flytekit_codegen.sync import SyncError, sync
from flytekit_codegen.sync.proto_source import proto_source

HEAD = 'syntax = "proto3";\npackage tinyidl;\n'
FIRST = HEAD + """
enum Color { RED = 0; BLUE = 1; }
message Box { string name = 1; oneof size { int32 small = 2; Box large = 3; } message Lid { bool on = 1; } Lid lid = 4;
  optional string tag = 5; map<string, Lid> lids = 6; }
message Old { string gone = 1; }
service Shop { rpc Buy(Box) returns (Box); rpc Sell(Box) returns (Box); }
"""
SECOND = HEAD + """
message Fresh { string brand = 1; }
service Shop { rpc Sell(Box) returns (stream Box); }
message Box { map<string, Lid> lids = 6; string name = 1 [deprecated = true]; string extra = 9;
  oneof size { int32 small = 2; Box large = 3; } message Lid { bool on = 1; }  Lid lid = 4; optional string tag = 5; }
enum Color { RED = 0; BLUE = 1; GREEN = 2; }
"""
COMMENTED = {
    'syntax = "proto3";': "The file itself.",
    "package tinyidl;": "The package.",
    "enum Color {": "An enum.",
    "BLUE = 1;": "A value.",
    "message Box {": "A message.\n\nIts second paragraph:\n\n  - indented\n  - list",
    "string name = 1;": "A field's name,\non two lines.",
    "oneof size {": "A oneof.",
    "int32 small = 2;": "An arm.",
    "message Lid {": "A nested message.",
    "bool on = 1;": "Umlaute: äöü, and a quote: \"'`.",
    "optional string tag = 5;": "An optional field.",
    "map<string, Lid> lids = 6;": "A map.",
    "service Shop {": "A service.",
    "rpc Sell(Box) returns (Box);": "An rpc.",
}
LOST = {"message Old {": "Goes away.", "string gone = 1;": "Goes with it.", "rpc Buy(Box) returns (Box);": "No more."}


def _documented(lab, comments):
    lab.cached("tinyidl", "1.0", {"tinyidl/a.proto": FIRST})
    lab.cached("tinyidl", "2.0", {"tinyidl/a.proto": SECOND})
    sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    for line, comment in comments.items():
        (indent,) = (text[: -len(text.lstrip())] for text in lab.text("tinyidl/a.proto").splitlines() if line in text)
        lab.edit("tinyidl/a.proto", line, _block(comment, indent).lstrip() + indent + line)


def _block(comment, indent):
    return "".join(f"{indent}// {line}".rstrip() + "\n" for line in comment.splitlines())


def _above(text, line):
    """The comment lines directly above a line, without their markers."""
    lines = [part.strip() for part in text.splitlines()]
    found, place = [], lines.index(line)
    while lines[place - 1].startswith("//"):
        place -= 1
        found.insert(0, lines[place].removeprefix("//").removeprefix(" "))
    return "\n".join(found)


def test_a_comment_on_each_kind_of_element_survives_a_sync_of_the_same_version(lab):
    _documented(lab, {**COMMENTED, **LOST})
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    text = lab.text("tinyidl/a.proto")
    for line, comment in {**COMMENTED, **LOST}.items():
        assert _above(text, line) == comment
    assert report.new_elements == () and report.dropped_comments == ()
    before = lab.snapshot()
    assert not sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache).changed
    assert lab.snapshot() == before


def test_it_survives_a_sync_to_another_version_and_back_on_what_still_exists(lab):
    _documented(lab, {**COMMENTED, **LOST})
    report = sync("2.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    text = lab.text("tinyidl/a.proto")
    in_second = {
        "string name = 1;": "string name = 1 [deprecated = true];",
        "rpc Sell(Box) returns (Box);": "rpc Sell(Box) returns (stream Box);",
    }
    for line, comment in COMMENTED.items():
        assert _above(text, in_second.get(line, line)) == comment
    assert report.dropped_comments == (
        "tinyidl.Old: Goes away.",
        "tinyidl.Old.gone: Goes with it.",
        "tinyidl.Shop.Buy: No more.",
    )
    new = ("tinyidl.Color.GREEN", "tinyidl.Fresh", "tinyidl.Fresh.brand", "tinyidl.Box.extra")
    assert report.new_elements == report.undocumented == new
    assert report.removed_elements == ("tinyidl.Old", "tinyidl.Old.gone", "tinyidl.Shop.Buy")

    sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    text = lab.text("tinyidl/a.proto")
    for line, comment in COMMENTED.items():
        assert _above(text, line) == comment


def test_comments_in_other_places_are_kept_or_named(lab):
    _documented(lab, {})
    lab.edit("tinyidl/a.proto", "BLUE = 1;", "BLUE = 1;  // After it.")
    lab.edit("tinyidl/a.proto", "  RED = 0;", "  /* A block\n   * of two lines. */\n  RED = 0;")
    lab.edit("tinyidl/a.proto", "message Old {", "// Apart.\n\nmessage Old {")
    lab.edit("tinyidl/a.proto", "package tinyidl;", "//\n// Framed.\n//\npackage tinyidl;  // And after it.")
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    text = lab.text("tinyidl/a.proto")
    assert _above(text, "BLUE = 1;") == "After it."
    assert _above(text, "RED = 0;") == "A block\nof two lines."
    assert _above(text, "package tinyidl;") == "Framed.\n\nAnd after it."
    (dropped,) = report.dropped_comments
    assert dropped.startswith("tinyidl/a.proto:") and dropped.endswith(": Apart.")


def test_the_header_is_not_taken_for_documentation(lab):
    _documented(lab, {})
    before = lab.text("tinyidl/a.proto")
    lab.edit("tinyidl/a.proto", '\n\nsyntax = "proto3";', '\nsyntax = "proto3";')
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert lab.text("tinyidl/a.proto") == before
    assert report.written == ("tinyidl/a.proto",) and report.dropped_comments == ()


def test_documenting_an_element_changes_no_digest_but_editing_the_schema_is_undone(lab):
    _documented(lab, {})
    lock = lab.text("idl.lock")
    lab.edit("tinyidl/a.proto", "message Old {", "// Documented.\nmessage Old {")
    sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert lab.text("idl.lock") == lock
    lab.edit("tinyidl/a.proto", "string gone = 1;", "string gone = 2;")
    report = sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert report.written == ("tinyidl/a.proto",)
    assert "string gone = 1;" in lab.text("tinyidl/a.proto")


def test_a_sync_that_would_lose_a_comment_is_refused(lab, monkeypatch):
    _documented(lab, {"message Old {": "Kept."})
    before = lab.snapshot()
    monkeypatch.setattr("flytekit_codegen.sync.step.proto_source", lambda file, names, _: proto_source(file, names, {}))
    with pytest.raises(SyncError, match="comments in idl/ would not survive"):
        sync("1.0", lab.idl, distribution="tinyidl", cache=lab.cache)
    assert lab.snapshot() == before
