"""A call read back from its timeline: turn by turn, what the caller did and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtkit import events
from rtkit.evals.assistant import OVER
from rtkit.items import Item, Response
from rtkit.moments import Moment
from rtkit.reading import Conversation
from rtkit.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A call of a tool: `arguments` as the model wrote them (a text, if they are no JSON)."""

    name: str
    arguments: Any


@dataclass(slots=True)
class CalledTurn:
    """One turn of a caller. Instants are seconds on the timeline, None while there is none.

    `begin` to `end` is the turn; `spoken_from` and `spoken_until` is when it was said. `responses`
    are those that began in it, `earlier` those that began before.
    """

    number: int
    begin: float
    end: float
    kind: str = ""
    spoken_from: float | None = None
    spoken_until: float | None = None
    responses: list[Reply] = field(default_factory=list)
    earlier: list[Reply] = field(default_factory=list)

    @property
    def answers(self) -> list[Reply]:
        """The answers that came: responses with words, but none that goes on after a tool."""
        return [one for one in self.responses if one.came and not one.goes_on]

    @property
    def text(self) -> str:
        """All that was answered, in words."""
        return " ".join(one.text for one in self.responses if one.came and one.text)

    @property
    def tools(self) -> list[ToolUse]:
        """The tools that were called."""
        return [use for one in self.responses for use in one.tools]

    @property
    def first_sound(self) -> float | None:
        """When the answer began: its first sound, or the first word of one in text."""
        return min((at for one in self.responses if (at := one.began) is not None), default=None)

    @property
    def sounding(self) -> list[Reply]:
        """The earlier responses of which something was still to be heard when it was spoken."""
        since = self.begin if self.spoken_from is None else self.spoken_from
        return [one for one in self.earlier if one.sounds_after(since)]

    @property
    def silent_since(self) -> float | None:
        """When the last of the earlier answers had fallen silent; None: not in this call."""
        ends = [one.silent for one in self.sounding]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None


@dataclass(slots=True)
class Reply:
    """One response: its words, its tools, and when it was heard."""

    id: str
    created: float
    status: str
    text: str
    tools: list[ToolUse]
    began: float | None  # its first sound was heard, or the first word of a text came
    silent: float | None  # its last sound was heard, or it was cut off
    cut_off: bool
    goes_on: bool  # after a tool

    @property
    def came(self) -> bool:
        """Whether anything of it reached the caller, or would have."""
        return bool(self.text) and (self.status == "completed" or self.began is not None)

    def sounds_after(self, instant: float) -> bool:
        """Whether something of it was heard after an instant."""
        return self.began is not None and (self.silent is None or self.silent > instant)


def read_call(timeline: Timeline) -> list[CalledTurn]:
    """The turns of the call that a timeline holds, in order."""
    turns = list(_turns(timeline))
    replies = list(_replies(timeline))
    for turn in turns:
        turn.earlier = [one for one in replies if one.created < turn.begin]
        turn.responses = [one for one in replies if turn.begin <= one.created < turn.end]
    return turns


def _turns(timeline: Timeline) -> Iterator[CalledTurn]:
    turn: CalledTurn | None = None
    for moment in timeline:
        if moment.type == "caller.turn":
            if turn:
                turn.end = moment.t
                yield turn
            turn = CalledTurn(moment.event["turn"], moment.t, float("inf"))
        elif turn and moment.type == "caller.speech":
            turn.kind, turn.spoken_from = moment.event["kind"], moment.t
        elif turn and moment.type == "input.ended" and turn.spoken_until is None:
            turn.spoken_until = moment.t
    if turn:
        yield turn


def _replies(timeline: Timeline) -> Iterator[Reply]:
    talk = Conversation(timeline)
    tools, over = _tool_uses(timeline), _ends(timeline)
    called = False
    for response in sorted(talk.responses.values(), key=lambda one: one.created):
        items = [talk.items[id_] for id_ in response.item_ids if id_ in talk.items]
        reply = _reply(response, [one for one in items if one.kind == "message"], over)
        reply.tools, reply.goes_on = tools.get(response.id, []), called
        called = bool(reply.tools) or (called and not reply.text)
        yield reply


def _reply(response: Response, said: list[Item], over: Mapping[str, float]) -> Reply:
    playing = [item.playing for item in said if item.playing is not None]
    spoken = any(item.audio_s for item in said)
    began = min(playing, default=None if spoken else response.first_token)
    ends = [over.get(item.id) for item in said if item.audio_s]
    known = [end for end in ends if end is not None]
    return Reply(
        id=response.id,
        created=response.created,
        status=response.status,
        text=" ".join(item.text for item in said if item.text),
        tools=[],
        began=began,
        silent=max(known) if known and len(known) == len(ends) else None,
        cut_off=response.interrupted or any(item.cut_off for item in said),
        goes_on=False,
    )


def _ends(timeline: Iterable[Moment]) -> dict[str, float]:
    """When each item fell silent."""
    return {one.event["item_id"]: one.t for one in timeline if one.type in OVER}


def _tool_uses(timeline: Iterable[Moment]) -> dict[str, list[ToolUse]]:
    """Response -> the tools that it called; none twice, though a server may tell it twice."""
    found: dict[str, dict[str, ToolUse]] = {}
    for moment in timeline:
        if moment.type == events.OUTPUT_ITEM_DONE and moment.source == "server":
            item = moment.event["item"]
            if item.get("type") == "function_call":
                use = ToolUse(item.get("name", ""), _parsed(item.get("arguments") or "{}"))
                found.setdefault(moment.event["response_id"], {})[item["id"]] = use
    return {response_id: list(uses.values()) for response_id, uses in found.items()}


def _parsed(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments
