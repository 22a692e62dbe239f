"""What a command shows while it is at work."""

from __future__ import annotations

import io

import pytest

from flytekit_codegen.commands import progress
from flytekit_codegen.commands.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, no_command_takes_long: None) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress, "monotonic", lambda: now[0])
    return now


def test_on_a_terminal_the_last_step_stands_in_one_line(clock: list[float]) -> None:
    stream = Terminal()
    with Progress(stream) as report:
        for number in range(5):
            clock[0] += 0.06
            report(f"step {number}")
    assert stream.getvalue() == "\r\x1b[Kstep 1\r\x1b[Kstep 3\r\x1b[K"


def test_a_step_is_never_longer_than_the_line(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "11")
    stream = Terminal()
    with Progress(stream) as report:
        clock[0] += 1
        report("a step of many words")
    assert stream.getvalue() == "\r\x1b[Ka step of \r\x1b[K"


def test_elsewhere_there_is_a_line_now_and_then(clock: list[float]) -> None:
    stream = io.StringIO()
    with Progress(stream) as report:
        for number in range(50):
            report(f"step {number}")
            clock[0] += 1
    assert stream.getvalue() == "step 10\nstep 20\nstep 30\nstep 40\n"


def test_what_is_done_at_once_says_nothing() -> None:
    stream = io.StringIO()
    with Progress(stream) as report:
        report("reading")
    assert stream.getvalue() == ""
