"""The generator isn't tied to flyteidl 1: the newest flyteidl2 becomes a package too, without a contract."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import check_package
import pytest
from generator import compile_protos

from flytekit_codegen.pipeline import run as pipeline
from flytekit_codegen.sync import available_versions, sync

_PACKAGE = "flytekit2.models"


@pytest.mark.network
def test_the_newest_flyteidl2(tmp_path: Path) -> None:
    idl, output = tmp_path / "idl", tmp_path / "generated"
    newest = available_versions("flyteidl2")[-1]
    sync(str(newest), idl, distribution="flyteidl2")

    summary = pipeline.regenerate(pipeline.Options(idl=idl, output=output, contract=None, package=_PACKAGE))

    assert summary.package.messages > 600
    assert (output / "flytekit2/models/core/literals.py").is_file()
    compile_protos(idl, tmp_path / "pb2")
    paths = [str(output), str(tmp_path / "pb2"), *sys.path]
    done = subprocess.run(
        [sys.executable, "-W", "error", str(check_package.__file__), _PACKAGE, "5"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == (f"{summary.package.messages}\n", "")
