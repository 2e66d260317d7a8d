"""What the server core asks its surroundings to do, and the agenda on which one call collects it.

Commands are data with imperative names; they are done in the order in which they were collected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.catalog import limit
from rtkit.refusals import Refusal
from rtkit.server.brain import Request
from rtkit.server.rejections import error_event

LONGEST_EVENT_ID = int(limit("event_id_chars"))


@dataclass(frozen=True, slots=True)
class Send:
    """Send this event to the client, after all that were sent before."""

    event: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Listen:
    """Give the recogniser more of an utterance: int16[n] at 16 kHz. The first one begins it."""

    item_id: str
    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Finish:
    """The utterance is complete: report its words by `Core.heard` or `Core.unheard`."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Forget:
    """The utterance will never be needed: stop recognising it."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Think:
    """Ask the brain; report by `Core.reply_piece`, `Core.audio` and `Core.reply_done`.

    `voice` is None when the answer is written, else the voice and `speed` to speak it with.
    """

    response_id: str
    request: Request
    voice: str | None
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop brain and voice of a response at once; what they still yield is dropped."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection once everything has been sent."""

    code: int
    reason: str


Command = Send | Listen | Finish | Forget | Think | Stop | Close


class Agenda:
    """The commands of one call, still to be handed out. `new_id` gives each event its id."""

    def __init__(self, new_id: Callable[[str], str]) -> None:
        self.new_id = new_id
        self._commands: list[Command] = []

    def do(self, command: Command) -> None:
        """Add a command."""
        self._commands.append(command)

    def send(self, event: dict[str, Any]) -> None:
        """Add an event to be sent; it gets its event_id here."""
        self.do(Send({"type": event["type"], "event_id": self.new_id("event_"), **event}))

    def send_all(self, events: Iterable[dict[str, Any]]) -> None:
        """Add events in order."""
        for event in events:
            self.send(event)

    def refuse(self, refusal: Refusal, client_event_id: object = None) -> None:
        """Add the `error` event of a refusal; the client's event_id is echoed, if it is one."""
        told = isinstance(client_event_id, str) and len(client_event_id) <= LONGEST_EVENT_ID
        echoed = str(client_event_id) if told else None
        self.send(error_event(refusal, echoed))

    def obfuscation(self) -> dict[str, str]:
        """The field that hides how long a text delta is."""
        return {"obfuscation": self.new_id("")[:10]}

    def take(self) -> list[Command]:
        """All commands so far; the agenda is then empty."""
        commands, self._commands = self._commands, []
        return commands
