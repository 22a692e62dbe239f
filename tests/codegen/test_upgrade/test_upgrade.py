"""An upgrade brings the IDL and the models to a release, and tells what changed."""

from __future__ import annotations

import pytest

from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.sync import SyncError, read_lock
from flytekit_codegen.upgrade import newest, upgrade


def test_the_first_upgrade_makes_both(project):
    assert read_lock(project.idl).release.version == "1.0"
    assert "class Gone(" in (project.generated / "tiny/models/_more/a.py").read_text()
    assert project.leftovers() == []


def test_the_newest_of_its_major_version_is_the_default(project):
    result = project.upgrade()
    assert result.exit_code == 0, result.output
    assert read_lock(project.idl).release.version == "1.1"
    assert (project.generated / "tiny/models/sub/b.py").is_file()
    text = (project.generated / "tiny/models/a.py").read_text()
    assert "def __init__(self, x: str | None, *, y: A | None = None)" in text and "Gone" not in text
    assert not (project.generated / "tiny/models/_more").exists()
    assert project.leftovers() == []
    again = project.upgrade()
    assert again.exit_code == 0 and "tinyidl 1.1, unchanged" in again.output and "do not differ" in again.output


def test_it_tells_what_changed_and_what_is_to_be_documented(project):
    output = project.upgrade("1.1").output
    assert output.index("new elements without documentation:\n  tinyidl.A.y\n") < output.index("  tinyidl.Gone\n")
    assert "tinyidl 1.0 → tinyidl 1.1: " in output
    assert "- tinyidl.Gone: Previously present message" in output
    assert "+ tiny.models.a.A.y: member added" in output
    assert "tinyidl.A.y: tinyidl 1.1 or newer" in output
    assert "### Added" in output


def test_comments_are_kept_and_those_of_removed_elements_told(project):
    file = project.idl / "tinyidl/a.proto"
    text = (
        file.read_text()
        .replace("message A {", "// The A.\nmessage A {")
        .replace("message Gone", "// Old.\nmessage Gone")
    )
    file.write_text(text)
    output = project.upgrade("1.1").output
    assert "// The A.\nmessage A {" in file.read_text()
    assert "dropped comments:\n  tinyidl.Gone: Old.\n" in output
    assert "The A." in (project.generated / "tiny/models/a.py").read_text()


def test_back_to_an_older_release(project):
    before = project.snapshot()
    assert project.upgrade("1.1").exit_code == 0
    result = project.upgrade("1.0")
    assert result.exit_code == 0 and "!" not in result.output.splitlines()[0]
    assert {name: content for name, (content, _) in project.snapshot().items()} == {
        name: content for name, (content, _) in before.items()
    }
    assert not (project.generated / "tiny/models/sub").exists()


def test_a_contract_that_does_not_fit_changes_nothing(project):
    assert project.upgrade("1.1").exit_code == 0
    (project.contract / "a.yaml").write_text(
        "files: [tinyidl/a.proto]\nclasses:\n  A: (x, y=None)\n  Other: {message: tinyidl.O}\n"
    )
    before = project.snapshot()
    result = project.upgrade("1.0")
    assert result.exit_code == 2
    assert "a.yaml:3: the message tinyidl.A has no field y" in result.output
    assert "a.yaml:4: the IDL has no message tinyidl.O" in result.output
    assert project.snapshot() == before and project.leftovers() == []


def test_lenient_leaves_out_what_the_old_idl_lacks(project):
    (project.contract / "a.yaml").write_text(
        "files: [tinyidl/a.proto, tinyidl/sub/b.proto]\nenums:\n  B: tinyidl.sub.B\n"
        "names:\n  Given: a.Other\n"
        "classes:\n  A:\n    constructor: (y, x)\n    members:\n      y: {empty: none}\n      z: q\n"
        "  Other: {message: tinyidl.O}\n"
    )
    result = project.upgrade("1.0", "--lenient")
    assert result.exit_code == 0, result.output
    left_out = [line for line in result.output.splitlines() if line.startswith("left out: ")]
    assert [line.partition(" (")[0] for line in left_out] == [
        "left out: the IDL has no file tinyidl/sub/b.proto",
        "left out: the IDL has no enum tinyidl.sub.B",
        "left out: the IDL has no message tinyidl.O, which the class Other models",
        "left out: there is no class a.Other to export as Given",
        "left out: the message tinyidl.A has no field y",
        "left out: A has no member z",
    ]
    assert "def __init__(self, x: str | None)" in (project.generated / "tiny/models/a.py").read_text()
    assert project.run("regenerate", *project.options, "--check").exit_code == 2
    assert project.run("regenerate", *project.options, "--check", "--lenient").exit_code == 0
    assert "left out: A has no member z" in project.run("regenerate", *project.options, "--lenient").output


def test_the_newest_release(project, lab, monkeypatch):
    assert newest("tinyidl", project.idl) == "1.1"
    assert newest("tinyidl", project.root / "none") == "2.0"
    lab.publish("other", "7.0", {"other/a.proto": 'syntax = "proto3";\n'})
    assert newest("other", project.idl) == "7.0"
    monkeypatch.setattr("flytekit_codegen.upgrade.available_versions", lambda distribution: [])
    with pytest.raises(SyncError, match="no release of tinyidl to upgrade to"):
        newest("tinyidl", project.idl)


def test_without_a_schema_before_there_is_nothing_to_compare(project):
    options = pipeline.Options(
        idl=project.root / "idl2", output=project.root / "generated2", contract=None, package="tiny2"
    )
    done = upgrade("2.0", options, distribution="tinyidl")
    assert done.comparison is None and done.sync.version == "2.0"
    assert (project.root / "generated2/tiny2/a.py").is_file()


def test_an_idl_without_a_lock_is_named_by_its_folder(project):
    (project.idl / "idl.lock").unlink()
    output = project.upgrade("1.1").output
    assert f"{project.idl} → tinyidl 1.1: " in output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("9.9",), "tinyidl 9.9 could not be fetched from the package index: there is no such version with a wheel."),
        (("newest",), "'newest' is not a version number (expected something like 1.16.8)."),
    ],
)
def test_bad_input_gets_one_sentence(project, arguments, expected):
    before = project.snapshot()
    result = project.upgrade(*arguments)
    assert (result.exit_code, result.output) == (2, f"{expected}\n")
    assert project.snapshot() == before and project.leftovers() == []


def test_no_network_changes_nothing(project, monkeypatch, tmp_path):
    before = project.snapshot()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    result = project.upgrade()
    assert result.exit_code == 2 and "could not be fetched from the package index" in result.output
    assert result.output.count("\n") == 1
    assert project.snapshot() == before
