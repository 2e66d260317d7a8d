"""The words of an item, each with its place in the item's sound and the events that carried it.

Where a word lies in its sound is told by recognisers that time their words; for all others, and for
every answer, it is estimated from the word's place in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import dialects, events
from .items import Item
from .moments import Moment, Span
from .reading import Conversation
from .sounds import Sound, sound_of, timed_words
from .timeline import Timeline

if TYPE_CHECKING:
    from .clip import Clip

_DELTAS = frozenset({events.TRANSCRIPTION_DELTA, events.TRANSCRIPT_DELTA, events.TEXT_DELTA})
_WHOLE = frozenset({events.TRANSCRIPTION_COMPLETED, events.TRANSCRIPT_DONE, events.TEXT_DONE})
Places = Mapping[tuple[str, int], int]
"""Where a span begins, as (track, first sample) -> the moment that brought it."""


@dataclass(frozen=True, slots=True)
class Word:
    """`start` and `end` are seconds in the item's sound, None without sound; `carriers` the places
    in the timeline of the events that brought the word, those with its letters first."""

    text: str
    start: float | None
    end: float | None
    carriers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """An item's words and sound. `pieces` are the events that brought the sound, each with its
    seconds in it; `heard_s` the seconds that sounded when that was not all. `timed` says whether
    the recogniser told where the words lie."""

    item_id: str
    speaker: str
    words: tuple[Word, ...]
    clip: Clip | None = None
    pieces: tuple[tuple[int, float, float], ...] = ()
    heard_s: float | None = None
    timed: bool = False

    def stretch(self, index: int) -> tuple[float, float] | None:
        """The seconds of the sound that an event brought, or that the words lie in which it did;
        None if it brought nothing of either."""
        for place, start, end in self.pieces:
            if place == index:
                return start, end
        said = [word for word in self.words if index in word.carriers]
        if not said or said[0].start is None or said[-1].end is None:
            return None
        return said[0].start, said[-1].end


def read_wording(
    timeline: Timeline,
    talk: Conversation,
    item: Item,
    told: Sequence[tuple[int, Moment]],
    places: Places,
) -> Wording:
    """The words of an item. `told` are the events that name it, with their places."""
    sound = sound_of(talk, timeline, item)
    pieces = tuple(_pieces(timeline, talk, item, places)) if sound else ()
    times = list(_times(item, sound))
    letters = list(_letters(item, told))
    words = tuple(
        Word(text, start, end, (*carriers, *_overlapping(pieces, start, end)))
        for (text, start, end), carriers in zip(times, letters, strict=True)
    )
    clip, heard_s = (sound.clip, sound.heard_s) if sound else (None, None)
    return Wording(item.id, item.role, words, clip, pieces, heard_s, _is_timed(item))


def _is_timed(item: Item) -> bool:
    """Whether the recogniser told where each word of the text lies."""
    return bool(item.words) and [word.text for word in item.words or ()] == item.text.split()


def _times(item: Item, sound: Sound | None) -> Iterator[tuple[str, float | None, float | None]]:
    """Each word of the text, and its seconds in the sound."""
    words = item.text.split()
    if sound is None:
        yield from ((word, None, None) for word in words)
    elif _is_timed(item):
        long = sound.clip.duration
        for word in item.words or ():
            start, end = (min(max(t - sound.start, 0.0), long) for t in (word.start, word.end))
            yield word.text, start, end
    else:
        starts = [start for _, start in timed_words(item.text, sound.clip)]
        ends = [*starts[1:], sound.clip.speech_end]
        yield from zip(words, starts, ends, strict=True)


def _letters(item: Item, told: Iterable[tuple[int, Moment]]) -> Iterator[tuple[int, ...]]:
    """For each word of the text the events with its letters: its deltas, and the whole."""
    deltas, whole, text = [], [], ""
    for index, moment in told:
        type_ = dialects.common_name(moment.type)
        delta = moment.event.get("delta")
        if type_ in _DELTAS and isinstance(delta, str):
            deltas.append((index, len(text), len(text) + len(delta)))
            text += delta
        elif type_ in _WHOLE:
            whole.append(index)
    alike = text.split() == item.text.split()
    for match in re.finditer(r"\S+", text if alike else item.text):
        parts = [i for i, a, b in deltas if alike and a < match.end() and match.start() < b]
        yield (*parts, *whole)


def _pieces(
    timeline: Timeline, talk: Conversation, item: Item, places: Places
) -> Iterator[tuple[int, float, float]]:
    """The moments that brought the item's sound, with the seconds of it that they brought."""
    spoken = item.role == "user" and item.committed is not None
    begun, stopped = item.begun_ms or 0.0, item.stopped_ms or 0.0
    spans = talk.clock.between(begun, stopped) if spoken else item.spans
    at = -talk.clock.inside(begun) / 1000 if spoken else 0.0
    for span in spans:
        seconds = _seconds(timeline, span)
        index = places.get((span.track, span.first))
        if index is not None:
            yield index, max(0.0, at), at + seconds
        at += seconds


def _seconds(timeline: Timeline, span: Span) -> float:
    return span.count / timeline.tracks[span.track].format.rate


def _overlapping(
    pieces: Iterable[tuple[int, float, float]], start: float | None, end: float | None
) -> list[int]:
    if start is None or end is None:
        return []
    return [index for index, first, last in pieces if first < end and start < last]
