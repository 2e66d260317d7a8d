"""The events of a timeline as a list: what each row says, which rows belong together, which break
a rule, and which are shown.

It reads on as the timeline grows, and computes of a row only what is asked for: a list of 100,000
events is opened by one walk over their types and ids.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .arrows import LEFT_OUT, is_stream
from .matching import Search, readable
from .moments import Moment
from .partners import Partners
from .reading import WRONG_SHAPE, Conversation
from .roster import deep
from .rules import Judge, Violation
from .summaries import summary
from .timeline import Timeline
from .wording import Wording, read_wording

KINDS = ("session", "input_audio_buffer", "conversation", "response", "local", "error", "other")
PIECES = "pieces"
"""The name of what comes in pieces: sound, deltas, and how far the player is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event in the list. `t` is seconds on the timeline, `since_ms` the milliseconds since the
    row before it, None for the first; `group` the number of the group that it belongs to."""

    index: int
    t: float
    since_ms: float | None
    source: str
    type: str
    summary: str
    group: int | None = None
    violation: bool = False
    audio_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be shown: a search, the kinds (none: all), and whether pieces are."""

    search: Search = field(default_factory=Search)
    kinds: frozenset[str] = frozenset()
    pieces: bool = True


def kind_of(moment: Moment) -> str:
    """Which of `KINDS` an event is of: local, error, or what its type begins with."""
    if moment.source == "local":
        return "local"
    kind = moment.type.partition(".")[0]
    return kind if kind in KINDS else "other"


def is_piece(moment: Moment) -> bool:
    """Whether it is one of the many that tell a little each."""
    return is_stream(moment.type) or moment.type in LEFT_OUT


