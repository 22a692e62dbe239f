"""One piece of generated Python, laid out; and, run as a script, a process that does so for each that it is sent."""

from __future__ import annotations

import json
import signal
import sys
from typing import TextIO

import black
from black.mode import TargetVersion
from black.parsing import InvalidInput

_MODE = black.Mode(line_length=120, target_versions={TargetVersion.PY310}, magic_trailing_comma=False)


class NoPython(Exception):
    """What was generated is no Python."""


def lay_out_piece(text: str) -> str:
    """*text* as black lays it out.

    Raises:
        NoPython: Python cannot compile it.
    """
    try:
        laid_out = black.format_str(text, mode=_MODE)
        # black takes what the compiler refuses, such as two parameters of one name.
        compile(laid_out, "<generated>", "exec", dont_inherit=True)
    except (InvalidInput, SyntaxError, ValueError) as error:
        raise NoPython(str(error)) from None
    return laid_out


def serve(requests: TextIO, answers: TextIO) -> None:
    """Lay out what each line of *requests* holds, a JSON text, until they end; the answer is the text, or why not."""
    for line in requests:
        try:
            answer = [lay_out_piece(json.loads(line)), None]
        except NoPython as error:
            answer = [None, str(error)]
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    # The process that sends the work is interrupted too, and then this one's requests end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin, sys.stdout)
