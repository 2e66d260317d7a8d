"""Both sides of a scripted call as stretches of time: what the caller said, what was audible back.

The caller tells what it says as `caller.speech` moments, whose positions are milliseconds in all
sound that was sent; they are placed in time like everything that was spoken (`rtkit.placement`).
The assistant's stretches are its answers, from the first sample that can be heard to the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.reading import Conversation
from rtkit.sounds import Sound, read_sounds
from rtkit.timeline import Timeline

SPEECH = "caller.speech"
"""The moment that tells what a scripted caller says."""

ASKING = ("question", "barge_in")
"""The kinds of speech that want an answer; "backchannel" and "noise" do not."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What a caller said, or let be heard. `start_ms` and `end_ms` are positions in the input;
    `start` and `end` seconds on the timeline. `live` is False if it was sent faster than it can be
    spoken: then both are when it was sent, and nothing about time can be measured."""

    turn: int
    kind: str
    text: str
    start_ms: float
    end_ms: float
    start: float
    end: float
    live: bool = True

    @property
    def asks(self) -> bool:
        """Whether it wants an answer."""
        return self.kind in ASKING


@dataclass(frozen=True, slots=True)
class Reply:
    """One item of the assistant as it was heard, from `start` to `end` (seconds on the timeline).

    `cut` says that somebody silenced it before its end. An answer in text is there at the instant
    of its first word.
    """

    response_id: str
    start: float
    end: float
    cut: bool = False


def read_speeches(timeline: Timeline, talk: Conversation) -> list[Speech]:
    """What the caller said, in order; moments without positions are left out."""
    speeches = []
    for moment in timeline:
        if moment.type == SPEECH:
            try:
                speeches.append(_speech(talk, moment.event))
            except (KeyError, TypeError, ValueError):
                continue
    return sorted(speeches, key=lambda speech: speech.start_ms)


def _speech(talk: Conversation, told: Mapping[str, Any]) -> Speech:
    begin, end = float(told["audio_start_ms"]), float(told["audio_end_ms"])
    clock = talk.clock
    live = clock.in_real_time(begin, end)
    sent = clock.sent(end) or 0.0
    start_s, end_s = (clock.begun(begin), clock.ended(end)) if live else (sent, sent)
    return Speech(
        turn=int(told["turn"]),
        kind=str(told["kind"]),
        text=str(told.get("text", "")),
        start_ms=begin,
        end_ms=end,
        start=start_s or 0.0,
        end=end_s or 0.0,
        live=live,
    )


def read_replies(timeline: Timeline, talk: Conversation) -> list[Reply]:
    """What could be heard of the assistant, by the instant at which it began."""
    heard = [reply for sound in read_sounds(timeline) for reply in _heard(talk, sound)]
    written = [
        Reply(item.response_id or "", item.first_piece, item.first_piece)
        for item in talk.items.values()
        if item.written and item.role == "assistant" and item.first_piece is not None
    ]
    return sorted([*heard, *written], key=lambda reply: reply.start)


def _heard(talk: Conversation, sound: Sound) -> Iterator[Reply]:
    item = talk.items[sound.item_id]
    last = sound.clip.speech_end
    if sound.speaker != "assistant" or not last or item.lost:
        return
    start = sound.start + sound.clip.speech_start
    end = min(sound.heard_until, sound.start + last)
    if end > start:
        yield Reply(item.response_id or "", start, end, item.cut_off)
