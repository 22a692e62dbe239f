"""`make compat`: flytekit on its own models and on the generated ones, compared.

The exit code is 0 if there is no difference but those that docs/compatibility.md lists, 1 if there is one, and 2 if
the comparison could not run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

import beside
import differential
import editable
import exchange
import programs
from environments import WORK, CannotRun, Environment, prepare
from listed import OF_CLASSES, listed, unlisted
from programs import Outcome
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
Pair = tuple[Environment, Environment]


def classes(pair: Pair) -> Outcome:
    """Every class, by its constructor and from messages."""
    with ThreadPoolExecutor(2) as pool:
        theirs, ours = pool.map(observe, pair)
    found = differential.compare(theirs, ours)
    compared = (
        f"{len(found.classes)} classes, {found.messages} messages, {found.calls} calls; "
        f"{len(found.differences)} differences, {len(listed(OF_CLASSES))} listed"
    )
    return Outcome("classes", compared, [*found.faults, *unlisted(found.differences, OF_CLASSES)])


def observe(environment: Environment) -> list[str]:
    """The lines of the observation in *environment*.

    Raises:
        CannotRun: it fails.
    """
    done = environment.run(HERE / "scripts" / "observe.py", cwd=environment.folder)
    if done.returncode:
        raise CannotRun(f"the classes cannot be observed in the {environment.name} environment:\n{done.stderr}")
    return done.stdout.splitlines()


def imports(pair: Pair) -> Outcome:
    """Every module of flytekit can be imported, with the same warnings."""
    return programs.compare_runs("imports", programs.IMPORTS, pair)


def helps(pair: Pair) -> Outcome:
    """The command line."""
    return programs.compare_runs("help", programs.HELP, pair)


def runs(pair: Pair) -> Outcome:
    """Workflows on this machine."""
    return programs.compare_runs("run", programs.RUNS, pair)


def packages(pair: Pair) -> Outcome:
    """Workflows in their serialized form."""
    return programs.compare_packages("package", programs.WORKFLOWS, programs.MODULES, pair)


def client(pair: Pair) -> Outcome:
    """Clients against a server."""
    return exchange.compare(pair)


def services(pair: Pair) -> Outcome:
    """flytekit's own clients against a server on our servicers."""
    return exchange.compare_servers(pair[0])


def cache(pair: Pair) -> Outcome:
    """The local cache, filled by the one and read by the other."""
    return programs.compare_caches("cache", pair)


def plugins(pair: Pair) -> Outcome:
    """Tasks of plugins in their serialized form."""
    return programs.compare_packages("plugins", programs.PLUGINS, ("plugins",), pair)


PARTS: dict[str, Callable[[Pair], Outcome]] = {
    "classes": classes,
    "imports": imports,
    "help": helps,
    "run": runs,
    "package": packages,
    "plugins": plugins,
    "client": client,
    "services": services,
    "cache": cache,
}
INSTALLATIONS: dict[str, Callable[[Environment], Outcome]] = {"beside": beside.compare, "editable": editable.compare}
"""Parts that install and uninstall, in an environment of their own."""


def main() -> int:
    """Compare, and show what came of it."""
    known = [*PARTS, *INSTALLATIONS]
    parser = argparse.ArgumentParser(prog="make compat", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"what to compare, of {', '.join(known)}; all")
    parser.add_argument(
        "--checkout",
        metavar="PATH",
        help="compare editable installations of copies of this checkout of flytekit (`release`: the released sources)",
    )
    arguments = parser.parse_args()
    chosen = arguments.parts or (list(PARTS) if arguments.checkout else known)
    if not set(chosen) <= {*known}:
        parser.error(f"the parts are {', '.join(known)}")
    progress = Console(stderr=True, highlight=False)
    try:
        progress.print("making the environments")
        if arguments.checkout:
            pair = editable.prepare(arguments.checkout)
        elif set(chosen) & {*PARTS}:
            pair = prepare()
        outcomes = []
        for name in chosen:
            progress.print(f"comparing: {name}")
            started = perf_counter()
            outcome = (
                INSTALLATIONS[name](Environment(name, WORK / name)) if name in INSTALLATIONS else PARTS[name](pair)
            )
            outcomes.append((outcome, perf_counter() - started))
    except CannotRun as error:
        progress.print(str(error), style="red", markup=False)
        return 2
    return show(outcomes)


def show(outcomes: list[tuple[Outcome, float]]) -> int:
    """Print the problems and the table; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    table = Table("part", "compared", "problems", "seconds", title="flytekit 1.16.31, pristine and overlaid")
    for outcome, seconds in outcomes:
        for problem in outcome.problems:
            console.print(f"{outcome.name}: {problem}", markup=False)
        table.add_row(outcome.name, outcome.compared, str(len(outcome.problems)), f"{seconds:.0f}")
    console.print(table)
    return 1 if any(outcome.problems for outcome, _ in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
