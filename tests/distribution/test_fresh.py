"""What was built, installed as people install it: from the index, in fresh environments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from builds import ROOT

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("distributions")]

IMPORT_ALL = """
import importlib, pkgutil, warnings
warnings.simplefilter("error")
import flytekit, flytekit_models
count = 0
for package in (flytekit, flytekit_models):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        # That one is loaded only where the core is.
        if module.name != "flytekit_models.model.compiled":
            importlib.import_module(module.name)
            count += 1
print(count)
"""


class Fresh:
    """An environment with pip in it, and nothing else."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        self.bin = folder / "bin"
        self.cwd = folder / "cwd"
        self.cwd.mkdir()

    def run(self, program: str, *arguments: str | Path) -> str:
        """What a program of the environment prints."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [str(self.bin / program), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.cwd, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Fresh:
    made = Fresh(tmp_path_factory.mktemp("fresh") / "environment")
    made.run("python", "-m", "pip", "install", "--quiet", wheel)
    return made


@pytest.mark.parametrize("example", ["spec_example.py.txt", "spec_cache_example.py.txt"])
def test_the_specifications_examples_run(fresh: Fresh, example: str) -> None:
    fresh.run("python", "-W", "error", ROOT / "tests" / "models" / "data" / example)


def test_the_utilities_of_the_specification_run(fresh: Fresh) -> None:
    program = """
from flytekit.utils.asyn import _AsyncLoopManager
async def some_async_function(data): return f"processed_{data}"
manager = _AsyncLoopManager()
assert manager.run_sync(some_async_function, "input_data") == "processed_input_data"
@manager.synced
async def another_async_function(x): return x * 2
assert another_async_function(5) == 10
from flytekit.utils.rate_limiter import RateLimiter
RateLimiter(rpm=2).sync_acquire()
print("fine")
"""
    assert fresh.run("python", "-W", "error", "-c", program) == "fine\n"


def test_every_module_is_importable_with_nothing_else_installed(fresh: Fresh) -> None:
    assert int(fresh.run("python", "-c", IMPORT_ALL)) > 100
    assert "No broken requirements" in fresh.run("python", "-m", "pip", "check")


def test_type_checkers_find_the_types(fresh: Fresh, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from flytekit.models.literals import Literal\n"
        "from flytekit.utils.asyn import run_sync\n"
        "reveal_type(Literal(scalar=None))\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(fresh.bin / "python")]
    done = subprocess.run([*command, str(program)], capture_output=True, text=True, cwd=tmp_path)
    assert 'Revealed type is "flytekit.models.literals.Literal"' in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout
    command = [sys.executable, "-m", "pyright", "--pythonpath", str(fresh.bin / "python")]
    done = subprocess.run([*command, str(program)], capture_output=True, text=True, cwd=tmp_path)
    assert 'Type of "Literal(scalar=None)" is "Literal"' in done.stdout, done.stdout
    assert done.returncode == 0, done.stdout


def test_the_generator_runs(tmp_path: Path, wheel: Path) -> None:
    made = Fresh(tmp_path / "environment")
    made.run("python", "-m", "pip", "install", "--quiet", f"{wheel}[codegen]")
    assert made.run("flytekit-models", "--version").startswith("flytekit-models, version ")
    assert "without flytekit" in made.run("flytekit-models", "status")
    assert "Usage: flytekit-models regenerate" in made.run("flytekit-models", "regenerate", "--help")


def test_the_sdist_can_be_installed(tmp_path: Path, sdist: Path) -> None:
    made = Fresh(tmp_path / "environment")
    made.run("python", "-m", "pip", "install", "--quiet", sdist)
    assert (
        made.run("python", "-c", "from flytekit.models.literals import Literal; print(Literal.__name__)") == "Literal\n"
    )
