"""What a microphone sent between the turns: sound of the room, or of a person that no turn holds.

It lies where it was sent, in the intervals between the cues (`rtkit.cues`). Sound that had no turn
in one session may have one in another, whose turn detection is set otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .cues import Cue
from .placement import PAUSE_S, merged
from .reading import Conversation
from .sounds import joined
from .timeline import Timeline

if TYPE_CHECKING:
    from .clip import Clip

SHORTEST_S = 0.001


@dataclass(frozen=True, slots=True)
class Murmur:
    """Sound that was sent `at` so many seconds: of the timeline, or after what it follows."""

    at: float
    clip: Clip

    @property
    def end(self) -> float:
        return self.at + self.clip.duration


@dataclass(frozen=True, slots=True)
class Interval:
    """What was sent between two cues: as long as the answer was awaited and heard, then after it.

    Seconds are counted from the end of the cue before, and from where `Cue.after_s` is counted.
    """

    during: tuple[Murmur, ...] = ()
    after: tuple[Murmur, ...] = ()
    pause_s: float = 0.0  # from where `after` is counted to the next cue

    def at_most(self, seconds: float) -> Interval:
        """No part of it longer than this: the beginning of the first, the end of the second."""
        skipped = max(0.0, self.pause_s - seconds)
        after = _within(self.after, skipped, self.pause_s)
        return Interval(_within(self.during, 0.0, seconds), after, self.pause_s - skipped)


def read_ambience(timeline: Timeline, cues: Sequence[Cue]) -> list[Interval]:
    """The interval before each cue, and the one behind the last."""
    murmurs = list(read_murmurs(timeline))
    intervals = []
    for number, cue in enumerate(cues):
        begin = cues[number - 1].end if number else min([m.at for m in murmurs] + [cue.start])
        pause = max(begin, cue.start - cue.after_s) if number else begin
        during, after = _within(murmurs, begin, pause), _within(murmurs, pause, cue.start)
        intervals.append(Interval(during, after, cue.start - pause))
    last = _within(murmurs, cues[-1].end, float("inf")) if cues else tuple(murmurs)
    return [*intervals, Interval(last)]


def read_murmurs(timeline: Timeline) -> Iterator[Murmur]:
    """The sound outside the turns, in the pieces in which it was sent without a pause."""
    talk = Conversation(timeline)
    turns = [item for item in talk.items.values() if item.stopped_ms is not None]
    edges = sorted((item.begun_ms or 0.0, item.stopped_ms or 0.0) for item in turns)
    begin = 0.0
    for start, stop in [*edges, (talk.clock.length_ms, 0.0)]:
        yield from _sent(talk, timeline, begin, start)
        begin = max(begin, stop)


def _sent(talk: Conversation, timeline: Timeline, from_ms: float, to_ms: float) -> Iterator[Murmur]:
    """The sound between two positions of the input."""
    for start, end in talk.clock.unbroken(from_ms, to_ms, PAUSE_S):
        clip = joined(timeline, merged(talk.clock.between(start, end)))
        at = talk.clock.begun(start)
        if clip is not None and at is not None and end - start >= 1000 * SHORTEST_S:
            skipped = talk.clock.inside(start) / 1000
            yield Murmur(at, clip.cut(skipped, skipped + (end - start) / 1000))


def _within(murmurs: Iterable[Murmur], begin: float, end: float) -> tuple[Murmur, ...]:
    """What lies between two instants, counted from the first."""
    found = []
    for murmur in murmurs:
        first, last = max(begin, murmur.at), min(end, murmur.end)
        if last - first >= SHORTEST_S:
            clip = murmur.clip.cut(first - murmur.at, last - murmur.at)
            found.append(Murmur(first - begin, clip))
    return tuple(found)
