"""The commands as a person meets them: help with examples that work, exit codes, one sentence for bad input."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from flytekit_codegen.cli import main
from flytekit_codegen.pipeline import run as pipeline

ROOT = Path(__file__).parents[3]


def _examples(command):
    """The example lines of a command's help."""
    help_text = CliRunner().invoke(main, [command, "--help"]).output
    lines = help_text.partition("Example:\n")[2].partition("\n\n")[0].splitlines()
    return [line.strip() for line in lines]


def _needs_the_index(example):
    return "upgrade" in example or "sync" in example or re.search(r"diff \d", example) is not None


# What puts the models into a flytekit tree has tests of its own, with such a tree.
EXAMPLES = [line for command in sorted(main.commands) if command != "overlay" for line in _examples(command)]


def test_every_command_has_an_example():
    for command in main.commands:
        examples = _examples(command)
        assert examples and all(line.startswith(f"flytekit-models {command}") for line in examples), command


def as_it_is(files, report):
    """Stands for black, which is most of the time of a run and nothing to what is tested here."""
    return {name: "".join(pieces) for name, pieces in files.items()}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """This project's IDL and models in a git repository, and a small IDL beside it."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "idl", root / "idl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "lay_out", as_it_is)
        pipeline.regenerate(pipeline.Options(idl=root / "idl", output=root / "generated"))
    (root / "protos").mkdir()
    (root / "protos" / "a.proto").write_text('syntax = "proto3";\npackage mine;\nmessage A { string x = 1; }\n')
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@localhost"]
    for arguments in (["init", "--quiet"], ["add", "."], [*identity, "commit", "--quiet", "--message=All"]):
        subprocess.run(["git", "-C", root, *arguments], check=True)
    return root


@pytest.mark.parametrize(
    "example",
    [pytest.param(line, marks=[pytest.mark.network] if _needs_the_index(line) else []) for line in EXAMPLES],
)
def test_the_example_works(checkout, monkeypatch, example):
    monkeypatch.chdir(checkout)
    monkeypatch.setattr(pipeline, "lay_out", as_it_is)
    program, *arguments = shlex.split(example)
    assert program == "flytekit-models"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0 and result.output, result.output


def test_diff_fails_on_what_it_is_told_to(project, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    head = 'syntax = "proto3";\npackage p;\n'
    for folder, text in ((old, "message A { string x = 1; }"), (new, "message A { string y = 1; }")):
        folder.mkdir()
        (folder / "a.proto").write_text(head + text)
    common = ["--no-contract", "--package", "p.models", "--idl", project.idl]
    for fail_on in ("wire", "api", "any"):
        assert project.run("diff", old, new, "--fail-on", fail_on, *common).exit_code == 1
    assert project.run("diff", old, old, *common).exit_code == 0
    # Java's package is nothing to Python.
    (new / "a.proto").write_text(head + 'option java_package = "q";\nmessage A { string x = 1; }')
    assert project.run("diff", old, new, *common).exit_code == 1
    assert project.run("diff", old, new, "--fail-on", "api", *common).exit_code == 0
    assert project.run("diff", old, new, "--fail-on", "wire", *common).exit_code == 1


def test_diff_takes_the_idl_here_as_new(project):
    result = project.run("diff", "tinyidl==1.1", "--format", "json", *project.options[:2], *project.options[4:])
    assert result.exit_code == 1, result.output
    report = json.loads(result.output)
    assert (report["old"], report["new"]) == ("tinyidl 1.1", str(project.idl))
    assert {change["element"] for change in report["changes"] if change["kind"] == "removed"} >= {"tinyidl.A.y"}
    annotated = project.run("diff", "tinyidl==1.1", "--format", "github", *project.options[:2], *project.options[4:])
    assert f"file={project.idl}/tinyidl/a.proto,line=" in annotated.output


@pytest.mark.parametrize("form", ["github", "sarif"])
def test_two_releases_lead_to_files_that_exist(project, form):
    """And to no line: the text of a release is not that of idl/."""
    (project.idl / "tinyidl" / "a.proto").rename(project.idl / "tinyidl" / "moved.proto")
    options = [*project.options[:2], *project.options[4:]]
    text = project.run("diff", "tinyidl==1.0", "tinyidl==1.1", "--format", form, *options).output
    assert "tinyidl.A" in text and "a.proto" not in text and "startLine" not in text and "line=" not in text
    (project.idl / "tinyidl" / "moved.proto").rename(project.idl / "tinyidl" / "a.proto")
    text = project.run("diff", "tinyidl==1.0", "tinyidl==1.1", "--format", form, *options).output
    assert f"{project.idl}/tinyidl/a.proto" in text and "startLine" not in text and "line=" not in text


def test_a_downgrade_is_told(project):
    assert project.upgrade("1.1").exit_code == 0
    output = project.upgrade("1.0").output
    assert f"This is a downgrade: {project.idl} had 1.1, which is newer.\n" in output
    assert "This is a downgrade" not in project.upgrade("1.0").output
    assert "This is a downgrade" not in project.upgrade("1.1").output


BAD = {
    "no such release": (("diff", "tinyidl==9.9"), r"tinyidl 9\.9 could not be fetched"),
    "no such thing": (("diff", "nothing-of-this-name"), r"'nothing-of-this-name' is not a folder"),
    "no .proto": (("diff", "."), r"\. has no \.proto files"),
    "no such element": (("log", "Nobody"), r"has no release or element named Nobody"),
    "no release": (("sync", "--flyteidl", "9.9", "--distribution", "tinyidl"), r"tinyidl 9\.9 could not be fetched"),
    "no version": (("sync", "--flyteidl", "x"), r"'x' is not a version number"),
    "no distribution": (
        ("sync", "--flyteidl", "1.0", "--distribution", "../x"),
        r"'\.\./x' is not a distribution name",
    ),
    "no IDL": (("coverage", "--no-contract", "--idl", "nowhere"), r"nowhere: this folder contains no \.proto file"),
    "no history": (("log", "--idl", "nowhere"), r"nowhere has no history\.json"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_exits_with_2(project, monkeypatch, tmp_path, case):
    arguments, expected = BAD[case]
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    history = {"distribution": "tinyidl", "releases": ["1.0"], "elements": {"tinyidl.A": {"1.0": "message"}}}
    if "--idl" not in arguments:
        (project.idl / "history.json").write_text(json.dumps(history))
        arguments = (*arguments, "--idl", str(project.idl))
    before = project.snapshot()
    result = project.run(*arguments)
    assert result.exit_code == 2, result.output
    assert re.search(expected, result.output) and "Traceback" not in result.output
    assert project.snapshot() == before


def test_a_system_error_is_told_in_one_sentence(project, monkeypatch):
    def refuse(*arguments, **options):
        raise PermissionError(13, "Permission denied", "/some/where")

    monkeypatch.setattr("flytekit_codegen.diff.compare", refuse)
    result = project.run("diff", "1.0")
    assert (result.exit_code, result.output) == (2, "/some/where: Permission denied; nothing was changed.\n")


def test_sync_tells_what_it_did(project):
    result = project.run("sync", "--flyteidl", "1.1", "--distribution", "tinyidl", "--idl", project.idl)
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"{project.idl}: tinyidl 1.1\nfiles: 3 written, 0 unchanged, 0 removed\n")
    again = project.run("sync", "--flyteidl", "1.1", "--distribution", "tinyidl", "--idl", project.idl)
    assert again.output.startswith(f"{project.idl}: tinyidl 1.1, unchanged\n")


def test_nothing_of_the_progress_is_seen_without_a_terminal(checkout):
    done = subprocess.run(
        [Path(sys.executable).with_name("flytekit-models"), "diff", "HEAD"],
        cwd=checkout,
        capture_output=True,
        text=True,
        env={**os.environ, "TERM": "xterm"},
    )
    # On a busy machine a step may be named.
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
