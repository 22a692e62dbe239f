"""Runs flytekit's command line on real workflows in both environments, and compares all it says and writes."""

from __future__ import annotations

import difflib
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from environments import Environment
from flyteidl.admin import launch_plan_pb2, task_pb2, workflow_pb2

HERE = Path(__file__).parent
WORKFLOWS = HERE / "workflows"
PLUGINS = HERE / "plugins"
_PACKAGED = {"1": task_pb2.TaskSpec, "2": workflow_pb2.WorkflowSpec, "3": launch_plan_pb2.LaunchPlan}
"""What is in a file of a package, by the last digit of its name."""


@dataclass(frozen=True)
class Program:
    """A command that both environments run."""

    command: tuple[str, ...]
    given: str = ""
    """What is typed in."""


def _run(module: str, *arguments: str, given: str = "") -> Program:
    return Program(("pyflyte", "run", str(WORKFLOWS / f"{module}.py"), *arguments), given)


RUNS = (
    _run("values", "plain_values"),
    _run("values", "plain_values", "--a", "5", "--c", "other"),
    _run("values", "time_values", "--span", "2 days"),
    _run("values", "container_values"),
    _run("values", "containers", "--a", "[[1], [2, 3]]", "--b", '{"k": ["v"]}'),
    _run("values", "optional_values", "--a", "4"),
    _run("values", "structured_values", "--colour", "red"),
    _run("values", "describe", "--colour", "red", "--shape", '{"colour": "red", "points": [], "named": {"first": {}}}'),
    _run("values", "attribute_values"),
    _run("values", "file_values"),
    _run("control", "nested"),
    _run("control", "branches", "--x", "7"),
    _run("control", "branches", "--x", "3"),
    _run("control", "branches", "--x", "0"),
    _run("control", "texts"),
    _run("control", "mapped"),
    _run("control", "grown"),
    _run("control", "ordered"),
    _run("control", "gated", given="5\ny\n"),
    _run("control", "guarded"),
    _run("control", "awaited", "--x", "3"),
    _run("settings", "settings"),
    _run("settings", "caching"),
    _run("plans", "planned"),
    _run("data", "artifacts"),
    _run("data", "frames"),
    _run("data", "files"),
    _run("data", "shelled"),
)
CACHED = (
    (_run("settings", "caching", "--x", "11"), "computing 11"),
    (_run("data", "frames", "--rows", "5"), "counting the rows"),
    (_run("cached", "kinds"), "computing kinds"),
)
"""Workflows with cached tasks, and what such a task prints when it is computed."""
HELP = tuple(
    Program(("pyflyte", *arguments))
    for arguments in (
        ("--help",),
        ("run", "--help"),
        ("run", str(WORKFLOWS / "values.py"), "--help"),
        ("run", str(WORKFLOWS / "values.py"), "structured_values", "--help"),
        ("register", "--help"),
        ("package", "--help"),
        ("info",),
    )
)
_ON_DEMAND = "import sys, flytekit; print(sorted(name for name in sys.modules if '._more' in name))"
IMPORTS = (
    Program(("python", "-W", "always", "-c", "import flytekit, flytekit.remote, flytekit.clis.sdk_in_container.run")),
    # Importing flytekit asks for nothing that is loaded on demand.
    Program(("python", "-c", _ON_DEMAND)),
    Program(("python", str(HERE / "scripts" / "import_all.py"))),
)
MODULES = ("values", "control", "settings", "plans", "data")


@dataclass
class Outcome:
    """What a part of the comparison gave."""

    name: str
    compared: str
    problems: list[str] = field(default_factory=list)


def compare_runs(name: str, programs: tuple[Program, ...], pair: tuple[Environment, Environment]) -> Outcome:
    """Run the *programs* in both environments; what they say must be the same."""
    outcome = Outcome(name, f"{len(programs)} commands")
    with ThreadPoolExecutor(2) as pool:
        for program in programs:
            theirs, ours = pool.map(lambda environment, program=program: _said(environment, program), pair)
            if theirs != ours:
                title = " ".join(Path(part).name for part in program.command[:6])
                outcome.problems.append(f"{title}\n{_diff(theirs, ours)}")
    return outcome


