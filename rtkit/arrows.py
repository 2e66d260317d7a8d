"""The events of a session as a sequence diagram: which arrow went from whom to whom, in order.

Three lanes: the person (microphone and speaker), the notebook, which is the client, and the
server. One row is one event, or a stream: the pieces of sound and words that were sent one after
the other, folded into one row per kind. What is drawn of it is decided in `rtkit.diagram`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from . import events
from .errors import DataError
from .moments import Moment, Source, Track
from .timeline import Timeline

Lane = Literal["person", "notebook", "server"]
LANES: tuple[Lane, ...] = ("person", "notebook", "server")
MOST_ROWS = 60
LEFT_OUT = frozenset({"playback.position"})
"""Local facts that say how far the player is, twice a second: no step of the conversation."""


@dataclass(frozen=True, slots=True)
class Row:
    """One arrow. `t` and `until` are seconds on the timeline, of its first and last event.

    `count` events are folded into it; `audio_s` is their sound in seconds, 0.0 if there is none
    or if the moments came without the timeline that knows the format. `note` says in a word what
    matters about the event. A row with one lane at both ends is a note at that lane.
    """

    t: float
    until: float
    source: Source
    sender: Lane
    receiver: Lane
    type: str
    count: int = 1
    audio_s: float = 0.0
    note: str = ""

    @property
    def is_error(self) -> bool:
        return self.type == events.ERROR


@dataclass(frozen=True, slots=True)
class Bracket:
    """The rows, by their places in the sequence, from the first to the last of one response.

    `status` is "in_progress" when its end is not among the rows.
    """

    response_id: str
    first: int
    last: int
    status: str = "in_progress"


@dataclass(frozen=True, slots=True)
class Arrows:
    """Rows in order, the responses among them, and how many rows at the end were left out."""

    rows: tuple[Row, ...]
    responses: tuple[Bracket, ...] = ()
    left_out: int = 0


def read_arrows(moments: Timeline | Iterable[Moment], *, most: int = MOST_ROWS) -> Arrows:
    """The sequence of a timeline, or of some of its moments; at most `most` rows of it.

    Pieces of sound and words that stream at the same time are one row per kind and item, at the
    place of the first; any other event on the wire ends them all. DataError if there is nothing.
    """
    tracks = moments.tracks if isinstance(moments, Timeline) else {}
    folding = _Folding(tracks)
    for moment in moments:
        folding.take(moment)
    rows = folding.rows
    if not rows:
        raise DataError(
            "there is no event in these moments, so there is no sequence to show. Ask something "
            "first, or select a longer part of the timeline."
        )
    kept = [_cut(bracket, most) for bracket in folding.brackets() if bracket.first < most]
    return Arrows(tuple(rows[:most]), tuple(kept), max(0, len(rows) - most))


def _cut(bracket: Bracket, most: int) -> Bracket:
    """A bracket that ends with the last row that is kept."""
    return bracket if bracket.last < most else replace(bracket, last=most - 1, status="in_progress")


class _Folding:
    """Gathers rows; a stream stays open until an event on the wire that is none ends it."""

    def __init__(self, tracks: Mapping[str, Track]) -> None:
        self.rows: list[Row] = []
        self._tracks = tracks
        self._open: dict[tuple[str, ...], int] = {}  # stream -> its row
        self._found: dict[str, Bracket] = {}

    def take(self, moment: Moment) -> None:
        if moment.type in LEFT_OUT or not moment.type:
            return
        if not is_stream(moment.type):
            if moment.source != "local":
                self._open.clear()
            place = self._add(moment)
        else:
            key = (moment.source, moment.type, str(moment.event.get("item_id", "")))
            place = self._fold(key, moment)
        self._enclose(moment, place)

    def _fold(self, key: tuple[str, ...], moment: Moment) -> int:
        if key not in self._open:
            self._open[key] = self._add(moment)
            return self._open[key]
        place = self._open[key]
        row = self.rows[place]
        sound = row.audio_s + self._seconds(moment)
        self.rows[place] = replace(row, until=moment.t, count=row.count + 1, audio_s=sound)
        return place

    def _add(self, moment: Moment) -> int:
        sender, receiver = _ends(moment)
        self.rows.append(
            Row(
                *(moment.t, moment.t, moment.source, sender, receiver, moment.type),
                audio_s=self._seconds(moment),
                note=note_of(moment),
            )
        )
        return len(self.rows) - 1

    def _seconds(self, moment: Moment) -> float:
        span = moment.audio
        if span is None or span.track not in self._tracks:
            return 0.0
        return span.count / self._tracks[span.track].format.rate

    def _enclose(self, moment: Moment, place: int) -> None:
        """Let the bracket of the event's response reach down to this row."""
        id_ = _response_id(moment.event) if moment.source == "server" else None
        if id_ is None:
            return
        bracket = self._found.get(id_, Bracket(id_, place, place))
        status = bracket.status
        if moment.type == events.RESPONSE_DONE:
            status = str(moment.event["response"].get("status", "completed"))
        last = max(bracket.last, place)
        self._found[id_] = replace(bracket, last=last, status=status)

    def brackets(self) -> Sequence[Bracket]:
        return list(self._found.values())


