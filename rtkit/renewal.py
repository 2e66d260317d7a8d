"""The end of a session that is known beforehand: counted down, told, and best forestalled.

In a moment in which nobody speaks and nothing is awaited the session is renewed, shortly before the
server would end it in whatever is going on then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import events
from .dialects import turn_detection
from .lifetime import Lifetime, lifetime_of
from .moments import Moment

if TYPE_CHECKING:
    from .link import Link

SPEAKING = {
    events.SPEECH_STARTED: True,
    "turn.started": True,
    events.SPEECH_STOPPED: False,
    "turn.ended": False,
    events.COMMITTED: False,
    "input_audio_buffer.cleared": False,
}
"""Type of a moment -> whether somebody speaks from then on."""
BUFFERED = {events.APPEND: True, events.COMMIT: False, events.CLEAR: False}
"""Type of a client event -> whether sound waits for a commit from then on."""


class Countdown:
    """Watches the end of one link's session; `renew` is called when a quiet moment has come."""

    def __init__(self, link: Link, renew: Callable[[], None]) -> None:
        self._link, self._renew = link, renew
        self._lifetime: Lifetime | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._speaking = self._buffered = False

    @property
    def expires_in(self) -> float | None:
        """Seconds until the server ends the session; None if it told no end."""
        return self._lifetime.left(time.time()) if self._lifetime else None

    def begin(self) -> None:
        """A session begins, and with it another count."""
        self.close()
        self._lifetime = lifetime_of(self._link.protocol.coming, time.time())
        self.go_on()

    def go_on(self) -> None:
        """Look again in a while."""
        seconds = self._lifetime.next_in(time.time()) if self._lifetime else float("inf")
        if seconds < float("inf"):
            self._timer = self._link.loop.call_later(max(seconds, 0.01), self._look)

    def close(self) -> None:
        """Count no more."""
        if self._timer:
            self._timer.cancel()

    def take(self, moment: Moment) -> None:
        """Learn from one moment who speaks."""
        self._speaking = SPEAKING.get(moment.type, self._speaking)
        if moment.type == events.SESSION_CREATED:
            self.begin()
        if moment.source == "client":
            self._buffered = BUFFERED.get(moment.type, self._buffered)

    def _look(self) -> None:
        if self._lifetime is None or self._link.ended is not None:
            return
        warn, renew = self._lifetime.step(time.time())
        if warn:
            left = round(self.expires_in or 0.0, 1)
            self._link.note({"type": "session.expiring", "expires_in": left})
        self.go_on()
        if renew and self._is_quiet():
            self._renew()

    def _is_quiet(self) -> bool:
        """Whether nobody speaks, and nothing is awaited."""
        protocol = self._link.protocol
        sounding = any(not (i.over or i.stopped) for i in protocol.speaking.items.values())
        by_hand = turn_detection(protocol.session) is None
        busy = self._speaking or sounding or self._link.toolbox.busy
        return protocol.floor.free and not busy and not (by_hand and self._buffered)
