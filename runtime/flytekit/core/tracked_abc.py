"""A metaclass for abstract classes whose instances know where they were made."""

from __future__ import annotations

from abc import ABCMeta

from flytekit.core.tracker import InstanceTrackingMeta


class FlyteTrackedABC(InstanceTrackingMeta, ABCMeta):
    """Joins the metaclass of ``TrackedInstance`` with that of ``ABC``.

    Python refuses a class with both as bases unless its metaclass derives from the metaclass of each::

        class Resolver(TrackedInstance, ABC, metaclass=FlyteTrackedABC): ...
    """
