"""Who has the floor: one response at a time may write to the conversation.

The wire refuses a `response.create` while another response is active, and a server with turn
detection begins responses by itself. So creates wait here until the floor is free, and one that
was refused because the server had begun first waits again. Responses outside the conversation
(`"conversation": "none"`) run beside all that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]
ALREADY_ACTIVE = "conversation_already_has_active_response"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What was under way when a session broke off.

    `active` is the response that had the floor, `author` the create that led to it (None: the
    server began it by itself), `sent` a create whose response was not there yet, and `beside` the
    creates outside the conversation.
    """

    active: str | None = None
    author: Event | None = None
    sent: Event | None = None
    beside: tuple[Event, ...] = ()


class Floor:
    """The creates that wait, the one that was sent, and the responses they led to."""

    def __init__(self) -> None:
        self.active: str | None = None  # the response that has the floor
        self._sent: Event | None = None  # a create whose response is not yet created
        self._waiting: deque[Event] = deque()
        self._aside: deque[Event] = deque()  # creates outside the conversation, likewise
        self._authors: dict[str, Event] = {}  # response id -> the create that led to it
        self._beside: dict[str, Event] = {}  # response id outside the conversation -> its create

    @property
    def promised(self) -> bool:
        """Whether a create was sent whose response is not there yet."""
        return self._sent is not None

    @property
    def sent(self) -> str | None:
        """The id of the create that was sent and has no response yet."""
        return None if self._sent is None else str(self._sent["event_id"])

    @property
    def outside(self) -> frozenset[str]:
        """The responses under way that stay outside the conversation."""
        return frozenset(self._beside)

    def ask(self, create: Event) -> None:
        """Let a create wait for the floor."""
        self._waiting.append(create)

    def beside(self, create: Event) -> None:
        """A create that stays outside the conversation was sent."""
        self._aside.append(create)

    def next(self) -> Event | None:
        """The create to send now, if the floor is free and one is waiting."""
        if not self._waiting or self._sent is not None or self.active is not None:
            return None
        self._sent = self._waiting.popleft()
        return self._sent

    @property
    def free(self) -> bool:
        """Whether nothing is under way or waits."""
        return not (self.active or self._sent or self._waiting or self._aside or self._beside)

    def leave(self) -> Unfinished:
        """The session is gone: what was under way in it. Creates that were not sent still wait."""
        author = self._authors.get(self.active) if self.active else None
        beside = (*self._beside.values(), *self._aside)
        unfinished = Unfinished(self.active, author, self._sent, beside)
        self.active, self._sent = None, None
        for table in (self._authors, self._beside, self._aside):
            table.clear()
        return unfinished

    def ask_first(self, create: Event) -> None:
        """Let a create wait before all others."""
        self._waiting.appendleft(create)

    def withdraw(self, event_id: str) -> None:
        """Forget a create that still waits."""
        self._waiting = deque(e for e in self._waiting if e["event_id"] != event_id)

    def created(self, response: Mapping[str, Any]) -> bool:
        """A response begins; whether it took the floor."""
        response_id = response["id"]
        if self._aside and response.get("conversation_id") is None:
            self._beside[response_id] = self._aside.popleft()
            return False
        self.active = response_id
        if self._sent is not None:
            self._authors[response_id], self._sent = self._sent, None
        return True

    def done(self, response_id: str) -> str | None:
        """A response ended; the id of the create that led to it, if one did."""
        if response_id in self._beside:
            return str(self._beside.pop(response_id)["event_id"])
        if self.active == response_id:  # a server may tell the end twice
            self.active = None
        author = self._authors.pop(response_id, None)
        return str(author["event_id"]) if author else None

    def refused(self, event_id: str, code: object) -> bool:
        """A client event was refused; True if it was a create that only has to wait again."""
        self._aside = deque(e for e in self._aside if e["event_id"] != event_id)
        create = self._forget(event_id)
        if create is None or code != ALREADY_ACTIVE or self.active is None:
            return False
        self._waiting.appendleft(create)
        return True

    def _forget(self, event_id: str) -> Event | None:
        """The create with this id, which leads to no response after all."""
        if self._sent is not None and self._sent["event_id"] == event_id:
            create, self._sent = self._sent, None
            return create
        for response_id, author in self._authors.items():
            if author["event_id"] == event_id:
                return self._authors.pop(response_id)
        return None


def is_beside(event: Event) -> bool:
    """Whether a `response.create` stays outside the conversation; several may run at once."""
    response = event.get("response")
    return isinstance(response, Mapping) and response.get("conversation") == "none"
