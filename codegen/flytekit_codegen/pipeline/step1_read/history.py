"""Which release brought an element of the schema: from the history beside the IDL, which `sync` writes."""

from __future__ import annotations

import json
from pathlib import Path

from packaging.version import Version

from flytekit_codegen.problems import GenerationError, Problem, Where

_OLDEST_SUPPORTED = Version("1.14.0")


def read_since(history: Path | None) -> dict[str, str]:
    """Element to the version that brought it, where that is newer than the oldest supported one.

    Raises:
        GenerationError: the history cannot be read.
    """
    if history is None or not history.is_file():
        return {}
    try:
        elements = json.loads(history.read_text(encoding="utf-8"))["elements"]
        firsts = {name: next(iter(versions)) for name, versions in elements.items()}
        return {name: first for name, first in firsts.items() if Version(first) > _OLDEST_SUPPORTED}
    except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
        what = f"the history cannot be read: {type(error).__name__}: {error}"
        raise GenerationError([Problem(Where(history), what, "run `flytekit-models sync` to write it again")]) from None
