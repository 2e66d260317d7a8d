"""A conversation line by line: what both sides said, and the tools that were called."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from .incidents import Call, read_calls
from .reading import Conversation
from .timeline import Timeline
from .transcript import Line, is_said, line_of

Entry: TypeAlias = Line | Call


class Flow:
    """The entries of a timeline that grows: each time only what is new of it is read."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._talk = Conversation(timeline)

    def entries(self) -> list[Entry]:
        """All entries so far, in the order of the items."""
        self._talk.read_on(self._timeline)
        return list(self._entries())

    def _entries(self) -> Iterator[Entry]:
        items = [self._talk.items[item_id] for item_id in self._talk.order]
        called = any(item.kind == "function_call" for item in items)
        calls = {call.item_id: call for call in read_calls(self._timeline)} if called else {}
        for item in items:
            if item.id in calls:
                yield calls[item.id]
            elif is_said(item):
                yield line_of(item)
