"""How long a session may last yet, and what is to be done about it. Told the time, in seconds.

A session of the wire has an end (`expires_at`, 60 minutes after its beginning). A little before, in
a moment in which nobody speaks and nothing is awaited, it is best replaced by a new one: whoever
waits for the end loses the turn that is under way then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

RENEW_S = 120.0
"""So long before the end a quiet moment is looked for, in a session of 60 minutes."""
WARN_S = 60.0
"""So long before the end it is told that it is near."""
LOOK_S = 0.5
"""How often a quiet moment is looked for."""
SHARE = 8
"""A shorter one warns in the last of so many parts of it, and looks for quiet in the last two."""
LEAST_S = 30.0
"""A session that seems to be shorter, since clocks differ or by choice, is not replaced early."""


class Lifetime:
    """The end of one session; `began` and `expires` are seconds on the same clock."""

    def __init__(self, began: float, expires: float) -> None:
        self.expires = expires
        length = max(0.0, expires - began)
        self.warn_s = min(WARN_S, length / SHARE)
        self.renew_s = min(RENEW_S, 2 * length / SHARE) if length >= LEAST_S else 0.0
        self._warned = False

    def left(self, now: float) -> float:
        """Seconds until the end, 0 when it is over."""
        return max(0.0, self.expires - now)

    def next_in(self, now: float) -> float:
        """Seconds until `step` has something to say."""
        left = self.left(now)
        if left > self.renew_s:
            return left - max(self.renew_s, 0.0 if self._warned else self.warn_s)
        return LOOK_S if left > 0 else float("inf")

    def step(self, now: float) -> tuple[bool, bool]:
        """Whether to warn now (once), and whether a quiet moment is welcome."""
        left = self.left(now)
        warn = left <= self.warn_s and not self._warned
        self._warned = self._warned or warn
        return warn, 0 < left <= self.renew_s


def lifetime_of(session: Mapping[str, Any], now: float) -> Lifetime | None:
    """The lifetime of a session object that began just now; None if it tells no end."""
    expires = session.get("expires_at")
    if not isinstance(expires, int | float) or isinstance(expires, bool) or expires <= now:
        return None
    return Lifetime(now, float(expires))
