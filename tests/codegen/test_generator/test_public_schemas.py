"""The generator isn't tied to flyteidl 1: what others publish becomes a package too, without a contract."""

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

# Each with a number of messages that it has for sure.
_SCHEMAS = {
    "flyteidl2": 600,
    "opentelemetry-proto": 50,
    "googleapis-common-protos": 100,
    "xds-protos": 2000,
}


@pytest.mark.network
@pytest.mark.parametrize("distribution", _SCHEMAS)
def test_the_newest_release_of(distribution: str, tmp_path: Path) -> None:
    idl, output = tmp_path / "idl", tmp_path / "generated"
    newest = available_versions(distribution)[-1]
    sync(str(newest), idl, distribution=distribution)
    package = f"public_{distribution.replace('-', '_')}.models"

    summary = pipeline.regenerate(pipeline.Options(idl=idl, output=output, contract=None, package=package))

    assert summary.package.messages > _SCHEMAS[distribution]
    compile_protos(idl, tmp_path / "pb2")
    for folder in (tmp_path / "pb2").iterdir():
        if folder.name in {*sys.stdlib_module_names, "test"}:
            # Python's own package of that name would be found instead. The set leaves out `test`.
            (folder / "__init__.py").touch()
    paths = [str(output), str(tmp_path / "pb2"), *sys.path]
    done = subprocess.run(
        [sys.executable, "-W", "error", str(check_package.__file__), package, "5"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == (f"{summary.package.messages}\n", "")
