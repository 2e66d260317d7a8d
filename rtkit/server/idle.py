"""Idle timeout: how long nobody has spoken since the last answer was played to its end.

Playback is reckoned to end as long after `response.done` as the answer's sound lasts, which is
what the hosted service documents: a server cannot know what was really played. A cancelled or
truncated answer ends at once. Whoever speaks, and every new answer, stops the count. A session
that does not create responses by itself (`create_response` false) has no idle timeout here; that
is our reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Idle:
    """Counts on the clock of `now` (seconds), told by its caller. Positions are ms of input."""

    def __init__(self) -> None:
        self._timeout_s: float | None = None
        self._quiet_from: float | None = None  # when playback ends
        self._since_ms: int | None = None  # the input's position then

    @property
    def next_wakeup(self) -> float | None:
        """When `wake` wants to be called; None for never."""
        if self._timeout_s is None or self._quiet_from is None:
            return None
        waited_for = 0.0 if self._since_ms is None else self._timeout_s
        return self._quiet_from + waited_for

    def configure(self, turn_detection: Mapping[str, Any] | None, now: float) -> None:
        """Follow the session's settings; another timeout counts from `now` on."""
        settings = turn_detection or {}
        ms = settings.get("idle_timeout_ms") if settings.get("create_response", True) else None
        timeout_s = None if ms is None else ms / 1000
        if timeout_s != self._timeout_s:
            self._timeout_s = timeout_s
            if self._quiet_from is not None and self._quiet_from < now:
                self.start(now)

    def start(self, playback_ends: float) -> None:
        """An answer is complete and will have been played at that time."""
        self._quiet_from, self._since_ms = playback_ends, None

    def cut(self, now: float) -> None:
        """The client says that it stopped playing."""
        if self._quiet_from is not None and now < self._quiet_from:
            self.start(now)

    def stop(self) -> None:
        """Somebody speaks, or is answered."""
        self._quiet_from = self._since_ms = None

    def wake(self, now: float, position_ms: float) -> int | None:
        """Where the silence began (ms of input) when it has lasted long enough, else None."""
        if self._timeout_s is None or self._quiet_from is None or now < self._quiet_from:
            return None
        if self._since_ms is None:
            late_ms = (now - self._quiet_from) * 1000
            self._since_ms = max(round(position_ms - late_ms), 0)
        if now < self._quiet_from + self._timeout_s:
            return None
        since_ms = self._since_ms
        self.stop()
        return since_ms
