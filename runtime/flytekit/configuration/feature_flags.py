"""Switches for the behaviour of the library, read from the environment when this module is imported."""

from flytekit_models.stand_ins.configuration.feature_flags import FeatureFlags

__all__ = ["FeatureFlags"]
