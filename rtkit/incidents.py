"""What happens in a conversation beside speech: tools that are called, connections that break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import events
from .timeline import Timeline

RENEWED = "renewed before its end"
"""The reason on the timeline of a connection that was left on purpose."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool: seconds on the timeline from when it was received whole to when its
    output was sent, `end` None if none was."""

    name: str
    start: float
    end: float | None = None


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
    begun: dict[str, tuple[str, float]] = {}
    ended: dict[str, float] = {}
    for t, source, item in _items(timeline):
        kind, call_id = item.get("type"), str(item.get("call_id"))
        if kind == "function_call" and source == "server":
            begun.setdefault(call_id, (str(item.get("name", "")), t))
        elif kind == "function_call_output" and source == "client":
            ended.setdefault(call_id, t)  # a session that is opened again is told it once more
    return [Call(name, t, ended.get(call_id)) for call_id, (name, t) in begun.items()]


def _items(timeline: Timeline) -> Iterator[tuple[float, str, Mapping[str, Any]]]:
    for moment in timeline:
        if moment.type in (events.OUTPUT_ITEM_DONE, events.ITEM_CREATE):
            item = moment.event.get("item")
            if isinstance(item, Mapping):
                yield moment.t, moment.source, item


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
