"""Decides what becomes of each event that is about to be sent, when faults are switched on.

Rule 1: no socket, clock or chance of its own: `now` is an argument, chance comes from seeds.
Rule 2: every event goes through `event` once, in the order of sending; what to do in its place
comes back. `wake` is to be called at `next_wakeup`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtkit import events
from rtkit.server.commands import Close, Send
from rtkit.server.dice import Dice
from rtkit.server.faults import KINDS, Fault, in_response
from rtkit.server.rejections import error_event, refuse
from rtkit.server.streams import RATE_LIMITS, may_pass

Event = dict[str, Any]

LONGEST_HOLD_S = 0.2
"""An event that waits to be overtaken is sent after so long, even if nothing overtakes it."""
UNKNOWN_TYPE = "rtkit.fault.unknown"
UNKNOWN_FIELD = "rtkit_fault"


@dataclass(frozen=True, slots=True)
class Frame:
    """Send exactly this: a text, or a binary frame."""

    data: str | bytes


@dataclass(frozen=True, slots=True)
class Pause:
    """Send nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class HangUp:
    """Break the connection, without a close frame."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Let a response fail: stop it and report this message to the core."""

    response_id: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Let the core answer what was said last, once more."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault struck, at the nth event of the session; to be logged."""

    fault: Fault
    number: int
    type: str


Act = Send | Frame | Pause | HangUp | Fail | Answer | Close | Struck

FAILURES: Mapping[str, tuple[str, str]] = {
    "rate_limit": (
        "rate_limit_exceeded",
        "Rate limit reached on tokens per min (TPM). Please try again in {reset:g}s.",
    ),
    "quota": (
        "insufficient_quota",
        "You exceeded your current quota. Check your plan and your billing details.",
    ),
    "fail": ("server_error", "The server had an error while it made this response."),
}
"""Kind of fault -> code (and type) of the error of the failed response, and its message."""


@dataclass(slots=True)
class _Armed:
    """A fault, and how far it has come."""

    fault: Fault
    dice: Dice
    seen: int = 0  # events of its type
    struck: int = 0

    def strikes(self, type_: str, number: int, age: float) -> bool:
        fault = self.fault
        if fault.types and type_ not in fault.types:
            return False
        self.seen += 1
        ripe = number >= fault.number("at") and self.seen >= fault.number("nth")
        if not ripe or age < fault.number("time") or self.struck >= fault.number("times"):
            return False
        chance = fault.number("chance")
        if chance < 1 and self.dice.roll() >= chance:
            return False
        self.struck += 1
        return True


@dataclass(slots=True)
class _Held:
    event: Event
    places: float  # that may still overtake it
    until: float


