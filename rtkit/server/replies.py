"""The responses of one session: at most one in the conversation, any number beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.server.brain import Call, Cut, Piece, Request
from rtkit.server.commands import Agenda, Stop, Think
from rtkit.server.conversation import Conversation, Entry
from rtkit.server.rejections import Refused, refuse
from rtkit.server.responses import Plan, Response
from rtkit.server.usage import Tokens, rate_limits, settings_tokens


class Replies:
    """Starts, feeds and ends responses. `wall` tells a brain what time it is.

    `ended` is called with each response that is over, and its status.
    """

    def __init__(
        self,
        agenda: Agenda,
        conversation: Conversation,
        wall: Callable[[], datetime],
        ended: Callable[[Response, str], None] = lambda response, status: None,
    ) -> None:
        self._agenda = agenda
        self._conversation = conversation
        self._wall = wall
        self._ended = ended
        self._running: dict[str, Response] = {}
        self._cached = Tokens()
        self._used = 0
        self.voices: set[str] = set()  # that the client has heard

    @property
    def active(self) -> Response | None:
        """The response that writes to the conversation."""
        found = (r for r in self._running.values() if r.plan.in_conversation)
        return next(found, None)

    def get(self, response_id: object) -> Response | None:
        """The running response of that id."""
        return self._running.get(response_id) if isinstance(response_id, str) else None

    def create(self, plan: Plan, unheard: set[str]) -> None:
        """`response.created`; it thinks once the words of all items before it are known."""
        if plan.in_conversation and self.active is not None:
            raise Refused(refuse("active_response", response_id=self.active.id))
        new_id = self._agenda.new_id
        response = Response(new_id("resp_"), plan, self._conversation, new_id)
        self._running[response.id] = response
        response.waiting_for = {entry.id for entry in self._context(plan)} & unheard
        self._agenda.send_all(response.start())
        self.go_on(unheard)

    def go_on(self, unheard: set[str]) -> None:
        """Let those think that wait for nothing more."""
        for response in self._running.values():
            response.waiting_for &= unheard
            if not response.thinking and not response.waiting_for:
                response.thinking = True
                self._think(response)

    def piece(self, response_id: str, piece: Piece) -> None:
        """A sentence or a call from the brain, or the word that there is no more."""
        response = self._running.get(response_id)
        if response is None:
            return
        if isinstance(piece, Cut):
            self.end(response_id, "incomplete", piece.reason)
            return
        if isinstance(piece, Call):
            self._agenda.send_all(response.call(piece.name, piece.arguments))
        else:
            self._agenda.send_all(response.say(piece.text))
        self._stop_if_full(response)

    def sound(
        self, response_id: str, samples: NDArray[np.int16], words: tuple[tuple[int, int], ...]
    ) -> None:
        """Sound from the voice."""
        response = self._running.get(response_id)
        if response is not None:
            self.voices.add(response.plan.voice)
            self._agenda.send_all(response.sound(samples, words))
            self._stop_if_full(response)

    def cancel(self, response: Response, reason: str) -> None:
        """Stop a response; `reason` is turn_detected or client_cancelled."""
        self._agenda.do(Stop(response.id))
        self.end(response.id, "cancelled", reason)

    def end(
        self,
        response_id: str,
        status: str,
        reason: str | None = None,
        error: Mapping[str, Any] | None = None,
    ) -> None:
        """`response.done` and `rate_limits.updated`; nothing if it has ended before."""
        response = self._running.pop(response_id, None)
        if response is None:
            return
        events = response.finish(status, reason, error)
        self._agenda.send_all(events)
        self._used += events[-1]["response"]["usage"]["total_tokens"]
        if response.plan.context is None:
            self._cached = response.given
        self._agenda.send(rate_limits(self._used))
        self._ended(response, status)

    def drop_all(self) -> None:
        """The session is over: stop everything, say nothing."""
        for response_id in self._running:
            self._agenda.do(Stop(response_id))
        self._running.clear()

    def _stop_if_full(self, response: Response) -> None:
        if response.made.full:
            self._agenda.do(Stop(response.id))
            self.end(response.id, "incomplete", "max_output_tokens")

    def _context(self, plan: Plan) -> list[Entry]:
        return list(self._conversation) if plan.context is None else plan.context

    def _think(self, response: Response) -> None:
        context, settings = self._context(response.plan), response.plan.settings
        response.given = settings_tokens(settings["instructions"], settings["tools"])
        for entry in context:
            response.given += entry.tokens()
        response.cached = self._cached.at_most(response.given)
        users = (entry for entry in reversed(context) if entry.item.get("role") == "user")
        newest = next(users, None)
        request = Request(
            history=[entry.known() for entry in context],
            now=self._wall(),
            instructions=settings["instructions"],
            tools=settings["tools"],
            tool_choice=settings["tool_choice"],
            confidence=newest.confidence if newest else None,
            max_output_tokens=response.plan.limit,
        )
        voice = response.plan.voice if response.plan.spoken else None
        speed = float(settings["audio"]["output"]["speed"])
        self._agenda.do(Think(response.id, request, voice, speed))
