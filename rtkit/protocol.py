"""The client core of a realtime session: events in, commands out.

Rule 1: no sockets, no clock, no sleeping here; `now` is an argument (seconds on the timeline).
Rule 2: every event, sent, received or local, goes onto the timeline exactly once.
Rule 3: whatever a server sends is recorded; what cannot be understood is reported, never fatal.

Whoever holds the socket calls `send`, `receive`, `note` and `interrupt`, carries the commands out,
and after each call transmits `data_to_send()`. When a response may be asked for is decided in
`floor`, what is played and where an interrupted answer is cut in `interruption`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from . import events
from .audio import bytes_for_ms, from_base64
from .commands import Command, Fail, Report, TurnDone, Updated
from .dialects import CONVERSATION_CREATED, audio_format, common_name, turn_detection
from .errors import SessionError
from .floor import ALREADY_ACTIVE, Floor, Unfinished, is_beside
from .formats import AudioFormat
from .interruption import Speaking
from .moments import Span
from .remedies import session_error
from .timeline import INPUT, Timeline

NOTHING_TO_CANCEL = "response_cancel_not_active"
Event = Mapping[str, Any]
REPEAT_MS = 100
"""Sound that is sent once more goes in pieces of this length."""
NOT_UNDERSTOOD = (KeyError, TypeError, AttributeError, ValueError)


class Protocol:
    """One session, seen from the client. `new_id("event")` makes an id with that prefix."""

    def __init__(self, timeline: Timeline, new_id: Callable[[str], str]) -> None:
        self.timeline = timeline
        self.session: Mapping[str, Any] = {}  # the server's, as it last told it
        self.greeted = False  # the server has said its first word
        self.input_format = self.output_format = AudioFormat.PCM16
        self.floor = Floor()
        self.speaking = Speaking()
        self._new_id = new_id
        self._outbox: list[str] = []
        self._updates: deque[str] = deque()  # ids of session.update not yet answered
        self._cancel_next = False  # interrupt() came between create and created
        self.wishes: list[Event] = []  # the session.update that hold, in order
        self.held: list[Event | Span] | None = None  # without a connection: what is to be sent
        self.sessions = 0  # of the server, so far
        self._told: Mapping[str, Any] = {}  # by the server, of a session that is not yet in use

    # what goes out

    def send(self, event: Mapping[str, Any], now: float, *, at_once: bool = False) -> str:
        """Record and queue a client event; its `event_id` comes back (made, if it had none).

        A `response.create` waits until no response is active, unless it is to go `at_once`.
        """
        if not isinstance(event.get("type"), str):
            raise ValueError(
                f"an event needs a `type`, found the keys {sorted(event)}. The types are: "
                f"{', '.join(events.CLIENT_EVENTS)}."
            )
        event_id = event.get("event_id") or self._new_id("event")
        event = {**event, "event_id": event_id}
        waits = event["type"] == events.RESPONSE_CREATE and not at_once
        if waits and not is_beside(event):
            self.floor.ask(event)
            self._release(now)
        elif self.held is not None:
            self.held.append(event)
        else:
            self._transmit(event, now)
        return str(event_id)

    def append(self, data: bytes, now: float) -> None:
        """Record and queue sound, in the session's input format."""
        if self.held is not None:
            self._keep(data, now)
            return
        event = events.append_audio(data)
        self._outbox.append(json.dumps(event))
        self.timeline.append(now, "client", event, audio=data, format=self.input_format)

    def _keep(self, data: bytes, now: float) -> None:
        """There is no connection: the sound lies on the timeline until there is one."""
        fact = {"type": "input.held"}
        moment = self.timeline.append(
            now, "local", fact, audio=data, track=INPUT, format=self.input_format
        )
        if self.held is not None and moment.audio:
            self.held.append(moment.audio)

    def interrupt(self, now: float) -> list[Command]:
        """Stop the assistant: cancel the active response, silence what is being played."""
        active = self.floor.active
        if active and not self.speaking.was_dropped(active):
            self.send(events.cancel_response(active), now)
        self._cancel_next = self.floor.promised
        return [*self.speaking.stop(active)]

    def data_to_send(self) -> list[str]:
        """The texts to put on the socket, in order; they are handed out once."""
        texts, self._outbox = self._outbox, []
        return texts

    def _transmit(self, event: Mapping[str, Any], now: float) -> None:
        if event["type"] == events.SESSION_UPDATE:
            self._updates.append(event["event_id"])
            if event not in self.wishes:
                self.wishes = [wish for wish in self.wishes if not covers(event, wish)]
                self.wishes.append(event)
        elif event["type"] == events.RESPONSE_CREATE and is_beside(event):
            self.floor.beside(event)
        self._outbox.append(json.dumps(event))
        self.timeline.append(now, "client", event, format=self.input_format)

    def _release(self, now: float) -> None:
        """Send the next waiting response.create, if the floor is free."""
        create = None if self.held is not None else self.floor.next()
        if create is not None:
            self._transmit(create, now)

    # a session that ends, and the one after it

    @property
    def updating(self) -> bool:
        """Whether a `session.update` is not yet answered."""
        return bool(self._updates)

    def hold(self) -> Unfinished:
        """The connection is gone: from now on what is to be sent is held. What was under way."""
        self.held = [] if self.held is None else self.held
        self._outbox.clear()
        self._updates.clear()
        self._cancel_next = False
        self.speaking.leave()
        return self.floor.leave()

    def tell(self, event: Mapping[str, Any], now: float, *, sound: Span | None = None) -> str:
        """Send an event past what is held; its `event_id` comes back.

        `sound` is where the sound of an item lies that the event carries: it is not recorded a
        second time.
        """
        event = {**event, "event_id": event.get("event_id") or self._new_id("event")}
        if sound is None:
            self._transmit(event, now)
        else:
            self._outbox.append(json.dumps(event))
            silent = without_sound(event)
            self.timeline.append(now, "client", silent, format=self.input_format, span=sound)
        return str(event["event_id"])

    def repeat(self, span: Span, now: float) -> None:
        """Send sound of the timeline once more."""
        data = self.timeline.tracks[span.track].read(span)
        size = bytes_for_ms(REPEAT_MS, self.input_format)
        width = self.input_format.bytes_per_sample
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            part = Span(span.track, span.first + at // width, len(piece) // width)
            self._outbox.append(json.dumps(events.append_audio(piece)))
            self.timeline.append(now, "client", {"type": events.APPEND, "audio": ""}, span=part)

    def adopt(self, now: float) -> None:
        """The new session is as the old one was: it holds from now on."""
        if self._told:
            self._use(self._told, now)

    @property
    def coming(self) -> Mapping[str, Any]:
        """The server's session as it last told it, in use or not yet."""
        return self._told if self.held is not None and self._told else self.session

    def with_id(self, event: Mapping[str, Any]) -> Event:
        """The event with an `event_id`."""
        return {**event, "event_id": self._new_id("event")}

    def go_on(self, now: float, first: int = 0) -> None:
        """Send what was held, and what waited for the floor.

        With `first`, so many creates wait there that were asked before anything was held: the
        first of them goes before.
        """
        held, self.held = self.held or [], None
        if first:
            self._release(now)
        for what in held:
            if isinstance(what, Span):
                self.repeat(what, now)
            else:
                self._transmit(what, now)
        self._release(now)

    # what comes in

    def receive(self, text: str, now: float) -> list[Command]:
        """Record one message of the server, and say what is to be done about it."""
        try:
            event = json.loads(text)
        except (ValueError, RecursionError) as exc:
            return [self._reject(f"the server sent what is not JSON ({exc})", text, now)]
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            return [self._reject("the server sent JSON that is not an event", text, now)]
        format, audio, field = self.output_format, None, events.AUDIO_FIELD.get(event["type"])
        try:
            audio = from_base64(event[field]) if field else None
            told = self.timeline.append(
                now, "server", event, audio=audio, format=format, text=text
            ).event  # without credentials, which an error or `session` would show
            return self._handle(told, audio or b"", now)
        except NOT_UNDERSTOOD as exc:
            if audio is None and field:
                self.timeline.append(now, "server", event, format=format, text=text)
            return [self._reject(f"{event['type']} has a wrong shape ({exc!r})", None, now)]

    def note(self, fact: Mapping[str, Any], now: float) -> list[Command]:
        """Record a local fact (`playback.flushed` ...), and say what is to be done about it."""
        self.timeline.append(now, "local", fact)
        try:
            if fact["type"] == "playback.finished":
                self.speaking.finished(fact["item_id"])
            elif fact["type"] == "playback.flushed":
                cut = self.speaking.cut(fact["item_id"], float(fact["played_ms"]))
                if cut:
                    self.send(cut, now)
        except NOT_UNDERSTOOD as exc:
            return [self._reject(f"{fact.get('type')} has a wrong shape ({exc!r})", None, now)]
        return []

    def _handle(self, event: Mapping[str, Any], audio: bytes, now: float) -> list[Command]:
        type_ = common_name(event["type"])
        if type_ == events.AUDIO_DELTA:
            play = self.speaking.hear(event, audio, self.output_format)
            return [play] if play else []
        handler = HANDLERS.get(type_)
        return handler(self, event, now) if handler else []

    def _reject(self, problem: str, text: str | None, now: float) -> Report:
        fact = {"type": "error", "where": "receive", "message": problem}
        self.timeline.append(now, "local", fact, text=text)
        return Report(SessionError(f"{problem}; it is on the timeline and the session goes on."))

    def _session_told(self, event: Mapping[str, Any], now: float) -> list[Command]:
        session = event["session"]
        if not isinstance(session, Mapping):
            raise TypeError(f"session is {session!r}")
        self.greeted = True
        told: list[Command] = []
        if self.held is None:
            told += self._use(session, now)
        else:  # what is said meanwhile is in the format of the session that was
            self._told = session
        if event["type"] == events.SESSION_CREATED:
            self.sessions += 1
            return told
        return [*told, Updated(self._updates.popleft() if self._updates else None)]

    def _use(self, session: Mapping[str, Any], now: float) -> list[Command]:
        """What is not understood of its formats changes nothing, and is told."""
        self.session = session
        try:
            self.input_format = audio_format(session, "input")
            self.output_format = audio_format(session, "output")
        except NOT_UNDERSTOOD as exc:
            return [self._reject(f"the session has a sound that cannot be read ({exc})", None, now)]
        return []

    def _conversation_created(self, event: Mapping[str, Any], now: float) -> list[Command]:
        """Some servers begin with this; what the session is, the first update will tell."""
        self.greeted = True
        self.sessions += 1
        return []

    def _response_created(self, event: Mapping[str, Any], now: float) -> list[Command]:
        if not self.floor.created(event["response"]) or not self._cancel_next:
            return []
        self._cancel_next = False
        return self.interrupt(now)

    def _response_done(self, event: Mapping[str, Any], now: float) -> list[Command]:
        response_id, status = event["response"]["id"], event["response"].get("status", "completed")
        done = self.speaking.complete(self.speaking.of_response(response_id))
        author = self.floor.done(response_id)
        self._release(now)
        return [*done, TurnDone(response_id, author, str(status))]

    def _refused(self, event: Mapping[str, Any], now: float) -> list[Command]:
        error = event["error"]
        code = error.get("code")
        if ALREADY_ACTIVE in (code, error.get("type")):
            code = ALREADY_ACTIVE  # some have it as the type
        cause = error.get("event_id") or (self.floor.sent if code == ALREADY_ACTIVE else None)
        failure = session_error({**error, "code": code, "event_id": cause})
        if code == NOTHING_TO_CANCEL:
            return []  # the response ended by itself while our cancel was under way
        if cause is None:
            return [Report(failure)]
        if cause in self._updates:
            self._updates.remove(cause)
            self.wishes = [wish for wish in self.wishes if wish["event_id"] != cause]
        if self.floor.refused(cause, code):
            return []  # the server had begun a response of its own: ours waits for its end
        self._release(now)
        return [Fail(cause, failure)]

    def _audio_done(self, event: Mapping[str, Any], now: float) -> list[Command]:
        return [*self.speaking.complete(self.speaking.of_item(event["item_id"]))]

    def _speech_started(self, event: Mapping[str, Any], now: float) -> list[Command]:
        """Someone speaks; the server cancels its response by itself if it may be interrupted."""
        detection = turn_detection(self.session)
        if detection is None or not detection.get("interrupt_response", True):
            return []
        return [*self.speaking.stop(self.floor.active)]


Handler = Callable[[Protocol, Mapping[str, Any], float], list[Command]]
HANDLERS: Mapping[str, Handler] = {
    events.SESSION_CREATED: Protocol._session_told,
    events.SESSION_UPDATED: Protocol._session_told,
    events.RESPONSE_CREATED: Protocol._response_created,
    events.RESPONSE_DONE: Protocol._response_done,
    CONVERSATION_CREATED: Protocol._conversation_created,
    events.AUDIO_DONE: Protocol._audio_done,
    events.SPEECH_STARTED: Protocol._speech_started,
    events.ERROR: Protocol._refused,
}
"""Event type of the server -> what the core does about it; all others are only recorded."""


def covers(later: Any, earlier: Any) -> bool:
    """Whether a later `session.update` says all anew that an earlier one said."""
    if not isinstance(later, Mapping) or not isinstance(earlier, Mapping):
        return True
    beside = {"event_id", "type"} if "session" in later else set()
    names = earlier.keys() - beside
    return all(name in later and covers(later[name], earlier[name]) for name in names)


def without_sound(event: Mapping[str, Any]) -> dict[str, Any]:
    """A `conversation.item.create` with "" for its base64 audio."""
    item = event["item"]
    content = [{**part, "audio": ""} if "audio" in part else part for part in item["content"]]
    return {**event, "item": {**item, "content": content}}
