"""What docs/ci.md and the pre-commit hook run, run here with the same commands in a git repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from flytekit_codegen.pipeline import run as pipeline

ROOT = Path(__file__).parents[3]
HEAD = 'syntax = "proto3";\npackage flyteidl.core;\n'


def _workflow():
    """The workflow that stands on the page."""
    page = (ROOT / "docs" / "ci.md").read_text()
    blocks = [block.partition("\n```")[0] for block in page.split("```yaml\n")[1:]]
    (workflow,) = [yaml.safe_load(block) for block in blocks if "jobs:" in block]
    return workflow


def _steps():
    (job,) = _workflow()["jobs"].values()
    return job["steps"]


@pytest.fixture
def repository(tmp_path):
    """A repository whose last commit is on its base branch, and a shell in which to run a step."""
    root = tmp_path / "repository"
    (root / "idl/flyteidl/core").mkdir(parents=True)
    (root / "idl/flyteidl/core/a.proto").write_text(HEAD + "message A { string x = 1; }\n")
    made = Repository(root, tmp_path)
    made.git("init", "--quiet")
    made.regenerate()
    made.commit("Base")
    made.base = made.git("rev-parse", "HEAD").strip()
    return made


class Repository:
    base = ""

    def __init__(self, root, scratch):
        self.root = root
        self.summary = scratch / "summary.md"
        self.summary.touch()
        self.posted = scratch / "posted"
        tools = scratch / "tools"
        tools.mkdir()
        # The one program of a runner that is not to be had here; it keeps what it is asked to post.
        (tools / "gh").write_text(f'#!/bin/sh\necho "$@" > "{self.posted}.arguments"\ncp "$5" "{self.posted}"\n')
        (tools / "gh").chmod(0o755)
        # This IDL has nothing of what flytekit's contract promises.
        real = Path(sys.executable).with_name("flytekit-models")
        (tools / "flytekit-models").write_text(f'#!/bin/sh\nexec "{real}" "$@" --no-contract\n')
        (tools / "flytekit-models").chmod(0o755)
        self.path = f"{tools}{os.pathsep}{os.environ['PATH']}"

    def git(self, *arguments):
        identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@localhost"]
        done = subprocess.run(
            ["git", "-C", self.root, *identity, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout

    def regenerate(self):
        pipeline.regenerate(pipeline.Options(idl=self.root / "idl", output=self.root / "generated", contract=None))

    def commit(self, message):
        self.git("add", ".")
        self.git("commit", "--quiet", f"--message={message}")

    def edit(self, text):
        (self.root / "idl/flyteidl/core/a.proto").write_text(HEAD + text)

    def run(self, script, **environment):
        """A step as a runner runs it, in bash that stops at the first error."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.root,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PATH": self.path,
                "BASE": self.base,
                "GITHUB_STEP_SUMMARY": str(self.summary),
                **environment,
            },
        )

    def run_steps(self, *names):
        """The named steps, until one fails; their exit codes by name."""
        codes = {}
        for step in _steps():
            if step.get("name") in names:
                done = self.run(step["run"], NUMBER="7", GH_TOKEN="")
                codes[step["name"]] = done.returncode
                self.output = done.stdout + done.stderr
                if done.returncode:
                    break
        return codes


CHECK, COMPARE = "Check the generated models", "Compare with the base"
POST, ANNOTATE = "Post the comparison", "Annotate, and fail on what breaks"


def test_the_workflow_is_one():
    workflow = _workflow()
    # YAML 1.1 reads the key `on` as a truth.
    assert workflow[True] == "pull_request"
    assert [step["name"] for step in _steps() if "run" in step] == ["Install", CHECK, COMPARE, POST, ANNOTATE]
    checkout = _steps()[0]
    assert checkout["uses"].startswith("actions/checkout@") and checkout["with"]["fetch-depth"] == 0


def test_a_pull_request_that_adds(repository):
    repository.edit("message A { string x = 1; string added = 2; }\n")
    repository.regenerate()
    repository.commit("Add")
    assert repository.run_steps(CHECK, COMPARE, POST, ANNOTATE) == {CHECK: 0, COMPARE: 0, POST: 0, ANNOTATE: 0}
    posted = repository.posted.read_text()
    assert posted == repository.summary.read_text() and "`flyteidl.core.A.added`" in posted
    arguments = Path(f"{repository.posted}.arguments").read_text()
    assert arguments.startswith("pr comment 7 --body-file comparison.md")
    assert "::notice title=FIELD_ADDED,file=idl/flyteidl/core/a.proto,line=3::" in repository.output


def test_a_pull_request_that_breaks(repository):
    repository.edit("message A { int32 x = 1; }\n")
    assert repository.run_steps(COMPARE, ANNOTATE) == {COMPARE: 0, ANNOTATE: 1}
    assert "### Wire format and IDL: breaking" in repository.summary.read_text()
    assert "::error title=FIELD_SAME_TYPE,file=idl/flyteidl/core/a.proto,line=3::" in repository.output


def test_a_base_that_is_not_there_is_never_taken_for_no_difference(repository):
    repository.base = "0" * 40
    assert repository.run_steps(COMPARE) == {COMPARE: 1}
    assert "revision of a git repository around idl" in repository.output


def test_the_hook_runs_the_check(repository):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook["id"] == "flytekit-models-check" and hook["pass_filenames"] is False and hook["language"] == "python"
    assert repository.run_steps(CHECK) == {CHECK: 0}
    repository.edit("message A { string x = 1; string added = 2; }\n")
    done = repository.run(hook["entry"])
    assert done.returncode == 1 and "added" in done.stdout
    assert repository.run_steps(CHECK) == {CHECK: 1} and "out of date" in repository.output
