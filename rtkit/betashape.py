"""The dead shape of a session, field by field: where each went in the GA shape, and why.

The linter names the new place of a field with it, the migrator moves the value, the page on
configuration prints it. The beta was switched off on 2026-05-12; the hosted service answers every
field below with `unknown_parameter` and refuses the whole update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

BETA_OFF = "github.com/langwatch/scenario/issues/604; github.com/TanStack/ai/issues/586"
NAMES = "OpenAI Realtime guide, 'Beta to GA migration'; openai Python SDK 3.54.0"


@dataclass(frozen=True, slots=True)
class Move:
    """One field of the beta: its old path, its new one ("" for none), and why it moved."""

    old: str
    new: str
    why: str
    source: str = NAMES


INPUT, OUTPUT = "audio.input.", "audio.output."
MOVES: tuple[Move, ...] = (
    Move(
        "modalities",
        "output_modalities",
        "Only what is answered is chosen now, and audio brings its transcript along: "
        "`['audio']` or `['text']`, never both.",
    ),
    Move("voice", OUTPUT + "voice", "What concerns the sound that comes lies in `audio.output`."),
    Move("speed", OUTPUT + "speed", "What concerns the sound that comes lies in `audio.output`."),
    Move(
        "input_audio_format",
        INPUT + "format",
        "Formats are objects: `pcm16` is `{'type': 'audio/pcm', 'rate': 24000}`, `g711_ulaw` is "
        "`{'type': 'audio/pcmu'}`, `g711_alaw` is `{'type': 'audio/pcma'}`.",
    ),
    Move(
        "output_audio_format",
        OUTPUT + "format",
        "Formats are objects; each direction has its own.",
    ),
    Move(
        "input_audio_transcription",
        INPUT + "transcription",
        "What concerns the sound that is heard lies in `audio.input`.",
    ),
    Move(
        "input_audio_noise_reduction",
        INPUT + "noise_reduction",
        "What concerns the sound that is heard lies in `audio.input`.",
    ),
    Move(
        "turn_detection",
        INPUT + "turn_detection",
        "What concerns the sound that is heard lies in `audio.input`.",
    ),
    Move("max_response_output_tokens", "max_output_tokens", "The name became shorter."),
    Move(
        "temperature",
        "",
        "GA sessions have no temperature. Say in the instructions how even or varied to be.",
    ),
    Move(
        "client_secret",
        "",
        "A key for a browser comes from `POST /v1/realtime/client_secrets`, as `value`.",
    ),
)
BY_OLD: Mapping[str, Move] = MappingProxyType({move.old: move for move in MOVES})

FORMATS: Mapping[str, str] = MappingProxyType(
    {"pcm16": "audio/pcm", "g711_ulaw": "audio/pcmu", "g711_alaw": "audio/pcma"}
)
"""Name of a format in the beta -> its `type` now."""

NO_DETECTION = frozenset({"none", "manual", "client_vad", "disabled", "off"})
"""What people wrote for turn detection that is off; on the wire it is null."""

EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "response.audio.delta": "response.output_audio.delta",
        "response.audio.done": "response.output_audio.done",
        "response.audio_transcript.delta": "response.output_audio_transcript.delta",
        "response.audio_transcript.done": "response.output_audio_transcript.done",
        "response.text.delta": "response.output_text.delta",
        "response.text.done": "response.output_text.done",
        "transcription_session.update": "session.update",
        "transcription_session.created": "session.created",
        "transcription_session.updated": "session.updated",
    }
)
"""Events that have another name now. `conversation.item.created` became two."""
ITEM_CREATED, ITEM_ADDED, ITEM_DONE = (
    "conversation.item.created",
    "conversation.item.added",
    "conversation.item.done",
)
NOT_SENT = "conversation.created"
"""Came after `session.created` once; GA traces have none."""
