"""What happens in a conversation beside speech: tools that are called, connections that break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import events
from .moments import Moment
from .timeline import Timeline

RENEWED = "renewed before its end"
"""The reason on the timeline of a connection that was left on purpose."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool: seconds on the timeline from when it was received whole to when its
    output was sent, `end` None if none was.

    `arguments` and `output` are the texts of the wire, `output` None while there is none. `begun`
    is when this side began to run it, None if it has not. `error` says what went wrong there.
    """

    name: str
    start: float
    end: float | None = None
    item_id: str = ""
    arguments: str = ""
    output: str | None = None
    begun: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """A connection that was lost, or left before its end, from the first try to open it again
    until the session held again; `end` None if it never did. `reason` is that of the first try."""

    reason: str
    start: float
    end: float | None = None

    @property
    def renewed(self) -> bool:
        """Whether it was left before its time was over, and not lost."""
        return self.reason == RENEWED


def read_calls(timeline: Timeline) -> list[Call]:
    """The calls of tools, in the order in which they came."""
    calls: dict[str, Call] = {}
    for moment, told in _told(timeline):
        kind, call_id, t = told.get("type"), str(told.get("call_id")), moment.t
        call = calls.get(call_id)
        if kind == "function_call" and moment.source == "server" and call is None:
            name, item_id, given = (str(told.get(key, "")) for key in ("name", "id", "arguments"))
            calls[call_id] = Call(name, t, item_id=item_id, arguments=given)
        elif call is not None and call.end is None:  # a new session is told of it once more
            if kind == "function_call_output" and moment.source == "client":
                calls[call_id] = replace(call, end=t, output=str(told.get("output", "")))
            elif kind == "tool.called":
                calls[call_id] = replace(call, begun=t)
            elif kind == "tool.failed":
                calls[call_id] = replace(call, error=str(told.get("message", "")))
    return list(calls.values())


def _told(timeline: Timeline) -> Iterator[tuple[Moment, Mapping[str, Any]]]:
    """What the moments say of calls: an item, or a fact of the toolbox."""
    for moment in timeline:
        if moment.type in (events.OUTPUT_ITEM_DONE, events.ITEM_CREATE):
            item = moment.event.get("item")
            if isinstance(item, Mapping):
                yield moment, item
        elif moment.type.startswith("tool."):
            yield moment, moment.event


def read_breaks(timeline: Timeline) -> list[Break]:
    """The breaks of the connection, in order."""
    breaks: list[Break] = []
    start: tuple[str, float] | None = None
    for moment in timeline:
        if moment.type == "reconnecting" and start is None:
            start = str(moment.event.get("reason", "")), moment.t
        elif moment.type == "reconnected" and start is not None:
            breaks.append(Break(*start, moment.t))
            start = None
    return breaks if start is None else [*breaks, Break(*start)]
