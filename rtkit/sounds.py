"""When each side was heard: every spoken item with its sound and its place on the timeline.

What a person said lies where it was spoken, which is told by when its frames were sent; sound that
was sent faster than real time ends where it was sent. An answer lies where it was played. Without
a player's word it is taken to have begun when it came, or when the answer before it ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .items import Item
from .moments import Span
from .reading import Conversation
from .timeline import Timeline
from .transcript import Speaker

if TYPE_CHECKING:
    from .clip import Clip


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of one item. `start` is seconds on the timeline; `heard_s` the seconds that
    sounded of an answer that was cut off, or not listened to; None if it sounded whole. `live` is
    False for a question that was sent faster than it can be spoken."""

    speaker: Speaker
    item_id: str
    start: float
    clip: Clip
    heard_s: float | None = None
    live: bool = True

    @property
    def end(self) -> float:
        """Where it ended, or would have ended had nobody cut it off."""
        return self.start + self.clip.duration

    @property
    def heard_until(self) -> float:
        """Where it fell silent, in seconds on the timeline."""
        return self.end if self.heard_s is None else self.start + self.heard_s


def read_sounds(timeline: Timeline) -> list[Sound]:
    """The sounds of both sides, in the order of the conversation."""
    talk = Conversation(timeline)
    sounds: list[Sound] = []
    silent_from = 0.0  # when the answer before has ended
    for item in (talk.items[item_id] for item_id in talk.order):
        sound = sound_of(talk, timeline, item, silent_from)
        if sound is not None:
            sounds.append(sound)
            silent_from = sound.heard_until if sound.speaker == "assistant" else silent_from
    return sounds


def sound_of(
    talk: Conversation, timeline: Timeline, item: Item, silent_from: float = 0.0
) -> Sound | None:
    """The sound of one item; None if it has none. An answer whose playback nobody told of begins
    at `silent_from` at the earliest."""
    if item.role == "user" and item.committed is not None:
        return _spoken(talk, timeline, item)
    return _played(timeline, item, silent_from) if item.spans else None


def timed_words(text: str, clip: Clip) -> Iterator[tuple[str, float]]:
    """Words, and the seconds of the clip at which they begin, by their places in the text."""
    at, begin, end = 0, clip.speech_start, clip.speech_end
    for word in text.split():
        at = text.index(word, at)
        yield word, begin + (end - begin) * at / len(text)
        at += len(word)


def _spoken(talk: Conversation, timeline: Timeline, item: Item) -> Sound | None:
    begun, stopped = item.begun_ms or 0.0, item.stopped_ms or 0.0
    clip = joined(timeline, talk.clock.between(begun, stopped))
    sent = talk.clock.sent(stopped)
    if clip is None or sent is None:
        return None
    skipped = talk.clock.inside(begun) / 1000
    clip = clip.cut(min(skipped, clip.duration), skipped + (stopped - begun) / 1000)
    live = talk.clock.in_real_time(begun, stopped) and item.speech_start is not None
    start = item.speech_start if live else sent - clip.duration
    return Sound("user", item.id, start or 0.0, clip, live=live)


def _played(timeline: Timeline, item: Item, silent_from: float) -> Sound:
    clip = joined(timeline, item.spans)
    assert clip is not None  # it has spans
    start = max(item.first_piece or 0.0, silent_from) if item.playing is None else item.playing
    return Sound("assistant", item.id, start, clip, item.sounded_s)


def joined(timeline: Timeline, spans: list[Span]) -> Clip | None:
    """The sound of spans, at the rate of the first; spans of another track are left out."""
    from .clip import Clip

    if not spans:
        return None
    track = timeline.tracks[spans[0].track]
    data = b"".join(track.read(span) for span in spans if span.track == track.name)
    return Clip.from_bytes(data, track.format)
