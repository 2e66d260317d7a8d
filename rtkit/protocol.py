"""The client core of a realtime session: events in, commands out.

Rule 1: no sockets, no clock, no sleeping here; `now` is an argument (seconds on the timeline).
Rule 2: every event, sent, received or local, goes onto the timeline exactly once.
Rule 3: whatever a server sends is recorded; what cannot be understood is reported, never fatal.

Whoever holds the socket calls `send`, `receive`, `note` and `interrupt`, carries the commands out,
and after each call transmits `data_to_send()`. When a response may be asked for is decided in
`floor`, how it goes out in `outgoing`, what is played and where an interrupted answer is cut in
`interruption`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from . import events
from .audio import from_base64
from .commands import Command, Fail, Report, TurnDone, Updated
from .dialects import CONVERSATION_CREATED, audio_format, common_name, turn_detection
from .errors import SessionError
from .floor import ALREADY_ACTIVE, Floor, Unfinished
from .formats import AudioFormat
from .interruption import Speaking
from .outgoing import Outgoing
from .remedies import session_error
from .timeline import Timeline

NOTHING_TO_CANCEL = "response_cancel_not_active"
NOT_UNDERSTOOD = (KeyError, TypeError, AttributeError, ValueError)


class Protocol:
    """One session, seen from the client. `new_id("event")` makes an id with that prefix."""

    def __init__(self, timeline: Timeline, new_id: Callable[[str], str]) -> None:
        self.timeline = timeline
        self.session: Mapping[str, Any] = {}  # the server's, as it last told it
        self.greeted = False  # the server has said its first word
        self.output_format = AudioFormat.PCM16
        self.floor = Floor()
        self.speaking = Speaking()
        self.outgoing = Outgoing(timeline, self.floor, new_id)
        self._cancel_next = False  # interrupt() came between create and created
        self.sessions = 0  # of the server, so far
        self._told: Mapping[str, Any] = {}  # by the server, of a session that is not yet in use

    # what goes out

    @property
    def input_format(self) -> AudioFormat:
        return self.outgoing.format

    def send(self, event: Mapping[str, Any], now: float, *, at_once: bool = False) -> str:
        """Record and queue a client event; its `event_id` comes back (made, if it had none).

        A `response.create` waits until no response is active, unless it is to go `at_once`.
        ValueError for an event without a `type`.
        """
        return self.outgoing.send(event, now, at_once=at_once)

    def append(self, data: bytes, now: float) -> None:
        """Record and queue sound, in the session's input format."""
        self.outgoing.append(data, now)

    def data_to_send(self) -> list[str]:
        """The texts to put on the socket, in order; they are handed out once."""
        return self.outgoing.taken()

    def interrupt(self, now: float) -> list[Command]:
        """Stop the assistant: cancel the active response, silence what is being played."""
        active = self.floor.active
        if active and not self.speaking.was_dropped(active):
            self.send(events.cancel_response(active), now)
        self._cancel_next = self.floor.promised
        return [*self.speaking.stop(active)]

    # a session that ends, and the one after it

    def hold(self) -> Unfinished:
        """The connection is gone: from now on what is to be sent is held. What was under way."""
        self._cancel_next = False
        self.speaking.leave()
        return self.outgoing.hold()

    def adopt(self, now: float) -> None:
        """The new session is as the old one was: it holds from now on."""
        if self._told:
            self._use(self._told, now)

    @property
    def held(self) -> bool:
        """Whether there is no session that holds: what is to be sent waits."""
        return self.outgoing.held is not None

    @property
    def coming(self) -> Mapping[str, Any]:
        """The server's session as it last told it, in use or not yet."""
        return self._told if self.held and self._told else self.session

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
        if not self.held:
            told += self._use(session, now)
        else:  # what is said meanwhile is in the format of the session that was
            self._told = session
        if event["type"] == events.SESSION_CREATED:
            self.sessions += 1
            return told
        return [*told, Updated(self.outgoing.updated())]

    def _use(self, session: Mapping[str, Any], now: float) -> list[Command]:
        """What is not understood of its formats changes nothing, and is told."""
        self.session = session
        try:
            self.outgoing.format = audio_format(session, "input")
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
        self.outgoing.release(now)
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
        self.outgoing.refused(cause)
        if self.floor.refused(cause, code):
            return []  # the server had begun a response of its own: ours waits for its end
        self.outgoing.release(now)
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
