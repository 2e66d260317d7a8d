"""The client core of a realtime session: events in, commands out.

Rule 1: no sockets, no clock, no sleeping here; `now` is an argument (seconds on the timeline).
Rule 2: every event, sent, received or local, goes onto the timeline exactly once.
Rule 3: whatever a server sends is recorded; what cannot be understood is reported, never fatal.

Whoever holds the socket calls `send`, `receive`, `note` and `interrupt`, carries the commands out,
and after each call transmits `data_to_send()`. Two things are decided here and nowhere else:

- One response at a time. A `response.create` for the default conversation waits in a queue while
  another response is active; the wire refuses a second one.
- Interruption. The server cancels its response but does not know what was played. So: playback is
  stopped, the player tells how much was heard, and the item is truncated to that, never beyond
  what was received, never twice, never at 0 ms. What still arrives of it is not played.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import events
from .audio import AudioFormat, duration_ms, from_base64, to_base64
from .errors import RtkitError, SessionError
from .timeline import Timeline

ALREADY_ACTIVE = "conversation_already_has_active_response"
NOTHING_TO_CANCEL = "response_cancel_not_active"
BETA_AUDIO_DELTA, BETA_AUDIO_DONE = "response.audio.delta", "response.audio.done"
NOT_UNDERSTOOD = (KeyError, TypeError, AttributeError, ValueError)


@dataclass(frozen=True, slots=True)
class Play:
    """Play these bytes (in `format`) after what came before of the same item."""

    item_id: str
    response_id: str
    content_index: int
    pcm: bytes
    format: AudioFormat


@dataclass(frozen=True, slots=True)
class PlayDone:
    """No more audio will come for this item."""

    item_id: str


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Silence this item now, and `note` how much of it was played (`playback.flushed`)."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Updated:
    """The `session.update` with this id took effect (None: a change that we did not ask for)."""

    event_id: str | None


@dataclass(frozen=True, slots=True)
class TurnDone:
    """A response ended; `event_id` is that of the `response.create` which asked for it, if one did.

    `status` is the wire's: completed, cancelled, incomplete or failed.
    """

    response_id: str
    event_id: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Fail:
    """The server refused the client event with this id."""

    event_id: str
    error: SessionError


@dataclass(frozen=True, slots=True)
class Report:
    """Something went wrong that no client event asked for."""

    error: RtkitError


Command = Play | PlayDone | StopPlayback | Updated | TurnDone | Fail | Report


@dataclass(slots=True)
class Sound:
    """What is known of one assistant item that is spoken."""

    item_id: str
    response_id: str
    content_index: int
    format: AudioFormat
    received: int = 0  # bytes
    complete: bool = False  # no more will come
    stopped: bool = False  # StopPlayback was given; later audio is dropped
    over: bool = False  # played to its end, or flushed
    truncated: bool = False

    @property
    def received_ms(self) -> float:
        return duration_ms(self.received, self.format)


class Protocol:
    """One session, seen from the client. `new_id("event")` makes an id with that prefix."""

    def __init__(self, timeline: Timeline, new_id: Callable[[str], str]) -> None:
        self.timeline = timeline
        self.session: Mapping[str, Any] = {}  # the server's, as it last told it
        self.input_format = self.output_format = AudioFormat.PCM16
        self.active: str | None = None  # the response that is writing to the conversation
        self.sounds: dict[str, Sound] = {}
        self._new_id = new_id
        self._outbox: list[str] = []
        self._updates: deque[str] = deque()  # ids of session.update not yet answered
        self._create: Mapping[str, Any] | None = None  # sent; its response is not yet created
        self._waiting: deque[Mapping[str, Any]] = deque()  # response.create behind the active one
        self._aside: deque[str] = deque()  # ids of out-of-band creates, not yet created
        self._authors: dict[str, Mapping[str, Any]] = {}  # response id -> its response.create
        self._dropped: set[str] = set()  # responses that were interrupted
        self._cancel_next = False  # interrupt() came between create and created

    # what goes out

    def send(self, event: Mapping[str, Any], now: float) -> str:
        """Record and queue a client event; its `event_id` comes back (made, if it had none)."""
        if not isinstance(event.get("type"), str):
            raise ValueError(
                f"an event needs a `type`, found the keys {sorted(event)}. The types are: "
                f"{', '.join(events.CLIENT_EVENTS)}."
            )
        event_id = event.get("event_id") or self._new_id("event")
        event = {**event, "event_id": event_id}
        if event["type"] == events.RESPONSE_CREATE and not _is_aside(event):
            self._waiting.append(event)
            self._release(now)
        else:
            self._transmit(event, now)
        return str(event_id)

    def append(self, data: bytes, now: float) -> None:
        """Record and queue sound, in the session's input format."""
        event = {"type": events.APPEND, "audio": to_base64(data)}
        self._outbox.append(json.dumps(event))
        self.timeline.append(now, "client", event, audio=data, format=self.input_format)

    def withdraw(self, event_id: str) -> None:
        """Forget a `response.create` that is still waiting for its turn."""
        self._waiting = deque(e for e in self._waiting if e["event_id"] != event_id)

    def interrupt(self, now: float) -> list[Command]:
        """Stop the assistant: cancel the active response, silence what is being played."""
        if self.active and self.active not in self._dropped:
            self.send(events.cancel_response(self.active), now)
        self._cancel_next = self._create is not None
        return self._stop()

    def data_to_send(self) -> list[str]:
        """The texts to put on the socket, in order; they are handed out once."""
        texts, self._outbox = self._outbox, []
        return texts

    def _transmit(self, event: Mapping[str, Any], now: float) -> None:
        if event["type"] == events.SESSION_UPDATE:
            self._updates.append(event["event_id"])
        elif event["type"] == events.RESPONSE_CREATE and _is_aside(event):
            self._aside.append(event["event_id"])
        self._outbox.append(json.dumps(event))
        self.timeline.append(now, "client", event, format=self.input_format)

    def _release(self, now: float) -> None:
        """Send the next waiting response.create, if the conversation is free."""
        if self._waiting and self._create is None and self.active is None:
            self._create = self._waiting.popleft()
            self._transmit(self._create, now)

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
            self.timeline.append(now, "server", event, audio=audio, format=format, text=text)
            return self._handle(event, audio or b"", now)
        except NOT_UNDERSTOOD as exc:
            if audio is None and field:
                self.timeline.append(now, "server", event, format=format, text=text)
            return [self._reject(f"{event['type']} has a wrong shape ({exc!r})", None, now)]

    def note(self, fact: Mapping[str, Any], now: float) -> list[Command]:
        """Record a local fact (`playback.flushed` ...), and say what is to be done about it."""
        self.timeline.append(now, "local", fact)
        try:
            sound = self.sounds.get(fact.get("item_id", ""))
            if sound and fact["type"] == "playback.finished":
                sound.over = True
            elif sound and fact["type"] == "playback.flushed":
                self._truncate(sound, float(fact["played_ms"]), now)
        except NOT_UNDERSTOOD as exc:
            return [self._reject(f"{fact.get('type')} has a wrong shape ({exc!r})", None, now)]
        return []

    def _handle(self, event: Mapping[str, Any], audio: bytes, now: float) -> list[Command]:
        type_ = event["type"]
        if type_ in (events.AUDIO_DELTA, BETA_AUDIO_DELTA):
            return self._hear(event, audio)
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
        self.session = session
        self.input_format = audio_format(session, "input")
        self.output_format = audio_format(session, "output")
        if event["type"] == events.SESSION_CREATED:
            return []
        return [Updated(self._updates.popleft() if self._updates else None)]

    def _response_created(self, event: Mapping[str, Any], now: float) -> list[Command]:
        response = event["response"]
        response_id = response["id"]
        if self._aside and response.get("conversation_id") is None:
            self._authors[response_id] = {"event_id": self._aside.popleft(), "aside": True}
            return []
        self.active = response_id
        if self._create is not None:
            self._authors[response_id], self._create = self._create, None
        if not self._cancel_next:
            return []
        self._cancel_next = False
        return self.interrupt(now)

    def _response_done(self, event: Mapping[str, Any], now: float) -> list[Command]:
        response_id, status = event["response"]["id"], event["response"].get("status", "completed")
        author = self._authors.pop(response_id, {})
        done = [
            self._finish(sound)
            for sound in self.sounds.values()
            if sound.response_id == response_id
        ]
        if not author.get("aside"):
            self.active = None
            self._release(now)
        commands: list[Command] = [command for command in done if command]
        return [*commands, TurnDone(response_id, author.get("event_id"), str(status))]

    def _refused(self, event: Mapping[str, Any], now: float) -> list[Command]:
        error = event["error"]
        code, cause = error.get("code"), error.get("event_id")
        failure = SessionError(
            str(error.get("message")), code=code, param=error.get("param"), event_id=cause
        )
        if code == NOTHING_TO_CANCEL:
            return []  # the response ended by itself while our cancel was under way
        if cause is None:
            return [Report(failure)]
        if self._retry(code, cause):
            return []
        return [Fail(cause, failure)]

    def _retry(self, code: object, cause: str) -> bool:
        """Forget a refused event; True if it is a response.create that only came too early."""
        if cause in self._updates:
            self._updates.remove(cause)
        if cause in self._aside:
            self._aside.remove(cause)
        create = self._forget_create(cause)
        if create is None or code != ALREADY_ACTIVE or self.active is None:
            return False
        self._waiting.appendleft(create)  # the server had begun a response of its own
        return True

    def _forget_create(self, cause: str) -> Mapping[str, Any] | None:
        """The default-conversation create with this id, no longer author of any response."""
        if self._create is not None and self._create["event_id"] == cause:
            create, self._create = self._create, None
            return create
        for response_id, author in self._authors.items():
            if author["event_id"] == cause and not author.get("aside"):
                return self._authors.pop(response_id)
        return None

    # the sound of the assistant

    def _hear(self, event: Mapping[str, Any], audio: bytes) -> list[Command]:
        item_id, response_id = event["item_id"], event["response_id"]
        index = int(event.get("content_index", 0))
        if response_id in self._dropped:
            return []
        sound = self.sounds.setdefault(
            item_id, Sound(item_id, response_id, index, self.output_format)
        )
        if sound.stopped or not audio:
            return []
        sound.received += len(audio)
        return [Play(item_id, response_id, index, audio, sound.format)]

    def _audio_done(self, event: Mapping[str, Any], now: float) -> list[Command]:
        sound = self.sounds.get(event["item_id"])
        command = self._finish(sound) if sound else None
        return [command] if command else []

    @staticmethod
    def _finish(sound: Sound) -> PlayDone | None:
        if sound.complete or sound.stopped:
            return None
        sound.complete = True
        return PlayDone(sound.item_id)

    def _speech_started(self, event: Mapping[str, Any], now: float) -> list[Command]:
        detection = turn_detection(self.session)
        interrupts = detection is not None and detection.get("interrupt_response", True)
        return self._stop() if interrupts else []

    def _stop(self) -> list[Command]:
        """Silence all that is not yet played to its end, and drop what the response still sends."""
        if self.active:
            self._dropped.add(self.active)
        speaking = [sound for sound in self.sounds.values() if not (sound.over or sound.stopped)]
        for sound in speaking:
            sound.stopped = True
        return [StopPlayback(sound.item_id) for sound in speaking]

    def _truncate(self, sound: Sound, played_ms: float, now: float) -> None:
        """Tell the server how much of an item was heard, unless all of it or nothing was."""
        sound.stopped = sound.over = True
        heard_all = sound.complete and played_ms >= sound.received_ms
        end_ms = int(min(played_ms, sound.received_ms))
        if sound.truncated or heard_all or end_ms <= 0:
            return
        sound.truncated = True
        self.send(events.truncate(sound.item_id, end_ms, sound.content_index), now)


