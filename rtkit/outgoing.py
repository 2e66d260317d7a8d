"""What a client sends: recorded and queued, held while there is no connection, sent once more.

A `response.create` waits for the floor. What is sent past what is held (`tell`, `repeat`) is what a
new session is told of the one before it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from . import events
from .audio import bytes_for_ms
from .floor import Floor, Unfinished, is_beside
from .formats import AudioFormat
from .moments import Span
from .timeline import INPUT, Timeline

Event = Mapping[str, Any]
REPEAT_MS = 100
"""Sound that is sent once more goes in pieces of this length."""


class Outgoing:
    """The client's events on their way out. `new_id("event")` makes an id with that prefix."""

    def __init__(self, timeline: Timeline, floor: Floor, new_id: Callable[[str], str]) -> None:
        self.format = AudioFormat.PCM16  # of the sound
        self.wishes: list[Event] = []  # the session.update that hold, in order
        self.held: list[Event | Span] | None = None  # without a connection: what is to be sent
        self._timeline, self._floor, self._new_id = timeline, floor, new_id
        self._outbox: list[str] = []
        self._updates: deque[str] = deque()  # ids of session.update not yet answered

    def send(self, event: Mapping[str, Any], now: float, *, at_once: bool = False) -> str:
        """Record and queue a client event; its `event_id` comes back (made, if it had none).

        A `response.create` waits until no response is active, unless it is to go `at_once`.
        """
        if not isinstance(event.get("type"), str):
            raise ValueError(
                f"an event needs a `type`, found the keys {sorted(event)}. The types are: "
                f"{', '.join(events.CLIENT_EVENTS)}."
            )
        event = self.with_id(event)
        waits = event["type"] == events.RESPONSE_CREATE and not at_once
        if waits and not is_beside(event):
            self._floor.ask(event)
            self.release(now)
        elif self.held is not None:
            self.held.append(event)
        else:
            self._transmit(event, now)
        return str(event["event_id"])

    def append(self, data: bytes, now: float) -> None:
        """Record and queue sound, in the session's input format."""
        if self.held is not None:
            self._keep(self.held, data, now)
            return
        event = events.append_audio(data)
        self._outbox.append(json.dumps(event))
        self._timeline.append(now, "client", event, audio=data, format=self.format)

    def _keep(self, held: list[Event | Span], data: bytes, now: float) -> None:
        """There is no connection: the sound lies on the timeline until there is one."""
        fact = {"type": "input.held"}
        moment = self._timeline.append(
            now, "local", fact, audio=data, track=INPUT, format=self.format
        )
        if moment.audio:
            held.append(moment.audio)

    def taken(self) -> list[str]:
        """The texts to put on the socket, in order; they are handed out once."""
        texts, self._outbox = self._outbox, []
        return texts

    def with_id(self, event: Mapping[str, Any]) -> Event:
        """The event with an `event_id`: its own, or a new one."""
        return {**event, "event_id": event.get("event_id") or self._new_id("event")}

    def release(self, now: float) -> None:
        """Send the next waiting response.create, if the floor is free."""
        create = None if self.held is not None else self._floor.next()
        if create is not None:
            self._transmit(create, now)

    def _transmit(self, event: Event, now: float) -> None:
        if event["type"] == events.SESSION_UPDATE:
            self._updates.append(event["event_id"])
            if event not in self.wishes:
                self.wishes = [wish for wish in self.wishes if not covers(event, wish)]
                self.wishes.append(event)
        elif event["type"] == events.RESPONSE_CREATE and is_beside(event):
            self._floor.beside(event)
        self._outbox.append(json.dumps(event))
        self._timeline.append(now, "client", event, format=self.format)

    # what the server says to a session.update

    @property
    def updating(self) -> bool:
        """Whether a `session.update` is not yet answered."""
        return bool(self._updates)

    def updated(self) -> str | None:
        """The oldest `session.update` that waited is answered; its id."""
        return self._updates.popleft() if self._updates else None

    def refused(self, event_id: str) -> None:
        """A client event was refused: an update that was is no wish any more."""
        if event_id in self._updates:
            self._updates.remove(event_id)
            self.wishes = [wish for wish in self.wishes if wish["event_id"] != event_id]

    # a session that ends, and the one after it

    def hold(self) -> Unfinished:
        """The connection is gone: from now on what is to be sent is held. What was under way."""
        self.held = [] if self.held is None else self.held
        self._outbox.clear()
        self._updates.clear()
        return self._floor.leave()

    def tell(self, event: Mapping[str, Any], now: float, *, sound: Span | None = None) -> str:
        """Send an event past what is held; its `event_id` comes back.

        `sound` is where the sound of an item lies that the event carries: it is not recorded a
        second time.
        """
        event = self.with_id(event)
        if sound is None:
            self._transmit(event, now)
        else:
            self._outbox.append(json.dumps(event))
            silent = without_sound(event)
            self._timeline.append(now, "client", silent, format=self.format, span=sound)
        return str(event["event_id"])

    def repeat(self, span: Span, now: float) -> None:
        """Send sound of the timeline once more."""
        data = self._timeline.tracks[span.track].read(span)
        size = bytes_for_ms(REPEAT_MS, self.format)
        width = self.format.bytes_per_sample
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            part = Span(span.track, span.first + at // width, len(piece) // width)
            self._outbox.append(json.dumps(events.append_audio(piece)))
            self._timeline.append(now, "client", {"type": events.APPEND, "audio": ""}, span=part)

    def go_on(self, now: float, first: int = 0) -> None:
        """Send what was held, and what waited for the floor.

        With `first`, so many creates wait there that were asked before anything was held: the
        first of them goes before.
        """
        held, self.held = self.held or [], None
        if first:
            self.release(now)
        for what in held:
            if isinstance(what, Span):
                self.repeat(what, now)
            else:
                self._transmit(what, now)
        self.release(now)


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
