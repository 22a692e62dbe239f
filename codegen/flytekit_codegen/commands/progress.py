"""What a command shows while it is at work: the step on a terminal, and elsewhere a line now and then."""

from __future__ import annotations

import shutil
from time import monotonic
from types import TracebackType
from typing import TextIO

_SECONDS_BETWEEN_LINES = 10.0
_SECONDS_BETWEEN_STEPS = 0.1
_CLEAR = "\r\x1b[K"


class Progress:
    """A context manager with a function that is told each step. On a terminal, the last step stands in one line."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._between = _SECONDS_BETWEEN_STEPS if self._is_terminal else _SECONDS_BETWEEN_LINES
        self._shown = monotonic()
        self._showing = False

    def __call__(self, step: str) -> None:
        """Show *step*, unless another was shown just before."""
        now = monotonic()
        if now - self._shown < self._between:
            return
        self._shown = now
        self._stream.write(
            f"{_CLEAR}{step[: shutil.get_terminal_size().columns - 1]}" if self._is_terminal else f"{step}\n"
        )
        self._stream.flush()
        self._showing = self._is_terminal

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._showing:
            self._stream.write(_CLEAR)
            self._stream.flush()
