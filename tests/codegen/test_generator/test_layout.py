"""The layout is black's, whatever it is done in: pieces or the whole, this process or several."""

from __future__ import annotations

import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import black
import pytest

from flytekit_codegen.pipeline.step3_render import layout
from flytekit_codegen.pipeline.step3_render.laid_out import _MODE, NoPython, lay_out_piece, serve
from flytekit_codegen.pipeline.step3_render.process import LayoutProcess
from flytekit_codegen.problems import CannotRun, GenerationError

_ROOT = Path(__file__).parents[3]
_HEAD = '"""A module."""\nfrom __future__ import annotations\nimport os\n'
_FILES = {
    "a.py": (_HEAD, "class A:\n  x = {'a': 1}\n", "class B(A):\n    '''B.'''\n"),
    "b.py": (_HEAD,),
    "c.py": (_HEAD, *(f"class C{number}:\n    x  =  {number}\n" for number in range(20))),
}


@pytest.mark.parametrize("module", ["literals", "filters", "service/admin", "core/execution", "__init__", "task"])
def test_black_says_the_same_of_a_whole_file(module: str) -> None:
    text = (_ROOT / "generated" / "flytekit" / "models" / f"{module}.py").read_text()
    assert black.format_str(text, mode=_MODE) == text


def test_several_processes_give_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = layout.lay_out(_FILES, lambda _: None)
    assert alone["b.py"] == '"""A module."""\n\nfrom __future__ import annotations\nimport os\n'
    monkeypatch.setattr(layout, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(layout, "_processors", lambda: 3)
    steps: list[str] = []
    assert layout.lay_out(_FILES, steps.append) == alone
    assert len(steps) == 25 and steps[-1].startswith("formatting: 25 of 25 classes, ")


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("bad", ["class A\n", "class A:\n    def f(self, x, x): ...\n", "class A:\n    x = '\x00'\n"])
def test_what_does_not_compile_is_told_and_not_kept(monkeypatch: pytest.MonkeyPatch, processes: int, bad: str) -> None:
    if processes > 1:
        monkeypatch.setattr(layout, "_WORTH_A_PROCESS", 1)
        monkeypatch.setattr(layout, "_processors", lambda: processes)
    with pytest.raises(GenerationError) as caught:
        layout.lay_out({**_FILES, "bad.py": (_HEAD, bad)}, lambda _: None)
    (problem,) = caught.value.problems
    assert str(problem.where) == "bad.py" and problem.what.startswith("the generated code is not valid Python: ")


def test_what_a_process_does() -> None:
    answers = io.StringIO()
    serve(io.StringIO('"x  =  1"\n"x  =="\n'), answers)
    good, bad = map(json.loads, answers.getvalue().splitlines())
    assert good == ["x = 1\n", None] and bad[0] is None and "x  ==" in bad[1]


@pytest.mark.parametrize("is_known_to_have_ended", [False, True])
def test_a_process_that_ends(is_known_to_have_ended: bool) -> None:
    with LayoutProcess() as process:
        assert process("x  =  1") == lay_out_piece("x = 1\n")
        with pytest.raises(NoPython):
            process("x ==")
        os.kill(process._process.pid, signal.SIGKILL)
        # What is sent to a process that has ended is left in the pipe's buffer, or else nobody answers it.
        if is_known_to_have_ended:
            process._process.wait()
        with pytest.raises(CannotRun, match="exited with status -9"):
            process("x = 1")
    assert process._process.stdin.closed and process._process.stdout.closed  # type: ignore[union-attr]


def test_no_process_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Kept(LayoutProcess):
        def __init__(self) -> None:
            super().__init__()
            made.append(self._process)

    monkeypatch.setattr(layout, "LayoutProcess", Kept)
    monkeypatch.setattr(layout, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(layout, "_processors", lambda: 2)

    def interrupted(step: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        layout.lay_out(_FILES, interrupted)
    assert len(made) == 2 and all(process.poll() is not None for process in made)
