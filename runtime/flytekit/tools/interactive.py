"""Whether a person is at the other end."""

from flytekit_models.stand_ins.tools.interactive import ipython_check

__all__ = ["ipython_check"]
