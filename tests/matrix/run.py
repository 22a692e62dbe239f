"""`make matrix`: the models on every supported Python, flyteidl and protobuf.

A cell is an interpreter with the packages of that cell on its path, and nothing else: no environment is made for it.
The exit code is 0 if every cell holds, 1 if one fails, and 2 if the matrix could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "compat"))

from environments import CannotRun, call, find_uv, interpreter  # noqa: E402 (found there from now on)

WORK = ROOT / ".cache" / "matrix"
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
FLYTEIDLS = ("1.14.0", "1.14.3", "1.15.0", "1.15.3", "1.16.0", "1.16.1", "1.16.4", "1.16.6", "1.16.8")
PROTOBUFS = ("4.25", "5.29", "6.33", "newest")
COMMON = ("protoc-gen-openapiv2", "fsspec", "statsd")
NEWEST_PROTOBUF = "protobuf>=7,<8"
_TIMEOUT = 600


@dataclass(frozen=True)
class Cell:
    """One combination."""

    python: str
    flyteidl: str
    protobuf: str
    pure: bool = False
    """Whether protobuf's implementation in Python is used."""
    core: bool = False
    """Whether the compiled core is used."""

    @property
    def variant(self) -> str:
        """What else is to be said of it."""
        return "pure Python" if self.pure else "with the core" if self.core else ""

    def __str__(self) -> str:
        said = (f"Python {self.python}", f"flyteidl {self.flyteidl}", f"protobuf {self.protobuf}", self.variant)
        return ", ".join(filter(None, said))


@dataclass(frozen=True)
class Outcome:
    """What a cell gave."""

    cell: Cell
    found: dict[str, Any]
    error: str
    seconds: float


THIN = (
    Cell("3.10", "1.14.0", "4.25"),
    Cell("3.11", "1.15.0", "5.29"),
    Cell("3.12", "1.16.1", "6.33"),
    Cell("3.13", "1.16.8", "newest"),
    Cell("3.12", "1.14.3", "newest", pure=True),
    Cell("3.10", "1.16.8", "newest", core=True),
    Cell("3.11", "1.14.0", "4.25", core=True),
    Cell("3.12", "1.15.0", "5.29", core=True),
    Cell("3.13", "1.16.1", "6.33", core=True),
)


def whole() -> Iterator[Cell]:
    """Every combination; of the pure Python implementation, those with the oldest and the newest flyteidl."""
    for python, flyteidl, protobuf, core in product(PYTHONS, FLYTEIDLS, PROTOBUFS, (False, True)):
        yield Cell(python, flyteidl, protobuf, core=core)
    for python, flyteidl, protobuf in product(PYTHONS, (FLYTEIDLS[0], FLYTEIDLS[-1]), PROTOBUFS):
        yield Cell(python, flyteidl, protobuf, pure=True)


def package(requirement: str, uv: Path) -> Path:
    """The folder that holds a package and nothing else, installed if it was not yet.

    Raises:
        CannotRun: it cannot be installed.
    """
    folder = WORK / "packages" / requirement.replace("*", "x").replace(",", "_")
    if not (folder / "done").is_file():
        call(uv, "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", folder, requirement)
        (folder / "done").touch()
    return folder


def core_of(python: str) -> Path:
    """The folder with the compiled core for a version of Python."""
    return WORK / "core" / python


def build_core(python: str, uv: Path) -> str | None:
    """Build the compiled core of this checkout for a version of Python; why not, where it cannot be compiled.

    Raises:
        CannotRun: it is not compiled although it could be.
    """
    program = str(interpreter(python))
    obstacle = [program, str(ROOT / "core" / "obstacle.py")]
    why = subprocess.run(obstacle, capture_output=True, text=True, check=True).stdout.strip()
    if why:
        return why
    options = ("--quiet", "--no-deps", "--reinstall", "--python", program, "--target", core_of(python))
    call(uv, "pip", "install", *options, ROOT / "core")
    return None


