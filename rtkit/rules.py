"""The order of the events on the wire, as tables. This file does not know which role we play.

Each kind of thing has a table of its own: the session, the conversation, an item that came in, an
item of a response, a response, the parts and calls in it. A row says which events may come in a
state, and which state follows. Things are known by their ids, so that responses outside the
conversation may overlap. An event that no table names may come at any time.

With our own server a violation is a fault and fails a test; with any other it is worth reading and
never fatal. Facts: recorded traces and SDK types of the GA interface, 2026-09.

`python -m rtkit.rules` prints the tables as Mermaid state diagrams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import events

NEW = "new"
Table = Mapping[str, Mapping[str, str]]

_ENDS = (events.RESPONSE_CREATED, events.RESPONSE_DONE)
_AFTER_CREATED = [type_ for type_ in events.SERVER_EVENTS if type_ != events.SESSION_CREATED]
_INSIDE = [
    type_ for type_ in _AFTER_CREATED if type_.startswith("response.") and type_ not in _ENDS
]

_ABOUT_ALL = ("input_audio_buffer.cleared", events.SESSION_UPDATED)
"""After these, what was being said may never be committed."""

SESSION: Table = {
    NEW: {events.SESSION_CREATED: "open", events.ERROR: NEW},
    "open": dict.fromkeys(_AFTER_CREATED, "open"),
}

CONVERSATION: Table = {
    NEW: {events.RESPONSE_CREATED: "answering"},
    "answering": {events.RESPONSE_DONE: NEW},
}

INPUT_ITEM: Table = {
    NEW: {
        events.SPEECH_STARTED: "speaking",
        "input_audio_buffer.timeout_triggered": "stopped",
        events.COMMITTED: "committed",
        events.ITEM_ADDED: "added",
    },
    "speaking": {
        events.TRANSCRIPTION_DELTA: "speaking",
        events.SPEECH_STOPPED: "stopped",
        events.COMMITTED: "committed",
        "input_audio_buffer.cleared": "perhaps dropped",
        events.SESSION_UPDATED: "perhaps dropped",
    },
    "perhaps dropped": {
        events.TRANSCRIPTION_DELTA: "speaking",
        events.SPEECH_STOPPED: "stopped",
        events.COMMITTED: "committed",
        events.ITEM_ADDED: "added",  # a client may use the id
    },
    "stopped": {events.TRANSCRIPTION_DELTA: "stopped", events.COMMITTED: "committed"},
    "committed": {events.TRANSCRIPTION_DELTA: "committed", events.ITEM_ADDED: "added"},
    "added": {events.TRANSCRIPTION_DELTA: "added", events.ITEM_DONE: "done"},
    "done": {
        events.TRANSCRIPTION_DELTA: "done",
        events.TRANSCRIPTION_COMPLETED: "transcribed",
        events.TRANSCRIPTION_FAILED: "transcribed",
        "conversation.item.deleted": "deleted",
    },
    "transcribed": {"conversation.item.deleted": "deleted"},
    "deleted": {
        events.TRANSCRIPTION_DELTA: "deleted",
        events.TRANSCRIPTION_COMPLETED: "deleted",
        events.TRANSCRIPTION_FAILED: "deleted",
        events.ITEM_ADDED: "added",  # a client may use the id again
    },
}

OUTPUT_ITEM: Table = {
    NEW: {events.OUTPUT_ITEM_ADDED: "announced"},
    "announced": {
        events.ITEM_ADDED: "open",
        events.OUTPUT_ITEM_DONE: "closed",  # outside the conversation
    },
    "open": {
        events.ITEM_DONE: "done",
        events.TRUNCATED: "open",
        "conversation.item.deleted": "deleted while written",
    },
    "deleted while written": {events.OUTPUT_ITEM_DONE: "deleted"},
    "done": {events.OUTPUT_ITEM_DONE: "closed", events.TRUNCATED: "done"},
    "closed": {events.TRUNCATED: "closed", "conversation.item.deleted": "deleted"},
    "deleted": {},
}

RESPONSE: Table = {
    NEW: {events.RESPONSE_CREATED: "active"},
    "active": {**dict.fromkeys(_INSIDE, "active"), events.RESPONSE_DONE: "done"},
    "done": {},
}

PART: Table = {
    NEW: {events.PART_ADDED: "open"},
    "open": {
        events.TRANSCRIPT_DELTA: "open",
        events.AUDIO_DELTA: "open",
        events.TEXT_DELTA: "open",
        events.AUDIO_DONE: "sound done",
        events.TRANSCRIPT_DONE: "words done",
        events.TEXT_DONE: "complete",
    },
    "sound done": {events.TRANSCRIPT_DELTA: "sound done", events.TRANSCRIPT_DONE: "complete"},
    "words done": {events.AUDIO_DELTA: "words done", events.AUDIO_DONE: "complete"},
    "complete": {events.PART_DONE: "closed"},
    "closed": {},
}

CALL: Table = {
    NEW: {events.CALL_DELTA: "writing", events.CALL_DONE: "written"},
    "writing": {events.CALL_DELTA: "writing", events.CALL_DONE: "written"},
    "written": {},
}

TABLES: Mapping[str, Table] = {
    "session": SESSION,
    "conversation": CONVERSATION,
    "input item": INPUT_ITEM,
    "output item": OUTPUT_ITEM,
    "response": RESPONSE,
    "content part": PART,
    "function call": CALL,
}

LEFT_OPEN: Mapping[str, frozenset[str]] = {
    "output item": frozenset({"announced", "open", "done", "deleted while written"}),
    "content part": frozenset({"open", "sound done", "words done", "complete"}),
    "function call": frozenset({"writing"}),
}
"""States in which nothing of a response may be when the response is done, cancelled or not."""


@dataclass(frozen=True, slots=True)
class Violation:
    """An event that came when it may not: what it is about, its state, what was allowed there."""

    index: int  # of the event
    type: str
    kind: str  # name of the table
    id: str
    state: str
    allowed: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The rule that was broken, without the event's place."""
        allowed = ", ".join(self.allowed) or "nothing"
        thing = f"{self.kind} {self.id}".rstrip()
        return f"{self.type}, but {thing} is {self.state!r}; allowed there: {allowed}"

    def __str__(self) -> str:
        return f"event {self.index}: {self.sentence}"


