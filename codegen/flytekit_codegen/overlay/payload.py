"""The files that an overlay consists of: the models, what they stand on, and the utilities."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flytekit_codegen.problems import GenerationError, Problem, Where

MODELS = "flytekit/models"
RUNTIME = "flytekit_models"

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

_KINDS = ("*.py", "py.typed")


def payload(roots: tuple[Path, ...] | None = None) -> dict[str, Path]:
    """Each file of the overlay: its path below the folder that holds ``flytekit``, and where it is taken from.

    Args:
        roots: The folders to look in; those this package was installed or is being developed in if not given.

    Raises:
        GenerationError: a part of it is not there.
    """
    roots = source_roots() if roots is None else roots
    files = {
        **dict(_files_below(_find(MODELS, roots), MODELS)),
        **dict(_files_below(_find(RUNTIME, roots), RUNTIME)),
        **{name: _find(name, roots) for name in (*UTILITIES, *HELPERS)},
    }
    return dict(sorted(files.items()))


def source_roots() -> tuple[Path, ...]:
    """The folders that hold the models and the utilities, of a checkout or of an installation."""
    import flytekit_models

    installed = Path(flytekit_models.__file__).parent.parent
    return (installed.parent / "generated", installed)


def _find(name: str, roots: tuple[Path, ...]) -> Path:
    for root in roots:
        if (root / name).exists():
            return root / name
    cure = "write the models first: `flytekit-models regenerate`" if name == MODELS else "install flytekit-models anew"
    searched = " and ".join(map(str, roots))
    raise GenerationError([Problem(Where(Path(name)), f"is in neither of {searched}", cure)])


def _files_below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for kind in _KINDS:
        for path in folder.rglob(kind):
            yield f"{name}/{path.relative_to(folder).as_posix()}", path
