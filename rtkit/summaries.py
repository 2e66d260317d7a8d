"""What an event says, in a line: its words, its sound, its state, its error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import dialects, events
from .arrows import note_of
from .moments import Moment
from .roster import deep

LONGEST = 160  # characters
SKIPPED = frozenset({"type", "event_id", "item_id"})


def summary(moment: Moment, audio_s: float = 0.0) -> str:
    """One event in at most 160 characters; "" if its type says all. `audio_s` is its sound (s)."""
    told = TOLD.get(dialects.common_name(moment.type))
    try:
        text = told(moment.event) if told else ""
    except (KeyError, TypeError, AttributeError, ValueError):  # a server may send any shape
        text = ""
    text = text or note_of(moment) or _rest(moment)
    parts = [f"{1000 * audio_s:.0f} ms of sound"] if audio_s else []
    return _short(" ".join([*parts, text] if text else parts))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _rest(moment: Moment) -> str:
    """The plain fields of an event that nothing else is known of; of the wire only local facts."""
    if moment.source != "local":
        return ""
    plain = {k: v for k, v in moment.event.items() if k not in SKIPPED}
    told = [f"{k} {_plain(v)}" for k, v in plain.items() if isinstance(v, str | int | float)]
    return ", ".join(told)


def _plain(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _quoted(*path: str) -> Callable[[Mapping[str, Any]], str]:
    def quoted(event: Mapping[str, Any]) -> str:
        words = deep(event, *path)
        return f"“{words}”" if words else ""

    return quoted


def _item(event: Mapping[str, Any]) -> str:
    """Who speaks, and the words; or what is called, and with what; or what came of it."""
    item = event["item"]
    if item.get("type") == "function_call":
        return f"call {item.get('name', '')}({item.get('arguments', '')})"
    if item.get("type") == "function_call_output":
        return f"output of a call: {item.get('output', '')}"
    parts = item.get("content") or ()
    words = [part.get("text") or part.get("transcript") or "" for part in parts]
    said = " ".join(word for word in words if word)
    who = str(item.get("role") or item.get("type") or "")
    return f"{who}: “{said}”" if said else who


def _session(event: Mapping[str, Any]) -> str:
    session = event["session"]
    turns = dialects.turn_detection(session)
    voice = deep(session, "audio", "output", "voice") or session.get("voice")
    manual = turns is None and "turn_detection" in str(session)
    told = [session.get("model"), voice, turns.get("type") if turns else "manual" * manual]
    words = session.get("instructions")
    return ", ".join([str(each) for each in told if each] + [f"“{words}”"] * bool(words))


def _error(event: Mapping[str, Any]) -> str:
    error = event["error"]
    code = error.get("code") or error.get("type") or "error"
    param = f" ({error['param']})" if error.get("param") else ""
    return f"{code}{param}: {error.get('message', '')}"


def _done(event: Mapping[str, Any]) -> str:
    usage = dialects.usage_of(event)
    tokens = f", {usage['total_tokens']} tokens" if usage.get("total_tokens") else ""
    status = str(event["response"]["status"])
    reason = deep(event, "response", "status_details", "reason")
    return f"{status}: {reason}{tokens}" if reason else f"{status}{tokens}"


def _wish(event: Mapping[str, Any]) -> str:
    wanted = event.get("response") or {}
    return ", ".join(wanted)


def _call(event: Mapping[str, Any]) -> str:
    return f"{event.get('name', '')}({event['arguments']})"


def _at(field: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda event: f"at {event[field] / 1000:.3f} s of the input"


def _played(event: Mapping[str, Any]) -> str:
    return f"{event['played_ms'] / 1000:.2f} s played"


TOLD: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    events.SESSION_UPDATE: _session,
    events.SESSION_CREATED: _session,
    events.SESSION_UPDATED: _session,
    events.ITEM_CREATE: _item,
    events.ITEM_ADDED: _item,
    events.ITEM_DONE: _item,
    "conversation.item.retrieved": _item,
    events.OUTPUT_ITEM_ADDED: _item,
    events.OUTPUT_ITEM_DONE: _item,
    events.SPEECH_STARTED: _at("audio_start_ms"),
    events.SPEECH_STOPPED: _at("audio_end_ms"),
    events.TRANSCRIPTION_DELTA: _quoted("delta"),
    events.TRANSCRIPTION_COMPLETED: _quoted("transcript"),
    events.TRANSCRIPTION_FAILED: _error,
    events.TRANSCRIPT_DELTA: _quoted("delta"),
    events.TRANSCRIPT_DONE: _quoted("transcript"),
    events.TEXT_DELTA: _quoted("delta"),
    events.TEXT_DONE: _quoted("text"),
    events.CALL_DELTA: _quoted("delta"),
    events.CALL_DONE: _call,
    events.RESPONSE_CREATE: _wish,
    events.RESPONSE_DONE: _done,
    events.ERROR: _error,
    "playback.position": _played,
    "playback.finished": _played,
    "playback.flushed": _played,
}
"""Event type (of GA) -> what it says."""