def violations(told: Iterable[Mapping[str, Any]]) -> list[Violation]:
    """The server events of one session that came out of order, in the order given.

    Client and local events may stand among them; they are passed over.
    """
    judge = Judge()
    return [one for index, event in enumerate(told) for one in judge.take(index, event)]


class Judge:
    """Looks at the events of one session as they come; it keeps the states, never the events."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], str] = {}
        self.members: dict[str, dict[tuple[str, str], None]] = {}  # of a response
        self.outputs: set[str] = set()  # ids of items that a response made

    def take(self, index: int, event: Mapping[str, Any]) -> list[Violation]:
        """What is wrong with this event, which is the `index`th."""
        type_ = event.get("type", "")
        return list(self._look(index, type_, event)) if type_ in events.SERVER_EVENTS else []

    def _look(self, index: int, type_: str, event: Mapping[str, Any]) -> Iterator[Violation]:
        self._learn(event)
        for kind, key in KEYS.items():
            id_ = key(self, event) if type_ in _NAMED[kind] else None
            if id_ is not None:
                yield from self._step(index, type_, kind, id_)
                self.members.setdefault(_response_id(event) or "", {})[kind, id_] = None
        if type_ == events.RESPONSE_DONE:
            yield from self._left_open(index, _response_id(event) or "")

    def _learn(self, event: Mapping[str, Any]) -> None:
        for key, state in self.states.items() if event["type"] in _ABOUT_ALL else ():
            if key[0] == "input item":  # these events name none of them
                self.states[key] = INPUT_ITEM[state].get(event["type"], state)
        item = event.get("item")
        if isinstance(item, Mapping) and (
            "response_id" in event
            or (item.get("role") == "assistant" and item.get("status") == "in_progress")
        ):
            self.outputs.add(str(item.get("id")))
        elif isinstance(item, Mapping) and event["type"] == events.ITEM_ADDED:
            self._use_again(str(item.get("id")))

    def _use_again(self, id_: str) -> None:
        """An item that a client made has the id of an output item that is over."""
        if self.states.get(("output item", id_)) in ("closed", "deleted"):
            self.outputs.discard(id_)

    def _step(self, index: int, type_: str, kind: str, id_: str) -> Iterator[Violation]:
        state = self.states.get((kind, id_), NEW)
        row = TABLES[kind][state]
        if type_ in row:
            self.states[kind, id_] = row[type_]
        else:
            yield Violation(index, type_, kind, id_, state, tuple(row))

    def _left_open(self, index: int, response_id: str) -> Iterator[Violation]:
        for kind, id_ in self.members.get(response_id, {}):
            state = self.states.get((kind, id_), NEW)
            if state in LEFT_OPEN.get(kind, ()):
                row = tuple(TABLES[kind][state])
                yield Violation(index, events.RESPONSE_DONE, kind, id_, state, row)


def _response_id(event: Mapping[str, Any]) -> str | None:
    response = event.get("response")
    return response.get("id") if isinstance(response, Mapping) else event.get("response_id")


def _item_id(event: Mapping[str, Any]) -> str | None:
    item = event.get("item")
    return item.get("id") if isinstance(item, Mapping) else event.get("item_id")


def _the_conversation(judge: Judge, event: Mapping[str, Any]) -> str | None:
    return None if event["response"].get("conversation_id", "") is None else ""


def _input_item(judge: Judge, event: Mapping[str, Any]) -> str | None:
    id_ = _item_id(event)
    return None if id_ in judge.outputs else id_


def _output_item(judge: Judge, event: Mapping[str, Any]) -> str | None:
    id_ = _item_id(event)
    return id_ if id_ in judge.outputs else None


KEYS: Mapping[str, Callable[[Judge, Mapping[str, Any]], str | None]] = {
    "session": lambda judge, event: "",
    "conversation": _the_conversation,
    "input item": _input_item,
    "output item": _output_item,
    "response": lambda judge, event: _response_id(event),
    "content part": lambda judge, event: f"{_item_id(event)}/{event.get('content_index', 0)}",
    "function call": lambda judge, event: _item_id(event),
}
"""Which thing of a kind an event is about; None: of none."""

_NAMED = {
    kind: frozenset(type_ for row in table.values() for type_ in row)
    for kind, table in TABLES.items()
}


def mermaid(table: Table) -> str:
    """A table as a Mermaid state diagram; many events on one arrow are called "any other"."""
    lines = ["stateDiagram-v2", f"    [*] --> {_name(NEW)}"]
    for state, row in table.items():
        for following in dict.fromkeys(row.values()):
            types = [type_ for type_, to in row.items() if to == following]
            label = " or ".join(types) if len(types) <= 4 else "any other"
            lines.append(f"    {_name(state)} --> {_name(following)}: {label}")
    return "\n".join(lines)


def _name(state: str) -> str:
    return state.replace(" ", "_")


def main() -> None:
    """Print every table."""
    for kind, table in TABLES.items():
        print(f"%% {kind}\n{mermaid(table)}\n")


if __name__ == "__main__":
    main()
