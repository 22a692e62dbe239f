"""The exception of eager workflows."""

from flytekit_models.stand_ins.exceptions.eager import EagerException

__all__ = ["EagerException"]
