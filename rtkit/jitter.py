"""A jitter buffer: packets come unevenly, frames go out evenly, a little later.

No clock here: every call is told `now`, in seconds of any clock that does not go back. What happens
depends on when packets come, and not on how often one looks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from rtkit.errors import AudioError

T = TypeVar("T")

NUMBERS = 1 << 16
"""Sequence numbers begin again after so many packets, as in RTP (RFC 3550)."""
REMEMBERED = 1000  # packets back, by which duplicates are known
AT_ONCE_S = 1e-6  # times that differ by less are the same: sums of seconds are rounded


class JitterBuffer(Generic[T]):
    """Frames in order, one every `frame_ms`, each `delay_ms` after the first packet's pace.

    The first packet to come is due `delay_ms` after it came, and every other one a frame after
    the one before it. What has not come when it is due is a gap. Counted are `received` packets,
    `duplicates` and `late` ones (they came, but after they were due), and `lost`: gaps so far
    whose packet has not come at all.

    >>> buffer = JitterBuffer(delay_ms=40, frame_ms=20)
    >>> buffer.push(0, "a", now=0.0)
    >>> buffer.push(2, "c", now=0.03)
    >>> buffer.advance(now=0.1)
    [(0, 'a'), (1, None), (2, 'c'), (3, None)]
    >>> buffer.lost
    2
    """

    def __init__(self, delay_ms: float, frame_ms: float = 20.0) -> None:
        if not delay_ms >= 0 or not frame_ms > 0:
            raise AudioError(
                "a jitter buffer waits 0 ms or more and its frames last more than 0 ms, "
                f"found delay_ms={delay_ms!r} and frame_ms={frame_ms!r}."
            )
        self.delay_ms, self.frame_ms = delay_ms, frame_ms
        self.received = self.duplicates = self.late = self.lost = 0
        self._waiting: dict[int, T] = {}
        self._played: list[tuple[int, T | None]] = []
        self._seen: set[int] = set()
        self._newest = 0  # the highest number that came
        self._anchor: tuple[int, float] | None = None  # the first packet to come, when it is due
        self._first = 0  # the first frame that was played
        self._next: int | None = None  # the frame that is due next, once playing has begun
        self._last: int | None = None  # of the stream, once it is known

    def due(self, number: int) -> float:
        """When a frame is played, in seconds; known as soon as a packet has come."""
        anchor, at = self._anchor or (0, 0.0)
        return at + (number - anchor) * self.frame_ms / 1000

    @property
    def waiting(self) -> int:
        """Packets that came and are not due yet."""
        return len(self._waiting)

    def push(self, number: int, frame: T, now: float) -> None:
        """A packet has come. Sequence numbers rise by one and may begin again after 65,535."""
        if self._anchor is None:
            self._newest = number
            self._anchor = (number, now + self.delay_ms / 1000)
        number = self._unwrapped(number)
        self._newest = max(self._newest, number)
        self.received += 1
        self._play(lambda due: due < now - AT_ONCE_S)
        if number in self._seen:
            self.duplicates += 1
        elif now > self.due(number) + AT_ONCE_S or (self._next is not None and number < self._next):
            self.late += 1
            self.lost -= self._next is not None and number >= self._first
        else:
            self._waiting[number] = frame
        self._remember(number)

    def advance(self, now: float) -> list[tuple[int, T | None]]:
        """The frames that became due and were not given before: their numbers, None for a gap.

        Gaps follow without end where no packets come: `finish` says that there are no more.
        """
        self._play(lambda due: due <= now)
        played, self._played = self._played, []
        return played

    def finish(self, last: int) -> None:
        """Packet `last` is the last of the stream: no frames after it."""
        self._last = self._unwrapped(last)

    def _play(self, is_due: Callable[[float], bool]) -> None:
        if self._next is None:
            if not self._waiting or not is_due(self.due(min(self._waiting))):
                return
            self._next = self._first = min(self._waiting)
        while is_due(self.due(self._next)) and (self._last is None or self._next <= self._last):
            self.lost += self._next not in self._waiting
            self._played.append((self._next, self._waiting.pop(self._next, None)))
            self._next += 1

    def _unwrapped(self, number: int) -> int:
        """The number in a count that does not begin again, nearest to the newest one."""
        half = NUMBERS // 2
        return self._newest + (number - self._newest + half) % NUMBERS - half

    def _remember(self, number: int) -> None:
        self._seen.add(number)
        if len(self._seen) > 2 * REMEMBERED:
            self._seen = {seen for seen in self._seen if seen > self._newest - REMEMBERED}
