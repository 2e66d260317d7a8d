"""The responses of one session: at most one in the conversation, any number beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rtkit.server.brain import Call, Cut, Piece, Request
from rtkit.server.commands import Agenda, Stop, Think
from rtkit.server.context import Given, given, window
from rtkit.server.conversation import Conversation, Entry
from rtkit.server.limits import Limits
from rtkit.server.plans import Plan
from rtkit.server.rejections import Refused, refuse
from rtkit.server.responses import Response
from rtkit.server.usage import rate_limits


class Replies:
    """Starts, feeds and ends responses. `wall` tells a brain what time it is.

    `ended` is called with each response that is over, and its status. `limits` say how many may
    run beside the conversation.
    """

    def __init__(
        self,
        agenda: Agenda,
        conversation: Conversation,
        wall: Callable[[], datetime],
        ended: Callable[[Response, str], None] = lambda response, status: None,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._agenda = agenda
        self._conversation = conversation
        self._wall = wall
        self._ended = ended
        self._running: dict[str, Response] = {}
        self._given: Given | None = None  # to the newest response that read the conversation
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

    @property
    def item_ids(self) -> set[str]:
        """The items that running responses made, deleted ones among them."""
        return {item_id for response in self._running.values() for item_id in response.item_ids}

    def create(self, plan: Plan, unheard: set[str]) -> None:
        """`response.created`; it thinks once the words of all items before it are known.

        `Refused` when there is one already, when there are too many, or it has too much to read.
        """
        if plan.in_conversation and self.active is not None:
            raise Refused(refuse("active_response", response_id=self.active.id))
        aside = sum(not response.plan.in_conversation for response in self._running.values())
        if not plan.in_conversation and aside >= self._limits.responses_aside:
            sizes = {"found": aside, "most": self._limits.responses_aside}
            raise Refused(refuse("too_many_responses", **sizes))
        self._fitting(plan)
        new_id = self._agenda.new_id
        response = Response(new_id("resp_"), plan, self._conversation, new_id)
        self._running[response.id] = response
        response.waiting_for = {entry.id for entry in self._context(plan)} & unheard
        self._agenda.send_all(response.start())
        self.go_on(unheard)

    def go_on(self, unheard: set[str]) -> None:
        """Let those think that wait for nothing more."""
        for response in list(self._running.values()):
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
            events = response.sound(samples, words)
            if any(event["type"] == "response.output_audio.delta" for event in events):
                self.voices.add(response.plan.voice)
            self._agenda.send_all(events)
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
        if response.plan.context is None and response.given is not None:
            self._given = response.given
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
        if plan.context is not None:
            return plan.context
        return [entry for entry in self._conversation if not entry.left_out]

    def _fitting(self, plan: Plan) -> list[Entry]:
        """As much of the context as the model can read; `Refused` when that must not be less."""
        before = given(plan.settings, ()).tokens
        return window(plan.settings, before).fit(self._context(plan))

    def _think(self, response: Response) -> None:
        plan, settings = response.plan, response.plan.settings
        try:
            context = self._fitting(plan)
        except Refused as refused:  # it has grown since the response was created
            why = {"code": refused.refusal.code, "message": refused.refusal.message}
            error = {"type": "invalid_request_error", **why}
            self.end(response.id, "failed", error=error)
            return
        offered = self._context(plan)
        if plan.context is None and plan.in_conversation and len(context) < len(offered):
            kept = {entry.id for entry in context}
            for entry in offered:
                entry.left_out = entry.id not in kept
        response.given = given(settings, context)
        response.cached = response.given.cached(self._given)
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
        voice = plan.voice if plan.spoken else None
        speed = float(settings["audio"]["output"]["speed"])
        self._agenda.do(Think(response.id, request, voice, speed))
