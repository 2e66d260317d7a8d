"""One walk over a timeline: its items and responses, with every instant that a view may ask for.

Nothing else reads the events of a conversation. Out-of-band responses (`conversation_id` null) are
no part of it and are left out. The names of the beta are understood; unknown events and events of
a wrong shape are passed over, since a timeline holds whatever a server has sent.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import dialects, events
from .items import Exchange, Item, Order, Response
from .moments import Moment, Span
from .placement import InputClock
from .timeline import Timeline

PLAYABLE_S = 0.1
"""Seconds of a reply that must have come before a player can begin without a gap."""

SPOKEN_PARTS = frozenset({"input_audio", "output_audio", "audio"})
BACK_MS = 500.0
"""A turn may begin this much before the end of the last one, by the padding that a server adds."""

WRONG_SHAPE = (KeyError, TypeError, AttributeError, ValueError)


class Conversation:
    """Everything that one walk gathers."""

    def __init__(self, moments: Timeline) -> None:
        self.items: dict[str, Item] = {}
        self.order = Order()
        self.responses: dict[str, Response] = {}
        self.exchanges: list[Exchange] = []
        self.clock = InputClock()
        self.deleted: set[str] = set()  # items that the server was told to forget
        self._asked: set[str] = set()  # user items that have their exchange
        self._aside: set[str] = set()  # out-of-band responses, and their items
        self._turn: tuple[float, float | None] | None = None  # ended here, not yet committed
        self._turn_start: float | None = None  # when it began, if it came as it was spoken
        self._began_here: float | None = None  # the turn that is being heard
        self.sent: list[Moment] = []  # conversation.item.create, not yet answered
        self.commit_event: Mapping[str, Any] | None = None  # not yet answered
        self.commit_sent: tuple[float, float] | None = None  # when, and ms of input by then
        self.buffer_ms = 0.0  # where the uncommitted input begins
        self._open: Exchange | None = None  # asked, not yet answered
        self._continues = False  # a tool's output came since the last response
        self._zero_ms = 0.0  # where the session that is open began to count the input
        self._former: set[str] = set()  # items of sessions that are gone: told anew, not new
        self._replaying = False  # the history is told to a new session
        self._repeated: dict[str, int] = {}  # track -> samples of it that were counted
        self.unplaced: str | None = None  # the user item that is being spoken
        self._silence_ms: float | None = None
        self._padding_ms = 0.0
        self._restarts = False  # the server counts from each commit, not from the beginning
        self._named = False  # the server names the conversation of its responses
        self._beside = 0  # responses outside the conversation that were asked for
        self._ends: list[tuple[float, float | None]] = []  # input.ended: when, end of speech
        self._seen = 0
        self.read_on(moments)

    def read_on(self, timeline: Timeline) -> None:
        """Take in what the timeline has got since it was last read."""
        self._rates = {name: track.format.rate for name, track in timeline.tracks.items()}
        first, self._seen = self._seen, len(timeline)
        self._read(timeline[first : self._seen])
        self._place_ends()

    def _read(self, moments: Iterable[Moment]) -> None:
        handlers = HANDLERS
        for moment in moments:
            handler = handlers.get(moment.type)
            if handler is not None:
                try:
                    handler(self, moment, moment.event)
                except WRONG_SHAPE:
                    continue

    def item(self, item_id: str) -> Item:
        item = self.items.get(item_id)
        if item is None:
            item = self.items[item_id] = Item(item_id)
        return item

    # the session and what the client sends

    def _reconnecting(self, moment: Moment, event: Mapping[str, Any]) -> None:
        """The session is gone; the next one is told again what is known here."""
        self._replaying = True
        self._former.update(self.items)
        self.sent.clear()
        self.commit_sent = self.commit_event = None

    def _reconnected(self, moment: Moment, event: Mapping[str, Any]) -> None:
        """What became of the responses that broke off, and where the input is counted from."""
        self._zero_ms, self._replaying = event["input_ms"], False
        self.sent.clear()  # so far only the history was sent
        for response_id in event.get("kept", ()):
            self._kept(response_id)
        for response_id in event.get("again", ()):
            self._lost(response_id)

    def _kept(self, response_id: str) -> None:
        response = self.responses[response_id]
        items = [self.items[item_id] for item_id in response.item_ids]
        whole = bool(items) and all(item.final for item in items)
        response.status = "completed" if whole else "incomplete"
        response.reason = None if whole else "connection_lost"
        for item in items:
            item.final = True

    def _lost(self, response_id: str) -> None:
        """It is asked for again: the next response answers the same question."""
        response = self.responses[response_id]
        response.status, response.reason = "incomplete", "connection_lost"
        for item_id in response.item_ids:
            self.items[item_id].lost = self.items[item_id].final = True
        for exchange in self.exchanges:
            if response_id in exchange.response_ids:
                exchange.response_ids.remove(response_id)
                exchange.answered = [i for i in exchange.answered if i not in response.item_ids]
                if exchange.asked and self._open is None:
                    self._open = exchange
                self._continues = True

    def _session(self, moment: Moment, event: Mapping[str, Any]) -> None:
        rule = dialects.turn_detection(event["session"]) or {}
        self._silence_ms = rule.get("silence_duration_ms")
        self._padding_ms = float(rule.get("prefix_padding_ms") or 0)

    def _append(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if moment.audio and moment.audio.first >= self._repeated.get(moment.audio.track, 0):
            self._repeated[moment.audio.track] = moment.audio.first + moment.audio.count
            self.clock.add(moment.t, 1000 * self._seconds(moment.audio), moment.audio)

    def _seconds(self, span: Span) -> float:
        return span.count / self._rates.get(span.track, 24_000)

    def _item_sent(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.sent.append(moment)

    def _commit(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.commit_sent, self.commit_event = (moment.t, self.clock.length_ms), event

    def _cleared(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.buffer_ms, self.unplaced = self.clock.length_ms, None

    # the user's speech

    def _speech_started(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self.item(event["item_id"])
        self.unplaced = item.id
        start = event.get("audio_start_ms")
        if start is None:  # nobody says where; it was heard about now
            item.begun_ms = self.clock.length_ms
        else:
            told = self.buffer_ms - self._zero_ms - max(self._padding_ms, BACK_MS)
            self._restarts |= start < told
            item.begun_ms = self.clock.resumed(self._position(start))
        item.speech_start = self.clock.begun(item.begun_ms)

    def _position(self, ms: float) -> float:
        """A position that the server tells, in all sound of the session."""
        return ms + (max(self._zero_ms, self.buffer_ms) if self._restarts else self._zero_ms)

    def _speech_stopped(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self.item(event["item_id"])
        item.detected = moment.t
        end = event.get("audio_end_ms")
        item.stopped_ms = self.clock.length_ms if end is None else self._position(end)
        if self._silence_ms is not None:
            item.ended_ms = max(0.0, item.stopped_ms - self._silence_ms)
            if self.clock.in_real_time(item.begun_ms or 0.0, item.ended_ms):
                item.speech_end = self.clock.ended(item.ended_ms)

    def _committed(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self.item(event["item_id"])
        item.role, item.committed = "user", moment.t
        sent_at, end_ms = self.commit_sent or (None, self.clock.length_ms)
        item.asked, self.commit_sent, self.commit_event = sent_at, None, None
        if self._turn is not None:  # found on this side
            item.detected, item.speech_end = self._turn
        if item.stopped_ms is None:  # a manual turn: all that was sent since the last one
            item.begun_ms = self.buffer_ms if item.begun_ms is None else item.begun_ms
            item.speech_start = self.clock.begun(item.begun_ms)
            if self._turn_start is not None:  # it was sent a little later than it was spoken
                item.speech_start = self._turn_start
            item.stopped_ms = item.ended_ms = end_ms
        self.buffer_ms, self.unplaced = item.stopped_ms, None
        self._turn = self._turn_start = None
        self.order.place(item.id, event.get("previous_item_id"))
        self._question(item)

    def _turn_ended(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if "audio_end_ms" in event:  # not the release of a button
            self._turn = (moment.t, event.get("end_of_speech_t"))
            self._turn_start = None if self._turn[1] is None else self._began_here

    def _turn_started(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._began_here = event.get("start_t")

    def _input_ended(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._ends.append((moment.t, event.get("end_of_speech_t")))

    def _place_ends(self) -> None:
        """Give each told end of speech to the turn that was detected first after it."""
        turns = [item for item in self.items.values() if item.committed is not None]
        turns.sort(key=lambda item: item.detected or item.committed or 0.0)
        detected = [item.detected or item.committed or 0.0 for item in turns]
        for told_at, end in self._ends:
            at = bisect_left(detected, told_at if end is None else end)
            if at < len(turns):
                item = turns[at]
                if end is None or item.speech_start is None or item.speech_start <= end:
                    item.speech_end = end

    def _transcription(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._user(event["item_id"])
        if not item.final:
            pieces = item.texts.setdefault(event.get("content_index") or 0, [])
            pieces.append(event.get("delta") or "")

    def _transcribed(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._user(event["item_id"])
        item.texts[event.get("content_index") or 0] = [event["transcript"]]
        item.final = True
        item.confidence = confidence(event.get("logprobs"))

    def _transcription_so_far(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._user(event["item_id"])
        if not item.final:
            item.texts[event.get("content_index") or 0] = [event["transcript"]]

    def _not_transcribed(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self._user(event["item_id"])
        item.final = True
        item.error = _deep(event, "error", "message") or "the transcription failed"

    def _user(self, item_id: str) -> Item:
        item = self.item(item_id)
        item.role = item.role or "user"
        self.order.expect(item_id)
        return item

    # items and their order

    def _item_added(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["item"]
        if self._replaying:
            self._former.add(told["id"])  # under whichever name
        if told["id"] in self._aside or told["id"] in self._former:
            return
        item = self.item(told["id"])
        item.kind, item.role = told.get("type", item.kind), told.get("role") or item.role
        if item.added is None:
            item.added = moment.t
            asked = self._claim(item)
            item.asked = item.asked if asked is None else asked
        self.order.place(item.id, event.get("previous_item_id"))
        self._read_content(item, told)
        if item.kind == "function_call_output":
            self._continues = True
            if self.exchanges:
                self.exchanges[-1].returned = item.added if item.asked is None else item.asked
        elif item.role == "user":
            self._question(item)
        elif item.role == "assistant":
            self._answer(item)

    def _deleted(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self.deleted.add(event["item_id"])

    def _claim(self, item: Item) -> float | None:
        """When the client sent this item: by its id, else the oldest that was sent without one."""
        if item.committed is not None or item.response_id is not None:
            return None
        for wanted in (item.id, None):
            for number, sent in enumerate(self.sent):
                if _deep(sent.event, "item", "id") == wanted:
                    del self.sent[number]
                    item.told = sent.event["item"]
                    if sent.event.get("previous_item_id") == "root":
                        self.order.place_first(item.id)
                    return sent.t
        return None

    def _item_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if event["item"]["id"] in self._former:
            return
        self._item_added(moment, event)
        item = self.item(event["item"]["id"])
        if item.role == "assistant":
            item.final = True

    def _read_content(self, item: Item, told: Mapping[str, Any]) -> None:
        for index, part in enumerate(told.get("content") or ()):
            words = part.get("text") or part.get("transcript")
            if words:
                item.texts[index] = [words]
            if item.role == "user" and part.get("type") not in SPOKEN_PARTS:
                item.final = True

    def _question(self, item: Item) -> None:
        if item.id in self._asked:
            return
        if self._open is None:
            self._open = Exchange()
            self.exchanges.append(self._open)
        self._open.asked.append(item.id)
        self._asked.add(item.id)

    def _answer(self, item: Item) -> None:
        """An assistant's message that the client put there itself closes the question."""
        if item.response_id is None and self._open is not None:
            self._open.answered.append(item.id)
            self._open = None

    # the response

    def _response_created(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["response"]
        if self._stays_beside(told.get("conversation_id", "")):
            self._aside.add(told["id"])
            return
        self.responses[told["id"]] = Response(told["id"], moment.t)
        if self._open is None and self._continues and self.exchanges:
            exchange = self.exchanges[-1]
        elif self._open is not None:
            exchange = self._open
        else:
            exchange = Exchange()
            self.exchanges.append(exchange)
        exchange.response_ids.append(told["id"])
        self._open, self._continues = None, False

    def _asked_for(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._beside += _deep(event, "response", "conversation") == "none"

    def _stays_beside(self, conversation: str | None) -> bool:
        """Null means outside, but not from a server that never names a conversation."""
        self._named |= bool(conversation)
        if conversation is not None or not (self._named or self._beside):
            return False
        self._beside = max(0, self._beside - 1)
        return True

    def _output_item(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["item"]
        response = self.responses.get(event["response_id"])
        if event["response_id"] in self._aside:
            self._aside.add(told["id"])
        if response is None or told["id"] in response.item_ids:
            return
        item = self.item(told["id"])
        item.response_id = response.id
        item.kind, item.role = told.get("type", item.kind), told.get("role") or item.role
        response.item_ids.append(item.id)
        self.order.expect(item.id)
        if exchange := self._exchange_of(response):
            exchange.answered.append(item.id)

    def _output_item_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        response = self.responses.get(event["response_id"])
        if response and event["item"]["id"] in self.items:
            self.items[event["item"]["id"]].told = event["item"]
        exchange = self._exchange_of(response) if response else None
        if exchange and exchange.called is None and event["item"]["type"] == "function_call":
            exchange.called = moment.t

    def _exchange_of(self, response: Response) -> Exchange | None:
        found = (one for one in reversed(self.exchanges) if response.id in one.response_ids)
        return next(found, None)

    def _piece(self, moment: Moment, event: Mapping[str, Any]) -> tuple[Item, Response] | None:
        response = self.responses.get(event["response_id"])
        if response is None:
            return None
        if event["item_id"] not in response.item_ids:  # never announced
            message = {"id": event["item_id"], "type": "message", "role": "assistant"}
            self._output_item(moment, {"response_id": response.id, "item": message})
        item = self.item(event["item_id"])
        if item.first_piece is None:
            item.first_piece = moment.t
        item.last_piece = moment.t
        return item, response

    def _words(self, moment: Moment, event: Mapping[str, Any]) -> None:
        found = self._piece(moment, event)
        if found:
            item, response = found
            item.texts.setdefault(event.get("content_index") or 0, []).append(event["delta"])
            if response.first_token is None:
                response.first_token = moment.t

    def _written(self, moment: Moment, event: Mapping[str, Any]) -> None:
        self._words(moment, event)
        if event["item_id"] in self.items:
            self.items[event["item_id"]].written = True

    def _words_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        found = self._piece(moment, event)
        if found:
            words = event.get("text") if "text" in event else event.get("transcript")
            if words is not None:  # else those that came are all there are
                found[0].texts[event.get("content_index") or 0] = [words]

    def _sound(self, moment: Moment, event: Mapping[str, Any]) -> None:
        found = self._piece(moment, event)
        if found is None or moment.audio is None:
            return
        item, response = found
        seconds = self._seconds(moment.audio)
        item.spans.append(moment.audio)
        item.audio_s += seconds
        response.audio_s += seconds
        if response.first_audio is None:
            response.first_audio = moment.t
        if response.playable is None and response.audio_s >= PLAYABLE_S:
            response.playable = moment.t

    def _sound_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        response = self.responses.get(event["response_id"])
        if response and response.first_audio is not None and response.playable is None:
            response.playable = moment.t

    def _response_done(self, moment: Moment, event: Mapping[str, Any]) -> None:
        told = event["response"]
        response = self.responses.get(told["id"])
        if response is None:
            return
        response.done = moment.t
        response.status = told.get("status", "completed")
        response.reason = _deep(told, "status_details", "reason")
        if response.status == "failed":
            self._continues = True  # another try answers the same question
        for output in told.get("output") or ():
            if output.get("id") in response.item_ids and not self.items[output["id"]].text:
                self._read_content(self.items[output["id"]], output)
        for item_id in response.item_ids:
            self.items[item_id].final = True

    # what was heard of it

    def _truncated(self, moment: Moment, event: Mapping[str, Any]) -> None:
        if event["item_id"] in self.items:
            self.items[event["item_id"]].truncated_s = event["audio_end_ms"] / 1000

    def _playback_started(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self.items.get(event["item_id"])
        if item and item.playing is None:
            item.playing = moment.t

    def _playback_ended(self, moment: Moment, event: Mapping[str, Any]) -> None:
        item = self.items.get(event["item_id"])
        if item:
            item.played_until = moment.t
            seconds = event["played_ms"] / 1000
            if moment.type == "playback.flushed":
                item.played_s = seconds
            else:
                item.finished_s = seconds


Handler = Callable[[Conversation, Moment, Mapping[str, Any]], None]

_BY_NAME: dict[str, Handler] = {
    events.SESSION_CREATED: Conversation._session,
    "reconnecting": Conversation._reconnecting,
    events.SESSION_UPDATED: Conversation._session,
    "reconnected": Conversation._reconnected,
    events.APPEND: Conversation._append,
    "input.held": Conversation._append,
    events.ITEM_CREATE: Conversation._item_sent,
    events.COMMIT: Conversation._commit,
    events.SPEECH_STARTED: Conversation._speech_started,
    events.SPEECH_STOPPED: Conversation._speech_stopped,
    events.COMMITTED: Conversation._committed,
    "input_audio_buffer.cleared": Conversation._cleared,
    "input.ended": Conversation._input_ended,
    "turn.started": Conversation._turn_started,
    "turn.ended": Conversation._turn_ended,
    events.TRANSCRIPTION_DELTA: Conversation._transcription,
    dialects.TRANSCRIPTION_UPDATED: Conversation._transcription_so_far,
    events.TRANSCRIPTION_COMPLETED: Conversation._transcribed,
    events.TRANSCRIPTION_FAILED: Conversation._not_transcribed,
    events.ITEM_ADDED: Conversation._item_added,
    events.ITEM_DONE: Conversation._item_done,
    events.RESPONSE_CREATE: Conversation._asked_for,
    events.RESPONSE_CREATED: Conversation._response_created,
    events.OUTPUT_ITEM_ADDED: Conversation._output_item,
    events.OUTPUT_ITEM_DONE: Conversation._output_item_done,
    "conversation.item.deleted": Conversation._deleted,
    "conversation.item.delete": Conversation._deleted,
    events.TRANSCRIPT_DELTA: Conversation._words,
    events.TEXT_DELTA: Conversation._written,
    events.TRANSCRIPT_DONE: Conversation._words_done,
    events.TEXT_DONE: Conversation._words_done,
    events.AUDIO_DELTA: Conversation._sound,
    events.AUDIO_DONE: Conversation._sound_done,
    events.RESPONSE_DONE: Conversation._response_done,
    events.TRUNCATED: Conversation._truncated,
    "playback.started": Conversation._playback_started,
    "playback.flushed": Conversation._playback_ended,
    "playback.finished": Conversation._playback_ended,
}

HANDLERS = _BY_NAME | {old: _BY_NAME[new] for old, new in dialects.NAMES.items()}


def confidence(logprobs: Iterable[Mapping[str, Any]] | None) -> float | None:
    """How sure the recogniser is, 0 to 1: the exponential of the mean log probability."""
    values = [word["logprob"] for word in logprobs or () if word.get("logprob") is not None]
    return math.exp(min(0.0, sum(values) / len(values))) if values else None


def _deep(event: Any, *path: str) -> Any:
    """What lies at a path of keys, None where there is nothing."""
    for key in path:
        if not isinstance(event, Mapping):
            return None
        event = event.get(key)
    return event
