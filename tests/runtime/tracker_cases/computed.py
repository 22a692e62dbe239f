"""A module that hands out an object which none of its globals holds."""

from flytekit.core.tracker import TrackedInstance

_shelf = [TrackedInstance()]


def __dir__():
    return ["broken", "on_demand", "absent"]


def __getattr__(name):
    if name == "on_demand":
        return _shelf[0]
    raise (OSError if name == "broken" else AttributeError)(name)
