"""The files that an overlay consists of: the models, what they stand on, and the utilities.

What the models stand on goes below ``flytekit/`` too. An editable installation may know no package but ``flytekit``, so
nothing beside it could be imported; and a ``flytekit_models`` that is installed in the same environment, in whatever
version, has nothing to do with the overlay and can be uninstalled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import flytekit_models
from flytekit_codegen.problems import GenerationError, Problem, Where

MODELS = "flytekit/models"
RUNTIME = "flytekit/_flytekit_models"
"""Where ``flytekit_models`` is in an overlaid tree."""

UTILITIES = (
    "flytekit/core/hash.py",
    "flytekit/core/local_cache.py",
    "flytekit/core/local_fsspec.py",
    "flytekit/core/mock_stats.py",
    "flytekit/core/tracked_abc.py",
    "flytekit/core/tracker.py",
    "flytekit/interfaces/stats/client.py",
    "flytekit/interfaces/stats/taggable.py",
    "flytekit/lazy_import/lazy_module.py",
    "flytekit/utils/asyn.py",
    "flytekit/utils/rate_limiter.py",
)
"""The utilities of the specification; each takes the place of flytekit's file of the same name."""

HELPERS = ("flytekit/core/module_names.py",)
"""Modules that the utilities import and flytekit has no file of."""

_SOURCE = "flytekit_models"
_KINDS = ("*.py", "py.typed")
_STANDALONE = ("stand_ins", "without_flytekit")
"""Parts of ``flytekit_models`` that only serve where there is no flytekit."""
_MENTION = re.compile(rb"\b" + _SOURCE.encode() + rb"\b")


def payload(roots: tuple[Path, ...] | None = None) -> dict[str, bytes]:
    """Each file of the overlay: its path below the folder that holds ``flytekit``, and its contents.

    Args:
        roots: The folders to look in; those this package was installed or is being developed in if not given.

    Raises:
        GenerationError: a part of it is not there.
    """
    roots = source_roots() if roots is None else roots
    files = {
        **dict(_files_below(_find(MODELS, roots), MODELS)),
        **dict(_files_below(_find(_SOURCE, roots), RUNTIME, _STANDALONE)),
        **{name: _find(name, roots) for name in (*UTILITIES, *HELPERS)},
    }
    return {name: _moved(path.read_bytes()) for name, path in sorted(files.items())}


def source_roots() -> tuple[Path, ...]:
    """The folders that hold the models and the utilities, of a checkout or of an installation."""
    package = Path(flytekit_models.__file__).parent
    return (package / "without_flytekit", package.parent.parent / "generated", package.parent)


def _moved(text: bytes) -> bytes:
    """The contents of a file of the overlay: all that says ``flytekit_models`` means the one in the overlaid tree."""
    return _MENTION.sub(RUNTIME.replace("/", ".").encode(), text)


def _find(name: str, roots: tuple[Path, ...]) -> Path:
    for root in roots:
        if (root / name).exists():
            return root / name
    cure = "run `flytekit-models regenerate` first" if name == MODELS else "reinstall flytekit-models"
    searched = ", ".join(map(str, roots))
    raise GenerationError([Problem(Where(Path(name)), f"was not found in {searched}", cure)])


def _files_below(folder: Path, name: str, without: tuple[str, ...] = ()) -> Iterator[tuple[str, Path]]:
    for kind in _KINDS:
        for path in folder.rglob(kind):
            below = path.relative_to(folder)
            if below.parts[0] not in without:
                yield f"{name}/{below.as_posix()}", path
