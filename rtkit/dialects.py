"""How servers differ that speak almost the same protocol, as far as the difference is only names.

GA is what rtkit sends and means. Beta-shaped servers (speaches, as of 2026-03) have other names for
the same events and a flat session object; xAI's has GA names, some session fields at the top and
the usage beside the response; Hugging Face's speech-to-speech leaves out the announcement of items.
Sources: their published source code and documentation, read in 2026-11. None was run here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from . import events
from .formats import AudioFormat

CONVERSATION_CREATED = "conversation.created"
ITEM_CREATED = "conversation.item.created"
TRANSCRIPTION_UPDATED = "conversation.item.input_audio_transcription.updated"
"""All words of a question so far, not only the new ones (xAI)."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "response.audio.delta": events.AUDIO_DELTA,
        "response.audio.done": events.AUDIO_DONE,
        "response.audio_transcript.delta": events.TRANSCRIPT_DELTA,
        "response.audio_transcript.done": events.TRANSCRIPT_DONE,
        "response.text.delta": events.TEXT_DELTA,
        "response.text.done": events.TEXT_DONE,
        ITEM_CREATED: events.ITEM_ADDED,
    }
)
"""Name of an event in the beta -> in GA."""

FLAT = frozenset(
    {
        "modalities",
        "input_audio_format",
        "output_audio_format",
        "input_audio_transcription",
        "max_response_output_tokens",
        "temperature",
        "voice",
        "turn_detection",
    }
)
"""Fields of a session object that only the beta has, or that GA has deeper."""


def common_name(type_: str) -> str:
    """The GA name of an event."""
    return NAMES.get(type_, type_)


def shape_of(session: Mapping[str, Any]) -> str:
    """ "GA", "beta", or "GA with SOME FIELDS at the top"; "" for an object that says neither."""
    flat = sorted(FLAT & session.keys())
    if isinstance(session.get("audio"), Mapping):
        return f"GA with {', '.join(flat)} at the top" if flat else "GA"
    if "input_audio_format" in session or "modalities" in session:
        return "beta"
    return f"{', '.join(flat)} at the top" if flat else ""


def turn_detection(session: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The turn detection of a session object, whatever its shape; None when turns are manual."""
    found = _input(session, "turn_detection", "turn_detection")
    return found if isinstance(found, Mapping) and found.get("type", True) else None


def transcription(session: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The transcription of a session object, whatever its shape; None when there is none."""
    found = _input(session, "transcription", "input_audio_transcription")
    return found if isinstance(found, Mapping) else None


def audio_format(session: Mapping[str, Any], side: str) -> AudioFormat:
    """The format of the "input" or "output" of a session object; PCM16 if untold.

    ValueError for a format that rtkit has none for, such as PCM at 16 kHz.
    """
    told = _inside(session, "audio", side).get("format")
    if told:
        return AudioFormat.from_wire(told)
    return AudioFormat(session.get(f"{side}_audio_format") or AudioFormat.PCM16.value)


def usage_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The usage that a `response.done` tells, in the response or beside it; {} for none."""
    inside = _inside(event, "response").get("usage")
    beside = event.get("usage")
    found = inside if isinstance(inside, Mapping) and any(inside.values()) else beside
    return found if isinstance(found, Mapping) else {}


def _input(session: Mapping[str, Any], name: str, flat: str) -> object:
    inside = _inside(session, "audio", "input")
    return inside[name] if name in inside else session.get(flat)


def _inside(value: object, *path: str) -> Mapping[str, Any]:
    """The object at a path of keys; {} where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}
