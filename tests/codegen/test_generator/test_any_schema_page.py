"""What docs/any-schema.md says is so: its three commands make a package of its example, which does what it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PAGE = (Path(__file__).parents[3] / "docs" / "any-schema.md").read_text()


def _block(language: str) -> str:
    return _PAGE.split(f"```{language}\n")[1].partition("```")[0]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newcomer's folder, after the commands of the page."""
    root = tmp_path_factory.mktemp("newcomer")
    (root / "protos" / "shop").mkdir(parents=True)
    (root / "src").mkdir()
    (root / "protos" / "shop" / "orders.proto").write_text(_block("proto"))
    install, *commands = [line.removeprefix("$ ") for line in _block("console").splitlines()]
    assert install == "pip install 'flytekit-models[codegen]'" and len(commands) == 2
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in commands:
        done = subprocess.run(
            ["bash", "-c", command], cwd=root, env={**os.environ, "PATH": tools}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    return root


def test_the_example_works(project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(project / "src")}
    done = subprocess.run([sys.executable, "-c", _block("python")], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_is_typed(project: Path) -> None:
    """With protoc's own stubs, in mypy's strict mode, and so is what uses it."""
    (project / "src" / "use.py").write_text(_block("python"))
    # protoc's stubs themselves are not all that strict.
    options = "[mypy]\nstrict = True\nnamespace_packages = True\nexplicit_package_bases = True\n"
    (project / "mypy.ini").write_text(f"{options}[mypy-shop.*]\nignore_errors = True\n")
    runtime = Path(__file__).parents[3] / "runtime"
    done = subprocess.run(
        [sys.executable, "-m", "mypy", f"--config-file={project / 'mypy.ini'}", f"--cache-dir={project / 'cache'}"]
        + ["-p", "mine.models", "-m", "use"],
        cwd=project / "src",
        env={**os.environ, "MYPYPATH": f".{os.pathsep}{runtime}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
