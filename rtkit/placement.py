"""When the sound that was sent was spoken: from milliseconds of input to seconds on the timeline.

The server counts milliseconds in all audio appended in the session. A frame is sent when its last
sample has been heard, so a sample was spoken that much before the frame was sent as it lies before
the end of the frame.
"""

from __future__ import annotations

from bisect import bisect_left

from .moments import Span

REAL_TIME_SHARE = 0.5
"""Sound that was sent in less than this share of its length was not sent as it was spoken."""


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
        """When the frame with this position was sent; None if no sound was sent."""
        if not self.ends_ms:
            return None
        return self.times[min(bisect_left(self.ends_ms, ms - 1e-6), len(self.times) - 1)]

    def spoken(self, ms: float) -> float | None:
        """When the sound at this position was spoken; None if no sound was sent."""
        if not self.ends_ms:
            return None
        at = min(bisect_left(self.ends_ms, ms - 1e-6), len(self.times) - 1)
        return self.times[at] - max(0.0, self.ends_ms[at] - ms) / 1000

    def between(self, from_ms: float, to_ms: float) -> list[Span]:
        """Where the frames lie that hold the sound between two positions."""
        first = bisect_left(self.ends_ms, from_ms + 1e-6)
        last = bisect_left(self.ends_ms, to_ms - 1e-6)
        return self.spans[first : last + 1]

    def in_real_time(self, from_ms: float, to_ms: float) -> bool:
        """Whether the sound between two positions was sent about as fast as it was spoken."""
        first, last = self.sent(from_ms), self.sent(to_ms)
        if first is None or last is None:
            return False
        return (last - first) * 1000 >= REAL_TIME_SHARE * (to_ms - from_ms)