def requirements(cell: Cell) -> tuple[str, ...]:
    """What is installed for *cell*."""
    protobuf = NEWEST_PROTOBUF if cell.protobuf == "newest" else f"protobuf=={cell.protobuf}.*"
    # What newer ones were made with does not run on these protobufs.
    older = cell.protobuf in ("4.25", "5.29")
    googleapis = "googleapis-common-protos==1.66.0" if older else "googleapis-common-protos"
    return (f"flyteidl=={cell.flyteidl}", protobuf, googleapis, *COMMON)


def run(cell: Cell, uv: Path) -> Outcome:
    """Check one cell.

    Raises:
        CannotRun: its packages cannot be installed.
    """
    folders = [package(requirement, uv) for requirement in requirements(cell)]
    if cell.core:
        folders.append(core_of(cell.python))
    paths = [*folders, ROOT / "generated", ROOT / "runtime", ROOT / "tests" / "compat" / "scripts"]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "FLYTEKIT_MODELS_CORE": "1" if cell.core else "0",
        "PROTOCOL_BUFFERS_PYTHON_IMPLEMENTATION": "python" if cell.pure else "upb",
    }
    started = perf_counter()
    command = [str(interpreter(cell.python)), "-s", str(Path(__file__).parent / "cell.py")]
    random_ones = "1" if cell.pure else "3"
    done = subprocess.run(
        [*command, "--random", random_ones], env=environment, capture_output=True, text=True, timeout=_TIMEOUT
    )
    seconds = perf_counter() - started
    if done.returncode:
        return Outcome(cell, {}, done.stderr.strip(), seconds)
    found = json.loads(done.stdout)
    wanted = ("python" if cell.pure else "upb", cell.core)
    told = (found["implementation"], found["core"])
    error = "" if told == wanted else f"the implementation and the core are {told}, not {wanted}"
    return Outcome(cell, found, error, seconds)


def main() -> int:
    """Check the cells, and show what came of it."""
    parser = argparse.ArgumentParser(prog="make matrix", description=__doc__)
    parser.add_argument("--thin", action="store_true", help="a diagonal, without the core and with it")
    cells = list(THIN if parser.parse_args().thin else whole())
    progress = Console(stderr=True, highlight=False)
    missing = sorted({cell.python for cell in cells if interpreter(cell.python) is None})
    present = [cell for cell in cells if cell.python not in missing]
    try:
        if not present:
            raise CannotRun("none of the supported versions of Python was found")
        uv = find_uv()
        for requirement in dict.fromkeys(each for cell in present for each in requirements(cell)):
            package(requirement, uv)
        left_out = {}
        for python in sorted({cell.python for cell in present if cell.core}):
            why = build_core(python, uv)
            if why is not None:
                left_out[python] = why
        present = [cell for cell in present if not (cell.core and cell.python in left_out)]
        outcomes = []
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for outcome in pool.map(lambda cell: run(cell, uv), present):
                progress.print(f"{outcome.cell}: {'FAILED' if outcome.error else 'good'}", markup=False)
                outcomes.append(outcome)
    except CannotRun as error:
        progress.print(str(error), style="red", markup=False)
        return 2
    return show(outcomes, missing, left_out)


def show(outcomes: list[Outcome], missing: list[str], without_core: dict[str, str]) -> int:
    """Print the failures and the table; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table("Python", "flyteidl", "protobuf", "", "modules", "classes", "messages", "lacking", "s")
    for outcome in outcomes:
        cell, found = outcome.cell, outcome.found
        name = (cell.python, cell.flyteidl, cell.protobuf, cell.variant)
        if outcome.error:
            console.print(f"{cell}:\n{outcome.error}\n", markup=False)
            table.add_row(*name, "FAILED")
        else:
            counts = (str(found[each]) for each in ("modules", "classes", "messages"))
            lacking = f"{found['missing']} + {found['lacking']}"
            table.add_row(*name, *counts, lacking, f"{outcome.seconds:.0f}")
    console.print(table)
    for python in missing:
        console.print(f"Python {python} was not found: its cells were left out.")
    for python, why in without_core.items():
        console.print(f"The core cannot be compiled for Python {python}: {why}. Its cells with the core were left out.")
    failed = sum(bool(outcome.error) for outcome in outcomes)
    console.print(f"{len(outcomes)} cells, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