Handler = Callable[[Protocol, Mapping[str, Any], float], list[Command]]
HANDLERS: Mapping[str, Handler] = {
    events.SESSION_CREATED: Protocol._session_told,
    events.SESSION_UPDATED: Protocol._session_told,
    events.RESPONSE_CREATED: Protocol._response_created,
    events.RESPONSE_DONE: Protocol._response_done,
    events.AUDIO_DONE: Protocol._audio_done,
    BETA_AUDIO_DONE: Protocol._audio_done,
    events.SPEECH_STARTED: Protocol._speech_started,
    events.ERROR: Protocol._refused,
}
"""Event type of the server -> what the core does about it; all others are only recorded."""


def turn_detection(session: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The turn detection of a session object, GA or beta; None when turns are manual."""
    audio = session.get("audio")
    place = audio.get("input", {}) if isinstance(audio, Mapping) else session
    found = place.get("turn_detection")
    return found if isinstance(found, Mapping) else None


def audio_format(session: Mapping[str, Any], side: str) -> AudioFormat:
    """The format of the "input" or "output" of a session object, GA or beta; PCM16 if untold."""
    audio = session.get("audio")
    if isinstance(audio, Mapping):
        told = audio.get(side, {}).get("format")
        return AudioFormat.from_wire(told) if told else AudioFormat.PCM16
    return AudioFormat(session.get(f"{side}_audio_format") or AudioFormat.PCM16.value)


def _is_aside(event: Mapping[str, Any]) -> bool:
    """Whether a response.create stays out of the conversation; several such may run at once."""
    response = event.get("response")
    return isinstance(response, Mapping) and response.get("conversation") == "none"
