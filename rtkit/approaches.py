"""Talking live beside asking and waiting: what either can do, and how long it takes.

The figures that stand here are other people's measurements, each with its source. What was measured
on this machine is read out of a timeline, never written down.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from statistics import median

from . import catalog
from .errors import DataError
from .timeline import Timeline
from .turns import read_turns


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


def compare_approaches(timeline: Timeline | None = None) -> dict[str, dict[str, str]]:
    """Both approaches, line by line, for a table. `source` says where a latency comes from.

    With a timeline the realtime latency is the one that was measured in it, from the end of speech
    to the first sound heard; DataError when no spoken turn of it was measured.
    """
    told = _compared()
    if timeline is not None:
        told["realtime"] |= {"latency": _measured(timeline), "source": "measured: this timeline"}
    return told


def _measured(timeline: Timeline) -> str:
    turns = [turn.latency for turn in read_turns(timeline)]
    waits = [one.wait_ms for one in turns if one is not None and one.speech_end is not None]
    known = [wait for wait in waits if wait is not None]
    if not known:
        raise DataError("no spoken turn was measured: ask something aloud, at its own pace.")
    number = f"{len(known)} turn{'s' if len(known) > 1 else ''}"
    return f"{median(known):.0f} ms from the end of speech to the first sound (median of {number})"


def _compared() -> dict[str, dict[str, str]]:
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
