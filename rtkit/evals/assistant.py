"""What a caller hears of the assistant, learnt from the moments of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtkit import events
from rtkit.moments import Moment

OVER = ("playback.finished", "playback.flushed")


@dataclass(slots=True)
class Assistant:
    """Whether the assistant speaks, is about to, or is done; fed with every moment.

    `answered` tells whether a response has begun since `listen`, and `sounding_since` when the
    first sound of one was heard (seconds on the timeline).
    """

    answered: bool = False
    sounding_since: float | None = None
    _active: set[str] = field(default_factory=set)  # responses under way
    _playing: set[str] = field(default_factory=set)  # items that are heard
    _promised: int = 0  # creates that were sent and have no response yet
    _tools: int = 0  # that run

    @property
    def sounding(self) -> bool:
        """Whether the assistant is heard."""
        return bool(self._playing)

    @property
    def busy(self) -> bool:
        """Whether something of an answer is heard, made, or promised."""
        return bool(self._playing or self._active or self._promised > 0 or self._tools > 0)

    def listen(self) -> None:
        """From now on an answer to something new is waited for."""
        self.answered, self.sounding_since = False, None

    def take(self, moment: Moment) -> None:
        """Learn from one moment."""
        handler = HEARD.get(moment.type)
        if handler:
            handler(self, moment, moment.event)

    def _asked(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._promised += 1

    def _created(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._promised = max(0, self._promised - 1)
        self._active.add(event["response"]["id"])
        self.answered = True

    def _refused(self, moment: Moment, event: Mapping[str, Any]) -> None:
        """It may have been a create; one that still waits is sent, and counted, again."""
        self._promised = max(0, self._promised - 1)

    def _done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._active.discard(event["response"]["id"])

    def _called(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._tools += 1

    def _returned(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._tools -= 1

    def _started(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._playing.add(event["item_id"])
        if self.sounding_since is None:
            self.sounding_since = moment.t

    def _over(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._playing.discard(event["item_id"])


HEARD: Mapping[str, Callable[[Assistant, Moment, Mapping[str, Any]], None]] = {
    events.RESPONSE_CREATE: Assistant._asked,
    events.RESPONSE_CREATED: Assistant._created,
    events.RESPONSE_DONE: Assistant._done,
    "error": Assistant._refused,
    "tool.called": Assistant._called,
    "tool.returned": Assistant._returned,
    "tool.failed": Assistant._returned,
    "playback.started": Assistant._started,
    **dict.fromkeys(OVER, Assistant._over),
}