def is_stream(type_: str) -> bool:
    """Whether events of this type come in pieces that belong together: sound in, and deltas."""
    return type_ == events.APPEND or type_.endswith(".delta")


_TO_PERSON = frozenset({"playback.started", "playback.finished", "playback.flushed"})
_FROM_PERSON = frozenset({"input.ended", "microphone.opened", "microphone.closed"})


def _ends(moment: Moment) -> tuple[Lane, Lane]:
    """Sender and receiver; the sound of an append comes from the person."""
    if moment.source == "server":
        return "server", "notebook"
    if moment.source == "client":
        return ("person" if moment.type == events.APPEND else "notebook"), "server"
    if moment.type in _TO_PERSON:
        return "notebook", "person"
    return ("person" if moment.type in _FROM_PERSON else "notebook"), "notebook"


def _response_id(event: Mapping[str, Any]) -> str | None:
    response = event.get("response")
    found = response.get("id") if isinstance(response, Mapping) else event.get("response_id")
    return found if isinstance(found, str) else None


def note_of(moment: Moment) -> str:
    """What matters about an event, in a word or two; "" if that is its type alone."""
    told = NOTES.get(moment.type)
    try:
        return told(moment.event) if told else ""
    except (KeyError, TypeError, AttributeError, ValueError):  # a server may send any shape
        return ""


def _item(event: Mapping[str, Any]) -> str:
    item = event["item"]
    return str(item["role"] if item.get("type") == "message" else item["type"])


def _done(event: Mapping[str, Any]) -> str:
    response = event["response"]
    reason = (response.get("status_details") or {}).get("reason")
    return f"{response['status']}: {reason}" if reason else str(response["status"])


def _error(event: Mapping[str, Any]) -> str:
    error = event["error"]
    return str(error.get("code") or error.get("type") or "")


def _ms(field: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda event: f"at {event[field] // 1:.0f} ms"  # whole ms, as a truncate has them


NOTES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    events.ITEM_CREATE: _item,
    events.ITEM_ADDED: _item,
    events.ITEM_DONE: _item,
    events.OUTPUT_ITEM_ADDED: _item,
    events.OUTPUT_ITEM_DONE: _item,
    "conversation.item.retrieved": _item,
    events.PART_ADDED: lambda event: str(event["part"]["type"]),
    events.PART_DONE: lambda event: str(event["part"]["type"]),
    events.CALL_DONE: lambda event: str(event["name"]),
    events.RESPONSE_DONE: _done,
    events.TRUNCATE: _ms("audio_end_ms"),
    events.TRUNCATED: _ms("audio_end_ms"),
    events.ERROR: _error,
    "playback.flushed": _ms("played_ms"),
}
"""Event type -> what to say about the event beside its type."""
