"""The built distributions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from builds import ROOT, build


def built(pattern: str) -> Path | None:
    """What was built before and is to be tested, in the folder that FLYTEKIT_MODELS_DIST names."""
    folder = os.environ.get("FLYTEKIT_MODELS_DIST")
    return next(Path(folder).absolute().glob(pattern)) if folder else None


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return built("flytekit_models-*.whl") or build(ROOT, tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this checkout."""
    return built("flytekit_models-*.tar.gz") or build(ROOT, tmp_path_factory.mktemp("sdist"), "--sdist")
