"""flytekit.configuration: what the utilities read from the environment and from configuration files."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import kept_logs
import pytest

from flytekit.configuration import LocalConfig, StatsConfig
from flytekit.configuration.file import ConfigFile, get_config_file
from flytekit.exceptions.user import FlyteAssertion
from flytekit_models.stand_ins.configuration import feature_flags, plugin


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    for name in ["FLYTECTL_CONFIG", "_FLYTECTL_CONFIG_PYFLYTE_OVERRIDE", "FLYTE_PYTHON_PACKAGE_ROOT"]:
        monkeypatch.delenv(name, raising=False)
    for option in ["SECRETS_HOST", "SECRETS_PORT", "SECRETS_DISABLED", "SECRETS_DISABLE_TAGS"]:
        monkeypatch.delenv(f"FLYTE_{option}", raising=False)
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_ENABLED", raising=False)
    monkeypatch.delenv("FLYTE_LOCAL_CACHE_OVERWRITE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    get_config_file.cache_clear()
    yield
    get_config_file.cache_clear()


@pytest.fixture
def messages() -> Iterator[list[str]]:
    with kept_logs.kept(logging.INFO) as found:
        yield found


def test_defaults() -> None:
    assert StatsConfig.auto() == StatsConfig("localhost", 8125, False, False)
    assert LocalConfig.auto() == LocalConfig(cache_enabled=True, cache_overwrite=False)


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_SECRETS_HOST", "metrics")
    monkeypatch.setenv("FLYTE_SECRETS_PORT", "9125")
    monkeypatch.setenv("FLYTE_SECRETS_DISABLED", "yes")
    monkeypatch.setenv("FLYTE_SECRETS_DISABLE_TAGS", "TRUE")
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "off")
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_OVERWRITE", "1")
    assert StatsConfig.auto() == StatsConfig("metrics", 9125, True, True)
    assert LocalConfig.auto() == LocalConfig(cache_enabled=False, cache_overwrite=True)


@pytest.mark.parametrize("word", ["", "0", "false", "False", "no", "OFF"])
def test_words_for_off(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", word)
    assert not LocalConfig.auto().cache_enabled


def test_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    monkeypatch.setenv("FLYTE_SECRETS_PORT", "http")
    assert StatsConfig.auto().port == 8125
    assert ["'http'" in message for message in messages] == [True]


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "[secrets]\nhost = metrics\nport = 7\ndisabled = on\n[local]\ncache_enabled = no\n"
    path = str(_write(tmp_path / "a.config", text))
    assert StatsConfig.auto(path) == StatsConfig("metrics", 7, True, False)
    assert LocalConfig.auto(ConfigFile(path)) == LocalConfig(cache_enabled=False)
    monkeypatch.setenv("FLYTE_LOCAL_CACHE_ENABLED", "true")  # the environment goes first
    assert LocalConfig.auto(path).cache_enabled
    with pytest.raises(FileNotFoundError):
        StatsConfig.auto(str(tmp_path / "missing"))
    with pytest.raises(FlyteAssertion, match="internal"):
        ConfigFile(str(_write(tmp_path / "b.config", "[internal]\n")))
    with pytest.raises(ValueError, match="maybe"):
        LocalConfig.auto(str(_write(tmp_path / "c.config", "[local]\ncache_overwrite = maybe\n")))


def test_yaml_files_say_nothing_about_these_settings(tmp_path: Path) -> None:
    path = str(_write(tmp_path / "config.yaml", "admin:\n  endpoint: dns:///localhost\n"))
    assert StatsConfig.auto(path) == StatsConfig()
    assert LocalConfig.auto(path) == LocalConfig()


def test_where_files_are_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    def found() -> str | None:
        get_config_file.cache_clear()
        file = get_config_file(None)
        return file and file._location

    home = tmp_path / "home" / ".flyte"
    assert found() is None
    for path in [home / "config.yaml", home / "config", tmp_path / "work" / "flytekit.config"]:
        assert found() != str(path)
        _write(path, "[local]\n")
        assert found() == str(path)
    for variable in ["FLYTECTL_CONFIG", "_FLYTECTL_CONFIG_PYFLYTE_OVERRIDE"]:
        path = _write(tmp_path / variable, "[local]\n")
        monkeypatch.setenv(variable, str(path))
        assert found() == str(path)
    assert not messages
    monkeypatch.setenv("_FLYTECTL_CONFIG_PYFLYTE_OVERRIDE", str(tmp_path / "missing"))
    assert found() == str(tmp_path / "work" / "flytekit.config")
    assert len(messages) == 1


def test_feature_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        assert importlib.reload(feature_flags).FeatureFlags.FLYTE_PYTHON_PACKAGE_ROOT == "auto"
        monkeypatch.setenv("FLYTE_PYTHON_PACKAGE_ROOT", "/src")
        assert importlib.reload(feature_flags).FeatureFlags.FLYTE_PYTHON_PACKAGE_ROOT == "/src"
    finally:
        monkeypatch.undo()
        importlib.reload(feature_flags)


class Lenient:
    """A plugin of an organisation that uses no groups."""

    @staticmethod
    def secret_requires_group() -> bool:
        return False


def test_plugins(monkeypatch: pytest.MonkeyPatch, messages: list[str]) -> None:
    registered: list[EntryPoint] = []
    asked: list[str] = []

    def entry_points(group: str) -> list[EntryPoint]:
        asked.append(group)
        return registered

    monkeypatch.setattr(plugin, "entry_points", entry_points)
    monkeypatch.setattr(plugin, "_GLOBAL_CONFIG", {})
    assert plugin.get_plugin().secret_requires_group()
    assert plugin.get_plugin() is plugin.FlytekitPlugin
    assert asked == ["flytekit.configuration.plugin"]

    lenient = EntryPoint("lenient", f"{__name__}:Lenient", asked[0])
    monkeypatch.setattr(EntryPoint, "load", lambda self: Lenient)
    registered.append(lenient)
    plugin._GLOBAL_CONFIG.clear()
    assert not plugin.get_plugin().secret_requires_group()
    assert isinstance(plugin.get_plugin(), plugin.FlytekitPluginProtocol)
    assert "lenient" in messages[0]

    registered.append(EntryPoint("another", "a:B", asked[0]))
    plugin._GLOBAL_CONFIG.clear()
    with pytest.raises(ValueError, match=r"\['another', 'lenient'\]"):
        plugin.get_plugin()
