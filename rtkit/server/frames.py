"""A frame from the client as an event whose fields are there, or the reason why it is none."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from rtkit.events import CLIENT_EVENTS
from rtkit.refusals import Refusal, depth, missing, not_supported, unknown, wrong_type
from rtkit.server.limits import Limits
from rtkit.server.rejections import Refused, raise_if, refuse

HALF_A_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
"""A surrogate in JSON's escapes; two in a row may be a character."""

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


def parse(frame: str | bytes, limits: Limits) -> dict[str, Any]:
    """The JSON object in a text frame; `Refused` for anything else, and for one too large."""
    if not isinstance(frame, str):
        raise Refused(refuse("binary"))
    if len(frame) > limits.event_chars:
        raise Refused(refuse("event_too_long", most=limits.event_chars, found=len(frame)))
    if sum(map(frame.count, ",[{")) > limits.event_values:
        raise Refused(refuse("event_too_large", most=limits.event_values))
    try:
        event = json.loads(frame, parse_constant=_no_json, parse_float=_finite)
    except RecursionError as error:
        raise Refused(refuse("event_too_deep", most=limits.event_depth)) from error
    except ValueError as error:
        raise Refused(refuse("not_json", detail=error)) from error
    if not isinstance(event, dict):
        raise Refused(refuse("not_an_object", found=type(event).__name__))
    if depth(event) > limits.event_depth:
        raise Refused(refuse("event_too_deep", most=limits.event_depth))
    if HALF_A_PAIR.search(frame):
        _require_text(event)
    return event


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    """A number that JSON can say again; 1e999 is none."""
    value = float(text)
    return value if math.isfinite(value) else _no_json(text)


def _require_text(event: dict[str, Any]) -> None:
    """`Refused` for text that no encoding can hold: one half of a surrogate pair."""
    try:
        json.dumps(event, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        detail = "A string holds one half of a surrogate pair."
        raise Refused(refuse("not_json", detail=detail)) from error


def check(event: dict[str, Any], limits: Limits) -> None:
    """`Refused` unless the type is understood, and its fields are there and no others."""
    type_ = event.get("type")
    if type_ is None:
        raise Refused(refuse("no_type"))
    if type_ not in UNDERSTOOD:
        raise Refused(not_supported("type", type_, UNDERSTOOD))
    raise_if(_check_id(event.get("event_id"), limits))
    shape = CLIENT_EVENTS[type_]
    for name in shape.required:
        if name not in event:
            raise Refused(missing(name))
    known = {*shape.required, *shape.optional, "type", "event_id"}
    for name in event:
        if name not in known:
            raise Refused(unknown(name))


def _check_id(event_id: object, limits: Limits) -> Refusal | None:
    if event_id is None:
        return None
    if not isinstance(event_id, str):
        return wrong_type("event_id", ("a string",), event_id)
    most = limits.event_id_chars
    if len(event_id) <= most:
        return None
    return refuse("string_too_long", param="event_id", most=most, found=len(event_id))
