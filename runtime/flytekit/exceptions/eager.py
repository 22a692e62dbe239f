"""The exception of eager workflows."""


class EagerException(Exception):
    """A task or sub-workflow that an eager workflow awaited has failed."""
