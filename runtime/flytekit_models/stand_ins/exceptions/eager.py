"""The exception of eager workflows."""

from flytekit_models.stand_ins import take_flytekits_name


class EagerException(Exception):
    """A task or sub-workflow that an eager workflow awaited has failed."""


take_flytekits_name(__name__)
