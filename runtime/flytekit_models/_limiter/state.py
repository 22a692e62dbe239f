"""What a limiter has granted, who is in line, and when whose turn is."""

from __future__ import annotations

from bisect import bisect_right
from math import inf

from flytekit_models._limiter.line import Line
from flytekit_models._limiter.waiter import Waiter


class State:
    """A value: it never changes, but for being followed by another, once.

    Args:
        grants: When the latest grants were made, in order; on the monotonic clock in seconds.
        line: Those who wait.
        departures: How many have left the line without a grant.
    """

    __slots__ = ("_next", "departures", "grants", "line")

    def __init__(self, grants: tuple[float, ...], line: Line[Waiter], departures: int = 0) -> None:
        self.grants = grants
        self.line = line
        self.departures = departures
        self._next: dict[None, State] = {}

    def latest(self) -> State:
        """The last of those that follow."""
        state = self
        while True:
            following = state._next.get(None)
            if following is None:
                return state
            state = following

    def is_followed_by(self, following: State) -> bool:
        """Have it followed by that one; False if it is followed by another already."""
        return self._next.setdefault(None, following) is following

    def granted(self, now: float, rpm: int, number: int | None = None) -> State:
        """What follows from a grant, to the one of that number if it was in line."""
        line = self.line if number is None else self.line.without(number)
        return State((*self.grants, now)[-rpm:], line, self.departures)

    def joined_by(self, waiter: Waiter) -> State:
        """What follows from one more in line."""
        return State(self.grants, self.line.joined_by(waiter), self.departures)

    def without(self, number: int) -> State:
        """What follows from one who leaves the line."""
        return State(self.grants, self.line.without(number), self.departures + 1)

    def turn(self, place: int, rpm: int, delay: float) -> float:
        """When the turn comes of who is at that place in line; on the monotonic clock in seconds.

        It follows from the grants that were made, and supposes that those ahead take their turns: one whose event loop
        is blocked holds nobody up for longer than its own turn.
        """
        grants = self.grants
        last = grants[-1] if grants else -inf
        rounds, slot = divmod(place, rpm)
        # The next grants can be made as each of the latest is a delay old; as many as are missing, at once.
        used = slot + len(grants) - rpm
        turn = last if used < 0 else max(grants[used] + delay, last)
        return turn + rounds * delay if rounds else turn

    def seconds_left(self, place: int, now: float, rpm: int, delay: float) -> float:
        """Until the turn of who is at that place; 0 if it has come."""
        left = self.turn(place, rpm, delay) - now
        if left <= 0 and len(self.grants) >= rpm:
            # Rounding must not make a window shorter than it is.
            left = delay - (now - self.grants[-rpm])
        return max(left, 0)

    def due(self, now: float, rpm: int, delay: float) -> int:
        """How many turns have come."""
        return bisect_right(range(len(self.line)), now, key=lambda place: self.turn(place, rpm, delay))
