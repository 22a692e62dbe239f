"""From 1.10.0 on, every released flyteidl 1.x syncs and regenerates without an edit by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.problems import GenerationError
from flytekit_codegen.sync import available_versions, read_history, read_lock, sync

ROOT = Path(__file__).parents[3]
RELEASES = read_history(ROOT / "idl").releases
COMPLETE = "1.16.5"
"""The first release that has all that the contract promises."""

# Imports every module of a generated package, and nothing else of the same name.
IMPORT_ALL = """
import importlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
import flytekit
flytekit.__path__ = [str(root / "flytekit"), sys.argv[2]]
names = sorted(str(path.relative_to(root).with_suffix("")).replace("/", ".") for path in root.rglob("*.py"))
modules = [importlib.import_module(name.removesuffix(".__init__")) for name in names]
assert all(module.__file__.startswith(str(root)) for module in modules)
print(len(modules))
"""

pytestmark = pytest.mark.network


def test_the_index_has_no_release_that_is_not_tested():
    """A new release of flyteidl makes this fail: upgrade, which brings it into the history."""
    versions = [str(version) for version in available_versions("flyteidl") if version.major == 1]
    assert versions[versions.index(RELEASES[0]) :] == list(RELEASES)


@pytest.fixture(scope="module")
def idl(tmp_path_factory):
    """An IDL that goes through all releases, the newest first, as it is kept here."""
    folder = tmp_path_factory.mktemp("releases") / "idl"
    sync(RELEASES[-1], folder)
    return folder


@pytest.mark.parametrize("version", RELEASES[::-1])
def test_release(idl, tmp_path, monkeypatch, version):
    monkeypatch.setattr(
        pipeline, "lay_out", lambda files, report: {name: "".join(pieces) for name, pieces in files.items()}
    )
    sync(version, idl)
    assert read_lock(idl).release.version == version
    options = pipeline.Options(idl=idl, output=tmp_path / "strict")
    complete = RELEASES.index(version) >= RELEASES.index(COMPLETE)
    if complete:
        assert pipeline.regenerate(options).left_out == ()
    else:
        with pytest.raises(GenerationError) as refused:
            pipeline.regenerate(options)
        assert not (tmp_path / "strict").exists()
    lenient = pipeline.regenerate(pipeline.Options(idl=idl, output=tmp_path / "lenient", lenient=True))
    assert (lenient.left_out == ()) == complete
    if not complete:
        assert {problem.what for problem in lenient.left_out} == {problem.what for problem in refused.value.problems}
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, tmp_path / "lenient", ROOT / "runtime" / "flytekit"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(lenient.package.modules)
