"""The root of flytekit's exceptions: each class carries an error code that a backend can act on."""

from flytekit_models.stand_ins.exceptions.base import FlyteException, FlyteRecoverableException

__all__ = ["FlyteException", "FlyteRecoverableException"]
