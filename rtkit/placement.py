"""When the sound that was sent was spoken: from milliseconds of input to seconds on the timeline.

The server counts milliseconds in all audio appended in the session. A frame is sent when its last
sample has been heard, so a sample was spoken that much before the frame was sent as it lies before
the end of the frame.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from .moments import Span

REAL_TIME_SHARE = 0.5
"""Sound that was sent in less than this share of its length was not sent as it was spoken."""

PAUSE_S = 0.25
"""Frames that come later than they should by this much come after a pause in sending."""


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans of which each that follows the one before is joined with it."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last.track == span.track and last.first + last.count == span.first:
            joined[-1] = Span(last.track, last.first, last.count + span.count)
        else:
            joined.append(span)
    return joined


class InputClock:
    """Maps positions in the input (ms) to instants (s); grows with each appended frame."""

    def __init__(self) -> None:
        self.ends_ms: list[float] = []
        self.times: list[float] = []
        self.spans: list[Span] = []

    def add(self, t: float, duration_ms: float, span: Span) -> None:
        """A frame of that length was sent at `t`."""
        self.spans.append(span)
        self.ends_ms.append(self.length_ms + duration_ms)
        self.times.append(t)

    @property
    def length_ms(self) -> float:
        return self.ends_ms[-1] if self.ends_ms else 0.0

    def sent(self, ms: float) -> float | None:
        """When the frame was sent that ends at or after this position; None without sound."""
        at = self._frame_before(ms)
        return None if at is None else self.times[at]

    def ended(self, ms: float) -> float | None:
        """When the sound up to this position had been spoken; None if no sound was sent."""
        at = self._frame_before(ms)
        return None if at is None else self._instant(at, ms)

    def begun(self, ms: float) -> float | None:
        """When the sound after this position began to be spoken; None if no sound was sent.

        It differs from `ended` where nothing was sent for a while.
        """
        at = self._frame_after(ms)
        return None if at is None else self._instant(at, ms)

    def _frame_before(self, ms: float) -> int | None:
        at = bisect_left(self.ends_ms, ms - 1e-6)
        return min(at, len(self.times) - 1) if self.times else None

    def _frame_after(self, ms: float) -> int | None:
        at = bisect_left(self.ends_ms, ms + 1e-6)
        return min(at, len(self.times) - 1) if self.times else None

    def _instant(self, frame: int, ms: float) -> float:
        return self.times[frame] - max(0.0, self.ends_ms[frame] - ms) / 1000

    def resumed(self, ms: float, padding_ms: float) -> float:
        """This position, or that after the last pause in sending in the padding behind it (ms).

        The padding that a server puts before speech may lie before such a pause. A pause that comes
        later lies in the speech: a machine that was busy, or a connection that broke.
        """
        first, last = self._frame_after(ms), self._frame_after(ms + padding_ms)
        for at in range(last or 0, first or 0, -1):
            length = (self.ends_ms[at] - self.ends_ms[at - 1]) / 1000
            if self.times[at] - self.times[at - 1] > length + PAUSE_S:
                return self.ends_ms[at - 1]
        return ms

    def between(self, from_ms: float, to_ms: float) -> list[Span]:
        """Where the frames lie that hold the sound between two positions."""
        first = bisect_left(self.ends_ms, from_ms + 1e-6)
        last = bisect_left(self.ends_ms, to_ms - 1e-6)
        return self.spans[first : last + 1]

    def unbroken(
        self, from_ms: float, to_ms: float, pause_s: float
    ) -> Iterator[tuple[float, float]]:
        """The sound between two positions in pieces (ms) that were sent without such a pause."""
        first, last = self._frame_after(from_ms), self._frame_before(to_ms)
        if first is None or last is None or to_ms <= from_ms:
            return
        begin = from_ms
        for at in range(first, last):
            length = (self.ends_ms[at + 1] - self.ends_ms[at]) / 1000
            if self.times[at + 1] - self.times[at] > length + pause_s:
                yield begin, self.ends_ms[at]
                begin = self.ends_ms[at]
        yield begin, to_ms

    def length_at(self, t: float) -> float:
        """How much had been sent at an instant (ms)."""
        at = bisect_right(self.times, t)
        return self.ends_ms[at - 1] if at else 0.0

    def start_of(self, span: Span) -> float:
        """Where sound begins that begins with a frame (ms); the end of all if it is not here."""
        for at in range(len(self.spans) - 1, -1, -1):
            if (self.spans[at].track, self.spans[at].first) == (span.track, span.first):
                return self.ends_ms[at - 1] if at else 0.0
        return self.length_ms

    def inside(self, from_ms: float) -> float:
        """How far into its frame the sound after a position begins (ms)."""
        first = bisect_left(self.ends_ms, from_ms + 1e-6)
        return max(0.0, from_ms - (self.ends_ms[first - 1] if first else 0.0))

    def in_real_time(self, from_ms: float, to_ms: float) -> bool:
        """Whether the sound between two positions was sent about as fast as it was spoken."""
        first, last = self._frame_after(from_ms), self._frame_before(to_ms)
        if first is None or last is None:
            return False
        seconds = self.times[last] - self.times[first]
        return seconds * 1000 >= REAL_TIME_SHARE * (self.ends_ms[last] - self.ends_ms[first])
