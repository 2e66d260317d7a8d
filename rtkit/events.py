"""The events of the Realtime wire (GA shape): which there are, and which fields each must carry.

Two tables hold the 11 client and the 46 server events as the types of the official `openai`
package 3.54.0 declare them; a test compares the two. In a row a bare word is a required field and
`?word` an optional one. `type` stands in every event; `event_id` in every server event but one
(`input_audio_buffer.dtmf_event_received`), and may stand in every client event.

An event is a plain dict with the wire's own names. This module builds and checks dicts; it never
sends, counts or remembers anything.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

SESSION_UPDATE = "session.update"
APPEND = "input_audio_buffer.append"
COMMIT = "input_audio_buffer.commit"
CLEAR = "input_audio_buffer.clear"
ITEM_CREATE = "conversation.item.create"
TRUNCATE = "conversation.item.truncate"
RESPONSE_CREATE = "response.create"
RESPONSE_CANCEL = "response.cancel"

SESSION_CREATED = "session.created"
SESSION_UPDATED = "session.updated"
SPEECH_STARTED = "input_audio_buffer.speech_started"
SPEECH_STOPPED = "input_audio_buffer.speech_stopped"
COMMITTED = "input_audio_buffer.committed"
ITEM_ADDED = "conversation.item.added"
ITEM_DONE = "conversation.item.done"
TRUNCATED = "conversation.item.truncated"
TRANSCRIPTION_DELTA = "conversation.item.input_audio_transcription.delta"
TRANSCRIPTION_COMPLETED = "conversation.item.input_audio_transcription.completed"
TRANSCRIPTION_FAILED = "conversation.item.input_audio_transcription.failed"
RESPONSE_CREATED = "response.created"
RESPONSE_DONE = "response.done"
OUTPUT_ITEM_ADDED = "response.output_item.added"
OUTPUT_ITEM_DONE = "response.output_item.done"
PART_ADDED = "response.content_part.added"
PART_DONE = "response.content_part.done"
AUDIO_DELTA = "response.output_audio.delta"
AUDIO_DONE = "response.output_audio.done"
TRANSCRIPT_DELTA = "response.output_audio_transcript.delta"
TRANSCRIPT_DONE = "response.output_audio_transcript.done"
TEXT_DELTA = "response.output_text.delta"
TEXT_DONE = "response.output_text.done"
CALL_DELTA = "response.function_call_arguments.delta"
CALL_DONE = "response.function_call_arguments.done"
ERROR = "error"

AUDIO_FIELD: Mapping[str, str] = MappingProxyType(
    {APPEND: "audio", AUDIO_DELTA: "delta", "response.audio.delta": "delta"}
)
"""Event type -> the field that carries base64 audio (the last is the name of the beta)."""

_ITEM = "response_id item_id output_index"
_PART = f"{_ITEM} content_index"

_CLIENT_ROWS = {
    SESSION_UPDATE: "session",
    APPEND: "audio",
    COMMIT: "",
    "input_audio_buffer.clear": "",
    ITEM_CREATE: "item ?previous_item_id",
    "conversation.item.retrieve": "item_id",
    TRUNCATE: "item_id content_index audio_end_ms",
    "conversation.item.delete": "item_id",
    RESPONSE_CREATE: "?response",
    RESPONSE_CANCEL: "?response_id",
    "output_audio_buffer.clear": "",  # WebRTC and SIP only
}

_SERVER_ROWS = {
    SESSION_CREATED: "session",
    SESSION_UPDATED: "session",
    "conversation.created": "conversation",
    ITEM_ADDED: "item ?previous_item_id",
    ITEM_DONE: "item ?previous_item_id",
    "conversation.item.created": "item ?previous_item_id",  # a leftover of the beta
    "conversation.item.retrieved": "item",
    TRUNCATED: "item_id content_index audio_end_ms",
    "conversation.item.deleted": "item_id",
    TRANSCRIPTION_DELTA: "item_id ?content_index ?delta ?logprobs",
    TRANSCRIPTION_COMPLETED: "item_id content_index transcript usage ?languages ?logprobs",
    TRANSCRIPTION_FAILED: "item_id content_index error",
    "conversation.item.input_audio_transcription.segment": (
        "item_id content_index id speaker start end text"
    ),
    SPEECH_STARTED: "item_id audio_start_ms",
    SPEECH_STOPPED: "item_id audio_end_ms",
    COMMITTED: "item_id ?previous_item_id",
    "input_audio_buffer.cleared": "",
    "input_audio_buffer.timeout_triggered": "item_id audio_start_ms audio_end_ms",
    "input_audio_buffer.dtmf_event_received": "event received_at",
    "output_audio_buffer.started": "response_id",
    "output_audio_buffer.stopped": "response_id",
    "output_audio_buffer.cleared": "response_id",
    RESPONSE_CREATED: "response",
    RESPONSE_DONE: "response",
    OUTPUT_ITEM_ADDED: "response_id output_index item",
    OUTPUT_ITEM_DONE: "response_id output_index item",
    PART_ADDED: f"{_PART} part",
    PART_DONE: f"{_PART} part",
    TEXT_DELTA: f"{_PART} delta",
    TEXT_DONE: f"{_PART} text",
    AUDIO_DELTA: f"{_PART} delta",
    AUDIO_DONE: _PART,  # carries no audio
    TRANSCRIPT_DELTA: f"{_PART} delta",
    TRANSCRIPT_DONE: f"{_PART} transcript",
    CALL_DELTA: f"{_ITEM} call_id delta",
    CALL_DONE: f"{_ITEM} call_id name arguments",
    "response.mcp_call_arguments.delta": f"{_ITEM} delta ?obfuscation",
    "response.mcp_call_arguments.done": f"{_ITEM} arguments",
    "response.mcp_call.in_progress": "item_id output_index",
    "response.mcp_call.completed": "item_id output_index",
    "response.mcp_call.failed": "item_id output_index",
    "mcp_list_tools.in_progress": "item_id",
    "mcp_list_tools.completed": "item_id",
    "mcp_list_tools.failed": "item_id",
    "rate_limits.updated": "rate_limits",
    ERROR: "error",
}

NO_EVENT_ID = frozenset({"input_audio_buffer.dtmf_event_received"})
"""Server events that the wire sends without an `event_id`."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of one event type beside `type` and `event_id`."""

    required: tuple[str, ...]
    optional: tuple[str, ...]