class Listing:
    """The list of one timeline. `read_on` before what came last is to be seen."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.violations: dict[int, list[Violation]] = {}
        self.counts: Counter[str] = Counter()  # by kind, and of pieces
        self._partners = Partners()
        self._judge = Judge()
        self._places: dict[tuple[str, int], int] = {}
        self._items: dict[str, list[int]] = {}  # item -> the events that name it
        self._outputs: dict[str, str] = {}  # response -> its first item
        self._texts: list[str] = []  # what can be searched, as far as it was
        self._talk: Conversation | None = None
        self._seen = 0

    def __len__(self) -> int:
        """How many events were read."""
        return self._seen

    def read_on(self, most: int | None = None) -> int:
        """Take in what has come, at most so many events of it; how many that were."""
        end = None if most is None else self._seen + most
        moments = self.timeline[self._seen : end]
        for index, moment in enumerate(moments, self._seen):
            self._take(index, moment)
        self._seen += len(moments)
        return len(moments)

    def _take(self, index: int, moment: Moment) -> None:
        self.counts[kind_of(moment)] += 1
        self.counts[PIECES] += is_piece(moment)
        self._partners.take(index, moment)
        if moment.audio:
            self._places[moment.audio.track, moment.audio.first] = index
        if moment.source == "server":
            self._look(index, moment)
        elif moment.type == "reconnecting":
            self._judge = Judge()  # what comes is another session
        if item_id := named_item(moment):
            self._items.setdefault(item_id, []).append(index)
            if response_id := moment.event.get("response_id"):
                self._outputs.setdefault(str(response_id), item_id)

    def _look(self, index: int, moment: Moment) -> None:
        try:
            found = self._judge.take(index, moment.event)
        except WRONG_SHAPE:
            return
        if found:
            self.violations[index] = found

    # which are shown

    def matches(self, choice: Choice, begin: int = 0) -> list[int]:
        """The places of the events that are to be shown, from `begin` on."""
        if choice.search.terms:
            self._read_texts()
        return [i for i in range(begin, self._seen) if self._shows(choice, i)]

    def _shows(self, choice: Choice, index: int) -> bool:
        moment = self.timeline[index]
        if choice.kinds and kind_of(moment) not in choice.kinds:
            return False
        if not choice.pieces and is_piece(moment):
            return False
        return not choice.search.terms or choice.search.holds(moment, self._texts[index])

    def _read_texts(self) -> None:
        for index in range(len(self._texts), self._seen):
            moment = self.timeline[index]
            self._texts.append(readable(moment, summary(moment, self.seconds(moment))))

    # what a row says

    def rows(self, shown: Sequence[int], first: int, last: int) -> list[Row]:
        """The rows `first` to `last` of those that are shown, the last not among them."""
        first, last = max(0, first), max(0, last)
        before = self.timeline[shown[first - 1]].t if 0 < first <= len(shown) else None
        rows = []
        for index in shown[first:last]:
            moment = self.timeline[index]
            since = None if before is None else 1000 * (moment.t - before)
            rows.append(self._row(index, moment, since))
            before = moment.t
        return rows

    def _row(self, index: int, moment: Moment, since: float | None) -> Row:
        audio_s = self.seconds(moment)
        return Row(
            *(index, moment.t, since, moment.source, moment.type, summary(moment, audio_s)),
            group=self.group(index),
            violation=index in self.violations,
            audio_s=audio_s,
        )

    def seconds(self, moment: Moment) -> float:
        """The length of the sound that came with an event."""
        track = self.timeline.tracks.get(moment.audio.track) if moment.audio else None
        return moment.audio.count / track.format.rate if moment.audio and track else 0.0

    # what belongs together

    def group(self, index: int) -> int | None:
        """The number of the group that an event belongs to; None if it can have no partner."""
        return self._partners.group(index)

    def partners(self, index: int) -> tuple[int, ...]:
        """The events of the same group, itself among them; () if it is alone."""
        return self._partners.of(index)

    def next_violation(self, index: int, step: int = 1, among: Sequence[int] = ()) -> int | None:
        """The next event that breaks a rule (or the one before, by -1), around the end if need be;
        of those that are shown, if any of them does. None if all is in order."""
        places = list(self.violations)
        shown = [place for place in places if _is_among(place, among)]
        places = sorted(shown or places)
        if not places:
            return None
        if step < 0:
            return places[bisect_left(places, index) - 1]
        return places[bisect_left(places, index + 1) % len(places)]

    def item_of(self, index: int) -> str | None:
        """The item that an event is about: by its name, its response, or its sound."""
        moment = self.timeline[index]
        if item_id := named_item(moment):
            return item_id
        response_id = deep(moment.event, "response", "id")
        if isinstance(response_id, str):
            return self._outputs.get(response_id)
        return self._spoken_in(moment) if moment.audio else None

    def _spoken_in(self, moment: Moment) -> str | None:
        """The user's item in which a frame of the input lies."""
        talk = self.talk()
        assert moment.audio
        begin = talk.clock.start_of(moment.audio)
        end = begin + 1000 * self.seconds(moment)
        for item_id in reversed(list(talk.order)):
            item = talk.items[item_id]
            begun, stopped = item.begun_ms, item.stopped_ms
            if begun is not None and begun < end and begin < (stopped or 0.0):
                return item_id
        return None

    def talk(self) -> Conversation:
        """What the views know of the conversation, up to now."""
        if self._talk is None:
            self._talk = Conversation(self.timeline)
        self._talk.read_on(self.timeline)
        return self._talk

    def wording(self, item_id: str) -> Wording | None:
        """The words and the sound of an item; None if there is no such item."""
        talk = self.talk()
        item = talk.items.get(item_id)
        if item is None:
            return None
        told = [(index, self.timeline[index]) for index in self._items.get(item_id, ())]
        return read_wording(self.timeline, talk, item, told, self._places)


def named_item(moment: Moment) -> str | None:
    """The item that an event names."""
    event: Mapping[str, object] = moment.event
    found = event.get("item_id") or deep(event, "item", "id")
    return found if isinstance(found, str) else None


def _is_among(place: int, places: Sequence[int]) -> bool:
    at = bisect_left(places, place)
    return at < len(places) and places[at] == place


def counted(moments: Iterable[Moment]) -> list[tuple[str, str, int]]:
    """How often each type came: (source, type, count), by source and type."""
    found = Counter((moment.source, moment.type) for moment in moments)
    return sorted((source, type_, count) for (source, type_), count in found.items())
