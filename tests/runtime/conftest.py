"""Fixtures of several files of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import kept_logs
import pytest

from flytekit_models._cache import files


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the local cache is, which isn't open yet."""
    from flytekit.core import local_cache
    from flytekit.core.local_cache import LocalTaskCache

    for name in ["ENABLED", "OVERWRITE"]:
        monkeypatch.delenv(f"FLYTE_LOCAL_CACHE_{name}", raising=False)
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_LOCATION", str(tmp_path / "cache"))
    monkeypatch.setattr(LocalTaskCache, "_initialized", False)
    for name in ["_enabled", "_overwrite", "_timeout"]:
        monkeypatch.setattr(LocalTaskCache, name, getattr(LocalTaskCache, name))
    yield tmp_path / "cache"
    local_cache._close()


@pytest.fixture
def in_folder_00(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large values are put into the folder 00. At random, one in 256 would be where a test makes something else."""
    token = files.secrets.token_hex
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: "00" + token(size - 1))


@pytest.fixture
def messages() -> Iterator[list[str]]:
    """What flytekit's logger warns of."""
    with kept_logs.kept() as found:
        yield found
