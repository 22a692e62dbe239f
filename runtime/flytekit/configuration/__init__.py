"""The settings that the utilities read: where statistics go, and how the local cache behaves."""

from flytekit_models.stand_ins.configuration import LocalConfig, StatsConfig

__all__ = ["LocalConfig", "StatsConfig"]
