"""Talking live beside asking and waiting: what either can do, and how long it takes.

The figures are other people's measurements, each with its source. What this machine does is
measured by the notebooks, never written down here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from . import catalog


class CommunicationMode(Enum):
    """What goes to and fro."""

    TEXT_ONLY = "text"
    AUDIO_INPUT = "audio_in"
    AUDIO_OUTPUT = "audio_out"
    AUDIO_BIDIRECTIONAL = "audio_bidirectional"
    MULTIMODAL = "multimodal"


@dataclass(frozen=True, slots=True)
class RealtimeCapabilities:
    """What an interface can do; `max_audio_duration_seconds` is that of one session."""

    mode: CommunicationMode
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    supports_interruption: bool
    supports_transcription: bool
    max_audio_duration_seconds: int


REALTIME_CAPABILITIES = RealtimeCapabilities(
    mode=CommunicationMode.MULTIMODAL,
    input_modalities=("audio", "text", "image"),
    output_modalities=("audio", "text"),
    supports_interruption=True,
    supports_transcription=True,
    max_audio_duration_seconds=int(catalog.limit("session_seconds")),
)
"""A session of the Realtime API: an answer is audio or text, never both at once."""

TRADITIONAL_CAPABILITIES = RealtimeCapabilities(
    mode=CommunicationMode.TEXT_ONLY,
    input_modalities=("text",),
    output_modalities=("text",),
    supports_interruption=False,
    supports_transcription=False,
    max_audio_duration_seconds=0,
)
"""One HTTP request and its answer, both text."""

MEASURED = "github.com/kwindla/aiewf-eval, README, 2026-08: medians over 30 turns, from recordings"
"""Where the latencies of hosted realtime models below come from."""


def compare_approaches() -> dict[str, dict[str, str]]:
    """Both approaches, line by line, for a table. `source` says where a latency comes from."""
    return {
        "realtime": {
            "latency": "1.2 to 2.3 s from the end of speech to the first sound (hosted models)",
            "connection": "Persistent WebSocket, WebRTC or SIP",
            "flow": "Bidirectional streaming",
            "interruption": "Part of the protocol: cancel, then truncate to what was heard",
            "use_case": "Voice assistants, phone lines, live captions",
            "source": MEASURED,
        },
        "traditional": {
            "latency": "Recording, recognition, answer and speech in turn; measure your own chain",
            "connection": "Per-request HTTP",
            "flow": "Request and response",
            "interruption": "Not supported",
            "use_case": "Batch processing, tasks that nobody waits for",
            "source": "No general figure is known: it is the sum of the parts that you choose.",
        },
    }
