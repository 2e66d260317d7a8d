"""Where a replay stands among the moments of a timeline, and which are due.

No clock here: every call is told `now`, in seconds of any clock. Moments come in the order in which
they were recorded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from .moments import Moment


class Playhead:
    """Goes along moments at a speed: 2.0 is twice as fast as it was, None all at once."""

    def __init__(self, moments: Sequence[Moment], speed: float | None = 1.0) -> None:
        self._moments = moments
        self._next = 0
        self._begun = False
        self._from, self._since = 0.0, None  # type: tuple[float, float | None]
        self._speed = _checked(speed)

    @property
    def speed(self) -> float | None:
        return None if self._speed == math.inf else self._speed

    @property
    def running(self) -> bool:
        return self._since is not None

    @property
    def done(self) -> bool:
        """Whether every moment was handed out."""
        return self._next >= len(self._moments)

    def position(self, now: float) -> float:
        """How far it has come, in seconds of the timeline."""
        if self._since is None or now <= self._since:
            return self._from
        return self._from + (now - self._since) * self._speed

    def start(self, now: float) -> None:
        """Go on from where it stands."""
        self._begun = True
        if self._since is None:
            self._since = now

    def pause(self, now: float) -> None:
        """Stand still."""
        self._from, self._since = self.position(now), None

    def set_speed(self, speed: float | None, now: float) -> None:
        """Go on at another speed."""
        speed = _checked(speed)
        self._from = self.position(now)
        self._since = None if self._since is None else now
        self._speed = speed

    def seek(self, t: float, now: float) -> None:
        """Be at this second of the timeline; ValueError for one that has passed."""
        if t < self.position(now):
            raise ValueError(
                f"a timeline only grows: the replay is at {self.position(now):.1f} s and cannot go "
                f"back to {t:.1f} s. Make a new Replay, and seek there."
            )
        self._from, self._begun = t, True
        self._since = None if self._since is None else now

    def due(self, now: float, most: int | None = None) -> list[Moment]:
        """The moments up to where it stands, once each; at most so many at a time."""
        position, first = self.position(now) if self._begun else -math.inf, self._next
        last = len(self._moments) if most is None else min(first + most, len(self._moments))
        if self._speed == math.inf and self.running and now >= (self._since or 0.0):
            position = math.inf
        while self._next < last and self._moments[self._next].t <= position:
            self._next += 1
        return list(self._moments[first : self._next])

    def next_wakeup(self) -> float | None:
        """When the next moment is due, on the clock that it is told; None if none will be."""
        if self._since is None or self.done:
            return None
        ahead = self._moments[self._next].t - self._from
        return self._since + max(0.0, ahead) / self._speed


def _checked(speed: float | None) -> float:
    if speed is not None and not 0 < speed < math.inf:
        raise ValueError(f"a speed is a number above 0, or None for all at once; found {speed!r}.")
    return math.inf if speed is None else float(speed)
