"""A small project with an IDL and its models, for the tests of upgrade and of the commands around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from releases import Lab

from flytekit_codegen.cli import main

HEAD = 'syntax = "proto3";\npackage tinyidl;\n'
RELEASES = {
    "1.0": {"tinyidl/a.proto": HEAD + "message A { string x = 1; }\nmessage Gone {}\n"},
    "1.1": {
        "tinyidl/a.proto": HEAD + "message A { string x = 1; A y = 2; }\n",
        "tinyidl/sub/b.proto": 'syntax = "proto3";\npackage tinyidl.sub;\nenum B { ZERO = 0; }\n',
    },
    "2.0": {"tinyidl/a.proto": HEAD + "message A { int32 x = 1; }\n"},
}
CONTRACT = "files: [tinyidl/a.proto]\nclasses:\n  A: (x)\n"


class Project:
    """idl/ and generated/, and ways to work on them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.idl = root / "idl"
        self.generated = root / "generated"
        self.contract = root / "contract"
        self.options = ["--idl", str(self.idl), "--output", str(self.generated), "--package", "tiny.models"]
        self.options += ["--contract", str(self.contract)]

    def run(self, *arguments: str | Path) -> Result:
        """A command, in this process."""
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    def upgrade(self, *arguments: str) -> Result:
        return self.run("upgrade", *arguments, "--distribution", "tinyidl", *self.options)

    def start(self, *arguments: str, before: str = "") -> subprocess.Popen[str]:
        """`upgrade` in a process of its own, after some Python text."""
        return self.start_command("upgrade", *arguments, "--distribution", "tinyidl", *self.options, before=before)

    @staticmethod
    def start_command(*words: str, before: str = "") -> subprocess.Popen[str]:
        """A command in a process of its own, after some Python text."""
        text = f"{before}\nfrom flytekit_codegen.cli import main\nmain({list(words)!r})"
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        # No bytecode: a limit on file sizes would break the files of others.
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        return subprocess.Popen(
            [sys.executable, "-c", text],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def snapshot(self) -> dict[str, tuple[bytes, int]]:
        """Every file of idl/ and generated/, with its content and modification time."""
        return {
            str(path.relative_to(self.root)): (path.read_bytes(), path.stat().st_mtime_ns)
            for folder in (self.idl, self.generated)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and ".sync-" not in str(path)
        }

    def leftovers(self) -> list[str]:
        """What is beside the two folders and should not stay there."""
        return sorted(path.name for path in self.root.rglob(".*.sync-*"))


@pytest.fixture(scope="session")
def first_upgrade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of a project at release 1.0, and its releases, made once and copied for each test."""
    root = tmp_path_factory.mktemp("first")
    lab = Lab(root)
    for version, protos in RELEASES.items():
        lab.publish_cached("tinyidl", version, protos)
    made = Project(root / "project")
    made.contract.mkdir(parents=True)
    (made.contract / "a.yaml").write_text(CONTRACT)
    with pytest.MonkeyPatch.context() as patch:
        _use(lab, patch)
        result = made.upgrade("1.0")
    assert result.exit_code == 0, result.output
    return root


@pytest.fixture
def project(lab: Lab, first_upgrade: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project at release 1.0; pip and the cache know the later ones."""
    for name in ("links", "cache", "project"):
        shutil.copytree(first_upgrade / name, lab.cache.parent / name, dirs_exist_ok=True)
    _use(lab, monkeypatch)
    return Project(lab.idl.parent)


def _use(lab: Lab, patch: pytest.MonkeyPatch) -> None:
    """Let pip know the releases of a lab and nothing else, and let its cache be where commands look for it."""
    patch.setenv("PIP_NO_INDEX", "1")
    patch.setenv("PIP_FIND_LINKS", str(lab.links))
    patch.setenv("XDG_CACHE_HOME", str(lab.cache.parent / "xdg"))
    releases = lab.cache.parent / "xdg" / "flytekit-models" / "releases"
    releases.parent.mkdir(parents=True)
    releases.symlink_to(lab.cache)