@dataclass(slots=True)
class Mischief:
    """The faults of one session, which began at `began`."""

    faults: Iterable[Fault]
    new_id: Callable[[str], str]
    began: float
    _armed: list[_Armed] = field(init=False)
    _number: int = 0
    _held: list[_Held] = field(default_factory=list)
    _failing: dict[str, Fault] = field(default_factory=dict)  # response id -> why
    _limited: Fault | None = None  # told in the next rate_limits.updated

    def __post_init__(self) -> None:
        kept = [fault for fault in self.faults if KINDS[fault.kind].strikes != "always"]
        self._armed = [_Armed(fault, Dice(int(fault.number("seed")))) for fault in kept]

    @property
    def next_wakeup(self) -> float | None:
        """When `wake` is to be called, on the clock of `now`; None: never."""
        timed = [
            self.began + armed.fault.number("time")
            for armed in self._armed
            if armed.fault.by_the_clock and not armed.struck
        ]
        return min([*timed, *(held.until for held in self._held)], default=None)

    def wake(self, now: float) -> list[Act]:
        """The time has come for what does not wait for an event."""
        acts: list[Act] = []
        for held in [held for held in self._held if held.until <= now]:
            self._held.remove(held)
            acts.append(Send(held.event))
        for armed in self._armed:
            due = armed.fault.by_the_clock and now - self.began >= armed.fault.number("time")
            if due and not armed.struck:
                armed.struck += 1
                acts += [Struck(armed.fault, self._number, ""), *self._behind(armed.fault)]
        return acts

    def event(self, event: Event, now: float) -> list[Act]:
        """What to do in place of sending this event."""
        self._number += 1
        event = self._told(event)
        struck = [armed.fault for armed in self._armed if self._strikes(armed, event, now)]
        acts: list[Act] = [Struck(fault, self._number, event["type"]) for fault in struck]
        changed = next((f for f in struck if KINDS[f.kind].strikes == "event"), None)
        if changed is not None and changed.kind == "reorder":
            acts += self._overtaken(event, [])
            self._held.append(_Held(event, changed.number("places"), now + LONGEST_HOLD_S))
        else:
            sent: list[Act] = [Send(event)]
            sent = CHANGES[changed.kind](self, event) if changed else sent
            acts += self._overtaken(event, sent)
        for fault in struck:
            if KINDS[fault.kind].strikes == "response":
                acts.append(self._fail(fault, event))
            elif KINDS[fault.kind].strikes == "behind":
                acts += self._behind(fault)
        return acts

    def _strikes(self, armed: _Armed, event: Event, now: float) -> bool:
        type_ = event["type"]
        if KINDS[armed.fault.kind].strikes == "response" and (
            not in_response(type_) or _response_id(event) in self._failing
        ):
            return False
        return armed.strikes(type_, self._number, now - self.began)

    def _overtaken(self, event: Event, sent: list[Act]) -> list[Act]:
        """This event as it is sent, with those that waited for it before or behind it."""
        before: list[Act] = []
        behind: list[Act] = []
        waiting, self._held = self._held, []
        for held in waiting:
            if not may_pass(event, held.event):
                before.append(Send(held.event))
                continue
            held.places -= bool(sent)
            if held.places <= 0:
                behind.append(Send(held.event))
            else:
                self._held.append(held)
        return [*before, *sent, *behind]

    def _behind(self, fault: Fault) -> list[Act]:
        if fault.kind == "stall":
            return [Pause(fault.number("seconds"))]
        if fault.kind == "drop":
            return [HangUp()]
        if fault.kind == "again":
            return [Answer()]
        if fault.kind == "unknown_type":
            unknown = {"type": UNKNOWN_TYPE, "event_id": self.new_id("event_"), "value": 1}
            return [Send(unknown)]
        if fault.kind == "close":
            return [Close(int(fault.number("code")), fault.word("reason"))]
        told = error_event(refuse("session_expired", minutes=60))
        event = {"type": told["type"], "event_id": self.new_id("event_"), **told}
        return [Send(event), Close(1001, "session_expired")]

    # failed responses

    def _fail(self, fault: Fault, event: Event) -> Fail:
        response_id = _response_id(event)
        self._failing[response_id] = fault
        return Fail(response_id, _error(fault)["message"])

    def _told(self, event: Event) -> Event:
        """The event, with what the fault of its response makes of it."""
        if event["type"] == events.RESPONSE_DONE:
            return self._done(event)
        if event["type"] == RATE_LIMITS and self._limited is not None:
            reset, self._limited = self._limited.number("reset"), None
            rows = [{**row, "remaining": 0, "reset_seconds": reset} for row in event["rate_limits"]]
            return {**event, "rate_limits": rows}
        return event

    def _done(self, event: Event) -> Event:
        response = event["response"]
        fault = self._failing.pop(response["id"], None)
        if fault is None or response["status"] != "failed":
            return event
        self._limited = None if fault.kind == "fail" else fault
        details = {**response["status_details"], "error": _error(fault)}
        return {**event, "response": {**response, "status_details": details}}

    # events that are changed

    def _cut(self, event: Event) -> list[Act]:
        text = json.dumps(event)
        return [Frame(text[: len(text) // 2])]

    def _binary(self, event: Event) -> list[Act]:
        return [Frame(json.dumps(event).encode())]

    def _extra_field(self, event: Event) -> list[Act]:
        return [Send({**event, UNKNOWN_FIELD: {"value": 1}})]

    def _duplicate(self, event: Event) -> list[Act]:
        return [Send(event), Send({**event, "event_id": self.new_id("event_")})]

    def _nothing(self, event: Event) -> list[Act]:
        return []

    def _no_transcript(self, event: Event) -> list[Act]:
        place = {name: event[name] for name in ("event_id", "item_id", "content_index")}
        error = {"type": "transcription_error", "code": "audio_unintelligible"}
        error |= {"message": "The audio could not be transcribed.", "param": None}  # type: ignore[dict-item]
        return [Send({"type": events.TRANSCRIPTION_FAILED, **place, "error": error})]


CHANGES: Mapping[str, Callable[[Mischief, Event], list[Act]]] = {
    "cut": Mischief._cut,
    "binary": Mischief._binary,
    "extra_field": Mischief._extra_field,
    "duplicate": Mischief._duplicate,
    "deaf": Mischief._nothing,
    "no_transcript": Mischief._no_transcript,
}
"""Kind -> what is sent in place of the event that it strikes; `reorder` holds it back instead."""


def _response_id(event: Event) -> str:
    response = event.get("response")
    return str(response["id"] if response else event["response_id"])


def _error(fault: Fault) -> dict[str, str]:
    code, message = FAILURES[fault.kind]
    reset = fault.number("reset") if fault.kind == "rate_limit" else math.nan
    return {"type": code, "code": code, "message": message.format(reset=reset)}
