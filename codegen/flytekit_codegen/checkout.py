"""Where the generator's own files are, and whether they are those of the checkout that a run writes into."""

from __future__ import annotations

from pathlib import Path

import flytekit_models
from flytekit_codegen.problems import CannotRun

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """A folder that stands at the top of a checkout, and inside this package where it is installed."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name


def require_own_generator(output: Path) -> None:
    """Refuse to judge a checkout of the generator by the files of another one.

    What belongs into a checkout is what its own templates, contract and behaviours make. An installed release, or an
    editable installation of another checkout, has others, by which a change of these would go unnoticed.

    Raises:
        CannotRun: *output* is in a checkout that has a generator of its own, and another one runs.
    """
    top = _checkout_around(output.resolve())
    if top is None:
        return
    running = {"generator": _PACKAGE, "runtime": Path(flytekit_models.__file__).resolve().parent}
    own = {"generator": top / "codegen" / _PACKAGE.name, "runtime": top / "runtime" / "flytekit_models"}
    for part, folder in own.items():
        if running[part] != folder:
            raise CannotRun(
                f"{output} is in a checkout that has its own {part}, but the {part} in {running[part]} is running, "
                f"with other templates, contract files and behaviours. Run `pip install -e '{top}[codegen]'` and try "
                "again."
            )


def _checkout_around(folder: Path) -> Path | None:
    parts = ("codegen/flytekit_codegen", "runtime/flytekit_models", "templates")
    tops = (folder, *folder.parents)
    return next((top for top in tops if all((top / part).is_dir() for part in parts)), None)
