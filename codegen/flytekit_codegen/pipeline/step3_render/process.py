"""A process that lays out Python. It is a script of its own: it takes nothing over from this one, nor its threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import TracebackType

from flytekit_codegen.pipeline.step3_render import laid_out
from flytekit_codegen.pipeline.step3_render.laid_out import NoPython
from flytekit_codegen.problems import CannotRun


class LayoutProcess:
    """A context manager with a process, and a function: a piece of Python in, as it is laid out back."""

    def __init__(self) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            [sys.executable, "-m", laid_out.__name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="ascii",
            env={**os.environ, "PYTHONPATH": path},
        )

    def __call__(self, text: str) -> str:
        """Lay out *text*.

        Raises:
            NoPython: Python cannot compile it.
            CannotRun: the process has ended.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            print(json.dumps(text), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        except OSError:
            answer = ""
        if not answer:
            raise CannotRun(f"A process that formats the models exited with status {self._process.wait()}.")
        laid, why = json.loads(answer)
        if laid is None:
            raise NoPython(why)
        return str(laid)

    def __enter__(self) -> LayoutProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # What it is at when the work is broken off needs not be finished.
        if kind is not None:
            self._process.kill()
        # Closes the pipes too, whether or not there is still somebody to take what was not flushed.
        self._process.communicate()
