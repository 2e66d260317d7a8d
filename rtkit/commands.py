"""What the client core asks of whoever holds the socket and the player."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import RtkitError, SessionError
from .formats import AudioFormat


@dataclass(frozen=True, slots=True)
class Play:
    """Play these bytes (in `format`) after what came before of the same item."""

    item_id: str
    response_id: str
    content_index: int
    pcm: bytes
    format: AudioFormat


@dataclass(frozen=True, slots=True)
class PlayDone:
    """No more audio will come for this item."""

    item_id: str


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Silence this item now, and `note` how much of it was played (`playback.flushed`)."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Updated:
    """The `session.update` with this id took effect (None: a change that we did not ask for)."""

    event_id: str | None


@dataclass(frozen=True, slots=True)
class TurnDone:
    """A response ended; `event_id` is that of the `response.create` which asked for it, if one did.

    `status` is the wire's: completed, cancelled, incomplete or failed.
    """

    response_id: str
    event_id: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The server refused the client event with this id."""

    event_id: str
    error: SessionError


@dataclass(frozen=True, slots=True)
class Report:
    """Something went wrong that no client event asked for."""

    error: RtkitError


Command = Play | PlayDone | StopPlayback | Updated | TurnDone | Fail | Report
