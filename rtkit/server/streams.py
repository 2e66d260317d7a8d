"""Which server events may come twice, or in another order, without the protocol being broken.

A WebSocket keeps the order in which a server sends. What a server may choose is how it weaves
independent streams: the order inside one stream is promised, the order between two is not. The
tables say which these are and why; faults repeat and reorder nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rtkit import events

RATE_LIMITS = "rate_limits.updated"
TRANSCRIPTION = (
    events.TRANSCRIPTION_DELTA,
    events.TRANSCRIPTION_COMPLETED,
    events.TRANSCRIPTION_FAILED,
)
SOUND = (events.AUDIO_DELTA, events.AUDIO_DONE)
WORDS = (events.TRANSCRIPT_DELTA, events.TRANSCRIPT_DONE)

_RECOGNISER = "the recogniser runs beside the response: it may be faster or slower than the answer"
_WEAVE = "sound and words of one part are two streams, and so are two responses at a time"
REORDERABLE: Mapping[str, str] = {
    **dict.fromkeys(TRANSCRIPTION, _RECOGNISER),
    **dict.fromkeys(SOUND + WORDS, _WEAVE),
    RATE_LIMITS: "the service sends it after a response, its documentation says before",
}
"""Event type -> why it may come later than others; `may_pass` says than which."""

_STATE = "it tells a whole state, so that telling it again changes nothing"
REPEATABLE: Mapping[str, str] = {
    events.SESSION_UPDATED: _STATE,
    RATE_LIMITS: _STATE,
    "conversation.item.retrieved": _STATE,
    events.TRUNCATED: "an item may be truncated twice at the same place",
    "input_audio_buffer.cleared": "an empty buffer may be cleared again",
    events.ERROR: "the same mistake may be told twice; an error changes nothing",
}
"""Event type -> why a client may see the same one twice."""

Event = Mapping[str, Any]


def may_pass(later: Event, held: Event) -> bool:
    """Whether an event that comes later may be sent before one that is held back."""
    type_ = held["type"]
    if type_ in TRANSCRIPTION:
        return _beside_item(later, held["item_id"])
    if type_ in SOUND:
        return _woven(later, held, WORDS)
    if type_ in WORDS:
        return _woven(later, held, SOUND)
    return bool(type_ == RATE_LIMITS and later["type"] != RATE_LIMITS)


def _beside_item(later: Event, item_id: str) -> bool:
    type_ = later["type"]
    if type_ in (events.ITEM_ADDED, events.ITEM_DONE):
        return bool(later["item"].get("id") != item_id)
    return bool(type_.startswith("response.") or type_ == RATE_LIMITS)


def _woven(later: Event, held: Event, others: tuple[str, ...]) -> bool:
    if not later["type"].startswith("response."):
        return False
    response = later.get("response")
    response_id = response["id"] if response else later.get("response_id")
    if response_id != held["response_id"]:
        return True
    same_part = all(later.get(name) == held[name] for name in ("item_id", "content_index"))
    return later["type"] in others and same_part
