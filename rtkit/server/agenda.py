"""Where the core collects the commands of one call, in the order in which they must be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from rtkit.refusals import Refusal
from rtkit.server.commands import Command, Send
from rtkit.server.rejections import error_event


class Agenda:
    """Commands still to be handed out. `new_id` gives each event its id."""

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
        """Add the `error` event of a refusal; the client's event_id is echoed in it."""
        echoed = client_event_id if isinstance(client_event_id, str) else None
        self.send(error_event(refusal, echoed))

    def obfuscation(self) -> dict[str, str]:
        """The field that hides how long a text delta is."""
        return {"obfuscation": self.new_id("")[:10]}

    def take(self) -> list[Command]:
        """All commands so far; the agenda is then empty."""
        commands, self._commands = self._commands, []
        return commands
