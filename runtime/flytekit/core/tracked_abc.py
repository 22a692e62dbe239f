"""A metaclass for abstract classes whose instances know where they were created."""

from __future__ import annotations

from abc import ABCMeta

from flytekit.core.tracker import InstanceTrackingMeta


class FlyteTrackedABC(InstanceTrackingMeta, ABCMeta):
    """Combine the metaclasses of ``TrackedInstance`` and ``ABC``.

    Python refuses a class with both as bases unless its metaclass derives from the metaclass of each::

        class Resolver(TrackedInstance, ABC, metaclass=FlyteTrackedABC): ...
    """
