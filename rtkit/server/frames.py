"""A frame from the client as an event whose fields are there, or the reason why it is none."""

from __future__ import annotations

import json
from typing import Any

from rtkit.events import CLIENT_EVENTS
from rtkit.refusals import missing, not_supported, unknown
from rtkit.server.rejections import Refused, refuse

UNDERSTOOD = (
    "session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.truncate",
    "conversation.item.delete",
    "conversation.item.retrieve",
    "response.create",
    "response.cancel",
)
"""The client events of a WebSocket session; `output_audio_buffer.clear` is WebRTC's alone."""


def parse(frame: str | bytes) -> dict[str, Any]:
    """The JSON object in a text frame; `Refused` for anything else."""
    if not isinstance(frame, str):
        raise Refused(refuse("binary"))
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError) as error:
        raise Refused(refuse("not_json", detail=error)) from error
    if not isinstance(event, dict):
        raise Refused(refuse("not_an_object", found=type(event).__name__))
    return event


def check(event: dict[str, Any]) -> None:
    """`Refused` unless the type is understood, and its fields are there and no others."""
    type_ = event.get("type")
    if type_ is None:
        raise Refused(refuse("no_type"))
    if type_ not in UNDERSTOOD:
        raise Refused(not_supported("type", type_, UNDERSTOOD))
    shape = CLIENT_EVENTS[type_]
    for name in shape.required:
        if name not in event:
            raise Refused(missing(name))
    known = {*shape.required, *shape.optional, "type", "event_id"}
    for name in event:
        if name not in known:
            raise Refused(unknown(name))
