"""What the user spoke, as the events tell it: each turn's words, its place in the input, its time.

A server counts milliseconds in the sound of its session; here all sound of all sessions of the
timeline is one input, on the `InputClock`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any

from . import dialects
from .items import Item, SpokenWord
from .moments import Moment, Span
from .pairing import Pairing
from .placement import InputClock
from .roster import Roster, deep

BACK_MS = 500.0
"""A turn may begin this much before the end of the last one, by the padding that a server adds."""


class Questions:
    """The input so far, and the user's turns in it."""

    def __init__(self, roster: Roster, pairing: Pairing) -> None:
        self.clock = InputClock()
        self.rates: Mapping[str, int] = {}  # track -> Hz
        self.buffer_ms = 0.0  # where the uncommitted input begins
        self.unplaced: str | None = None  # the user item that is being spoken
        self.commit_event: Mapping[str, Any] | None = None  # not yet answered
        self._commit_sent: tuple[float, float] | None = None  # when, and ms of input by then
        self._turn: tuple[float, float | None] | None = None  # ended here, not yet committed
        self._turn_start: float | None = None  # when it began, if it came as it was spoken
        self._began_here: float | None = None  # the turn that is being heard
        self._ends: list[tuple[float, float | None]] = []  # input.ended: when, end of speech
        self._zero_ms = 0.0  # where the session that is open began to count the input
        self._restarts = False  # the server counts from each commit, not from the beginning
        self._told: dict[str, float] = {}  # item told anew as sound -> where that lies in the input
        self._repeated: dict[str, int] = {}  # track -> samples of it that were counted
        self._silence_ms: float | None = None
        self._padding_ms = 0.0
        self._roster, self._pairing = roster, pairing

    def leave(self) -> None:
        """The session is gone, and with it what it had not answered."""
        self._commit_sent = self.commit_event = None

    def resume(self, input_ms: float) -> None:
        """A new session counts the input from here on."""
        self._zero_ms = input_ms

    def seconds(self, span: Span) -> float:
        return span.count / self.rates.get(span.track, 24_000)

    # the session and what the client sends

    def session(self, moment: Moment, event: Mapping[str, Any]) -> None:
        rule = dialects.turn_detection(event["session"]) or {}
        self._silence_ms = rule.get("silence_duration_ms")
        self._padding_ms = float(rule.get("prefix_padding_ms") or 0)

    def append(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if moment.audio and moment.audio.first >= self._repeated.get(moment.audio.track, 0):
            self._repeated[moment.audio.track] = moment.audio.first + moment.audio.count
            self.clock.add(moment.t, 1000 * self.seconds(moment.audio), moment.audio)

    def commit(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._commit_sent, self.commit_event = (moment.t, self.clock.length_ms), event

    def told(self, moment: Moment, event: Mapping[str, Any]) -> None:
        """An item was told to a new session, perhaps as sound."""
        if moment.audio:
            self._told[event["item"]["id"]] = self.clock.start_of(moment.audio)

    def cleared(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.buffer_ms, self.unplaced = self.clock.length_ms, None

    # where a turn lies

    def started(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._roster.item(event["item_id"])
        self.unplaced = item.id
        start = event.get("audio_start_ms")
        if start is None:  # nobody says where; it was heard about now
            item.begun_ms = self.clock.length_ms
        else:
            padding_ms = max(self._padding_ms, BACK_MS)
            self._restarts |= start < self.buffer_ms - self._zero_ms - padding_ms
            item.begun_ms = self.clock.resumed(self._position(start), padding_ms)
        item.speech_start = self.clock.begun(item.begun_ms)

    def _position(self, ms: float) -> float:
        """A position that the server tells, in all sound of the timeline."""
        return ms + (max(self._zero_ms, self.buffer_ms) if self._restarts else self._zero_ms)

    def stopped(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._roster.item(event["item_id"])
        item.detected = moment.t
        end = event.get("audio_end_ms")
        item.stopped_ms = self.clock.length_ms if end is None else self._position(end)
        if self._silence_ms is not None:
            item.ended_ms = max(0.0, item.stopped_ms - self._silence_ms)
            if self.clock.in_real_time(item.begun_ms or 0.0, item.ended_ms):
                item.speech_end = self.clock.ended(item.ended_ms)

    def committed(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._roster.item(event["item_id"])
        item.role, item.committed = "user", moment.t
        sent_at, end_ms = self._commit_sent or (None, self.clock.length_ms)
        item.asked, self._commit_sent, self.commit_event = sent_at, None, None
        if self._turn is not None:  # found on this side
            item.detected, item.speech_end = self._turn
        if item.stopped_ms is None:  # a manual turn: all that was sent since the last one
            item.begun_ms = self.buffer_ms if item.begun_ms is None else item.begun_ms
            item.speech_start = self.clock.begun(item.begun_ms)
            if self._turn_start is not None:  # it was sent a little later than it was spoken
                item.speech_start, item.found_here = self._turn_start, True
            item.stopped_ms = item.ended_ms = end_ms
        self.buffer_ms, self.unplaced = item.stopped_ms, None
        self._turn = self._turn_start = None
        self._roster.order.place(item.id, event.get("previous_item_id"))
        self._pairing.ask(item)

    def turn_ended(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if "audio_end_ms" in event:  # not the release of a button
            self._turn = (moment.t, event.get("end_of_speech_t"))
            self._turn_start = None if self._turn[1] is None else self._began_here

    def turn_started(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._began_here = event.get("start_t")

    def ended(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._ends.append((moment.t, event.get("end_of_speech_t")))

    def place_ends(self) -> None:
        """Give each told end of speech to the turn that was detected first after it."""
        if not self._ends:
            return
        turns = [item for item in self._roster.items.values() if item.committed is not None]
        turns.sort(key=lambda item: item.detected or item.committed or 0.0)
        detected = [item.detected or item.committed or 0.0 for item in turns]
        for told_at, end in self._ends:
            at = bisect_left(detected, told_at if end is None else end)
            if at < len(turns):
                item = turns[at]
                if end is None or item.speech_start is None or item.speech_start <= end:
                    item.speech_end = end

    # its words

    def transcript_delta(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._roster.spoken(event["item_id"])
        if not item.final:
            pieces = item.texts.setdefault(event.get("content_index") or 0, [])
            pieces.append(event.get("delta") or "")

    def transcript_so_far(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._roster.spoken(event["item_id"])
        if not item.final:
            item.texts[event.get("content_index") or 0] = [event["transcript"]]

    def transcribed(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._roster.spoken(event["item_id"])
        item.texts[event.get("content_index") or 0] = [event["transcript"]]
        item.final = True
        item.confidence = confidence(event.get("logprobs"))
        if event.get("words") is not None and item.committed is not None:
            item.words = tuple(self._word(item, told) for told in event["words"])

    def _word(self, item: Item, told: Mapping[str, Any]) -> SpokenWord:
        """In sound that was told anew a word is counted from the beginning of that."""
        from_ms = self._told.get(item.id)
        start, end = (
            self._position(ms) if from_ms is None else from_ms + ms
            for ms in (told["start_ms"], told["end_ms"])
        )
        start = max(start, item.begun_ms or 0.0)  # not before a pause in sending
        zero = self._zero_of(item)
        if zero is None:
            span = (self.clock.begun(start) or 0.0, self.clock.ended(end) or 0.0)
        else:
            span = (zero + start / 1000, zero + end / 1000)
        return SpokenWord(told["word"], span[0], max(span), told.get("confidence"))

    def _zero_of(self, item: Item) -> float | None:
        """When the input would have begun if a turn's place in it told when it was spoken.

        None where the frames tell that; the rule is that by which `rtkit.sounds` places the turn.
        """
        begun, stopped = item.begun_ms or 0.0, item.stopped_ms or 0.0
        if not self.clock.in_real_time(begun, stopped):
            return (self.clock.sent(stopped) or 0.0) - stopped / 1000
        return (item.speech_start or 0.0) - begun / 1000 if item.found_here else None

    def not_transcribed(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._roster.spoken(event["item_id"])
        item.final = True
        item.error = deep(event, "error", "message") or "the transcription failed"


def confidence(logprobs: Iterable[Mapping[str, Any]] | None) -> float | None:
    """How sure the recogniser is, 0 to 1: the exponential of the mean log probability."""
    values = [word["logprob"] for word in logprobs or () if word.get("logprob") is not None]
    return math.exp(min(0.0, sum(values) / len(values))) if values else None