def _said(environment: Environment, program: Program, extra: Mapping[str, str] | None = None) -> str:
    cwd = environment.folder / "cwd"
    cwd.mkdir(exist_ok=True)
    done = environment.run(*program.command, cwd=cwd, given=program.given, extra=extra)
    text = f"exit code {done.returncode}\n{done.stdout}\n--- stderr\n{done.stderr}"
    return environment.normal(text)


def _diff(theirs: str, ours: str) -> str:
    lines = difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "pristine", "overlaid", lineterm="", n=1)
    return "\n".join(list(lines)[:40])


def compare_caches(name: str, pair: tuple[Environment, Environment]) -> Outcome:
    """Fill the local cache in each environment; it must be warm in the other one."""
    outcome = Outcome(name, f"{len(CACHED)} workflows, both ways")
    for filling, reading in (pair, pair[::-1]):
        home = {"HOME": str(filling.folder / "cache-home")}
        shutil.rmtree(home["HOME"], ignore_errors=True)
        Path(home["HOME"]).mkdir()
        for program, computing in CACHED:
            cold = _said(filling, program, home)
            warm = _said(reading, program, home)
            way = f"{program.command[3]}, filled in {filling.name}, read in {reading.name}"
            if computing not in cold:
                outcome.problems.append(f"{way}: nothing was computed\n{cold}")
            if computing in warm:
                outcome.problems.append(f"{way}: it is computed again")
            if _result(cold) != _result(warm):
                outcome.problems.append(f"{way}: {_result(cold)}, then {_result(warm)}")
    return outcome


def _result(said: str) -> str:
    """The last line that a workflow prints: its outputs."""
    return said.partition("--- stderr")[0].strip().splitlines()[-1]


def compare_packages(
    name: str, folder: Path, modules: tuple[str, ...], pair: tuple[Environment, Environment]
) -> Outcome:
    """Package the *modules* in *folder* in both environments; the messages must be the same."""
    outcome = Outcome(name, "")
    count = 0
    with ThreadPoolExecutor(2) as pool:
        for module in modules:
            theirs, ours = pool.map(lambda environment, module=module: _package(environment, folder, module), pair)
            count += len(theirs)
            outcome.problems += [f"{module}: {problem}" for problem in _differences(theirs, ours)]
    outcome.compared = f"{count} entities of {len(modules)} modules"
    return outcome


def _package(environment: Environment, folder: Path, module: str) -> dict[str, Any]:
    cwd = environment.folder / "cwd"
    cwd.mkdir(exist_ok=True)
    package = cwd / f"{module}.tgz"
    command = ("pyflyte", "--pkgs", module, "package", "--image", "x:y", "--force", "--output", str(package))
    done = environment.run(*command, cwd=folder)
    if done.returncode:
        return {"it fails": environment.normal(done.stdout + done.stderr)}
    with tarfile.open(package) as archive:
        return {member.name: _parsed(member.name, archive.extractfile(member)) for member in archive.getmembers()}


def _parsed(name: str, file: Any) -> Any:
    message = _PACKAGED[name.removesuffix(".pb")[-1]].FromString(file.read())
    sort_upstream(message)
    return message


def sort_upstream(message: Any) -> None:
    """Sort the ids of the nodes that a node waits for: flytekit has them from a set, in another order each time."""
    if message.DESCRIPTOR.full_name == "flyteidl.core.Node":
        message.upstream_node_ids.sort()
    for each_field, value in message.ListFields():
        kind = each_field.message_type
        if kind is not None and not kind.GetOptions().map_entry:
            for each in value if hasattr(value, "append") else [value]:
                sort_upstream(each)


def _differences(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    if "it fails" in theirs:
        yield f"cannot be packaged at all: {theirs['it fails']}"
    elif theirs.keys() != ours.keys():
        yield _diff("\n".join(theirs), "\n".join([*ours, *map(str, ours.values())] if "it fails" in ours else ours))
    else:
        for name, message in theirs.items():
            if message != ours[name]:
                yield f"{name}\n{_diff(str(message), str(ours[name]))}"
