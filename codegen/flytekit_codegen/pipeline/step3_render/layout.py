"""Lays out what was rendered, as black does: piece by piece, in several processes where there is much of it.

A piece is a class, or what is before the first one. So memory is bounded by the largest class, not by the largest file,
and black says of the whole what it says of its pieces.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue

from flytekit_codegen.pipeline.step3_render.laid_out import NoPython, lay_out_piece
from flytekit_codegen.pipeline.step3_render.process import LayoutProcess
from flytekit_codegen.problems import GenerationError, Problem, Where

_WORTH_A_PROCESS = 200_000
"""How many characters take black well over the time in which a process starts."""

_BETWEEN = "\n\n\n"

LayOut = Callable[[str], str]


def layout_version() -> str:
    """What the layout depends on."""
    return f"black {version('black')}"


def lay_out(files: Mapping[str, Sequence[str]], report: Callable[[str], None]) -> dict[str, str]:
    """Each of the *files*, given in pieces, as one laid-out text.

    Raises:
        GenerationError: one is no Python.
    """
    pieces = [(name, index, piece) for name, parts in files.items() for index, piece in enumerate(parts)]
    # The longest first, so that no process is left with a long one at the end.
    pieces.sort(key=lambda each: -len(each[2]))
    done: dict[tuple[str, int], str] = {}
    problems: list[Problem] = []
    with ExitStack() as stack:
        workers = _workers(sum(len(piece) for _, _, piece in pieces), stack)
        pool = stack.enter_context(ThreadPoolExecutor(workers.qsize()))
        waiting = {pool.submit(_with, workers, piece): (name, index) for name, index, piece in pieces}
        stack.callback(_cancel, waiting)
        for future in as_completed(waiting):
            name, index = waiting[future]
            try:
                done[name, index] = future.result()
            except NoPython as error:
                problems.append(_no_python(name, error))
            report(f"formatting: {len(done)} of {len(pieces)} classes, {name}")
    if problems:
        raise GenerationError(sorted(set(problems), key=lambda problem: problem.where))
    return {name: _joined([done[name, index] for index in range(len(parts))]) for name, parts in files.items()}


def _with(workers: SimpleQueue[LayOut], piece: str) -> str:
    worker = workers.get()
    try:
        return worker(piece)
    finally:
        workers.put(worker)


def _cancel(waiting: Mapping[Future[str], object]) -> None:
    for future in waiting:
        future.cancel()


def _workers(size: int, stack: ExitStack) -> SimpleQueue[LayOut]:
    """What lays out: processes, or where they are not worth it, this one."""
    workers: SimpleQueue[LayOut] = SimpleQueue()
    count = min(_processors(), size // _WORTH_A_PROCESS)
    if count < 2:
        workers.put(lay_out_piece)
    else:
        for _ in range(count):
            workers.put(stack.enter_context(LayoutProcess()))
    return workers


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _joined(texts: Sequence[str]) -> str:
    return _BETWEEN.join(text.strip("\n") for text in texts if text.strip("\n")) + "\n"


def _no_python(name: str, error: NoPython) -> Problem:
    what = f"the generated code is not valid Python: {error}"
    cure = "fix the Python in the contract of this module (defaults, constants, types) or the templates"
    return Problem(Where(Path(name)), what, cure)