def _shape(row: str) -> Shape:
    words = row.split()
    required = tuple(word for word in words if not word.startswith("?"))
    return Shape(required, tuple(word[1:] for word in words if word.startswith("?")))


CLIENT_EVENTS: Mapping[str, Shape] = MappingProxyType(
    {type_: _shape(row) for type_, row in _CLIENT_ROWS.items()}
)
SERVER_EVENTS: Mapping[str, Shape] = MappingProxyType(
    {type_: _shape(row) for type_, row in _SERVER_ROWS.items()}
)


def shape_of(type_: str) -> Shape | None:
    """The fields of an event type of either direction, or None if the wire has no such type."""
    return CLIENT_EVENTS.get(type_) or SERVER_EVENTS.get(type_)


def build(type_: str, **fields: Any) -> dict[str, Any]:
    """An event as a dict, `type` first; ValueError if a field is missing or no such field exists.

    >>> build("conversation.item.delete", item_id="item_1")
    {'type': 'conversation.item.delete', 'item_id': 'item_1'}
    """
    shape = shape_of(type_)
    if shape is None:
        raise ValueError(f"no event type {type_!r}; the types are: {', '.join(_all_types())}")
    missing = [name for name in shape.required if name not in fields]
    if missing:
        raise ValueError(f"{type_} needs {', '.join(shape.required)}; missing: {missing}")
    allowed = {*shape.required, *shape.optional, "event_id"}
    unknown = [name for name in fields if name not in allowed]
    if unknown:
        raise ValueError(f"{type_} has no field {unknown}; it has: {sorted(allowed)}")
    return {"type": type_, **fields}


def missing_fields(event: Mapping[str, Any]) -> list[str]:
    """The required fields that an event lacks; none for types that the tables do not know."""
    type_ = event.get("type", "")
    shape = shape_of(type_)
    if shape is None:
        return []
    from_server = type_ in SERVER_EVENTS and type_ not in NO_EVENT_ID
    names = (*shape.required, "event_id") if from_server else shape.required
    return [name for name in names if name not in event]


def _all_types() -> list[str]:
    return [*CLIENT_EVENTS, *SERVER_EVENTS]


def update_session(session: Mapping[str, Any]) -> dict[str, Any]:
    """`session.update` with the fields to change; `session["type"]` is required by the server."""
    return build(SESSION_UPDATE, session=dict(session))


def append_audio(data: bytes) -> dict[str, Any]:
    """`input_audio_buffer.append` of raw bytes in the session's input format (at most 15 MiB)."""
    return build(APPEND, audio=b64encode(data).decode("ascii"))


def user_text(text: str, item_id: str | None = None) -> dict[str, Any]:
    """`conversation.item.create` of a user message in words."""
    item: dict[str, Any] = {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": text}],
    }
    return build(ITEM_CREATE, item={"id": item_id, **item} if item_id else item)


def tool_output(call_id: str, output: str) -> dict[str, Any]:
    """`conversation.item.create` of the answer to a function call (`output` may be empty)."""
    item = {"type": "function_call_output", "call_id": call_id, "output": output}
    return build(ITEM_CREATE, item=item)


def create_response(**params: Any) -> dict[str, Any]:
    """`response.create`; each keyword overrides the session for this response only."""
    return build(RESPONSE_CREATE, response=params) if params else build(RESPONSE_CREATE)


def cancel_response(response_id: str | None = None) -> dict[str, Any]:
    """`response.cancel` of one response, or of the one in progress."""
    return build(RESPONSE_CANCEL, **({"response_id": response_id} if response_id else {}))


def truncate(item_id: str, audio_end_ms: int, content_index: int = 0) -> dict[str, Any]:
    """`conversation.item.truncate`: keep the first `audio_end_ms` of an assistant item's audio."""
    return build(TRUNCATE, item_id=item_id, content_index=content_index, audio_end_ms=audio_end_ms)
