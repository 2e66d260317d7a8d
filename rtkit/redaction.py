"""What is taken out of an event before it is recorded: base64 audio, and credentials.

Both work on the event and on the text it came in. All else of the text stays byte for byte.
"""

from __future__ import annotations

import base64
import copy
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from .events import AUDIO_FIELD

MASK = "***"
SECRETS = frozenset({"authorization", "headers", "api_key", "client_secret"})
"""Keys under `session` or `response` whose values are credentials (MCP tools have two of them)."""


def cut_audio(
    event: Mapping[str, Any], text: str | None, audio: bytes | None = None
) -> tuple[dict[str, Any], str | None, bytes]:
    """The event and its text with "" for the base64 audio, and the bytes of that audio.

    `audio` are those bytes if they are known. What is no base64 is no audio: it stays where it is,
    as evidence.
    """
    field = AUDIO_FIELD.get(event.get("type", ""))
    value = event.get(field) if field else None
    if audio is None:
        audio = _decoded(value) if isinstance(value, str) else b""
    if field is None or not value or not audio:
        return dict(event), text, audio
    return {**event, field: ""}, text and _cut_text(text, field, value), audio


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        return b""


@cache
def _string_of(field: str) -> re.Pattern[str]:
    """Finds `"field": "..."` in JSON text; group 1 is what stands between the quotes."""
    return re.compile(rf'"{field}"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)


def _cut_text(text: str, field: str, value: object) -> str:
    for match in _string_of(field).finditer(text):
        if json.loads(f'"{match[1]}"', strict=False) == value:
            return text[: match.start(1)] + text[match.end(1) :]
    return text


def mask_secrets(
    event: Mapping[str, Any], text: str | None
) -> tuple[Mapping[str, Any], str | None]:
    """The event with credentials masked; its text is written anew only if there were any."""
    if not any(isinstance(event.get(key), Mapping) for key in ("session", "response")):
        return event, text
    masked = _masked(copy.deepcopy(dict(event)))
    if masked == event:
        return event, text
    return masked, text and json.dumps(masked, ensure_ascii=False)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: MASK if key in SECRETS and inner else _masked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return value
