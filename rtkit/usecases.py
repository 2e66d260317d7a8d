"""What each use case sets, and why: a table that the builder reads.

`temperature` is the lesson's; GA sessions have none, so it shows in the retired getters only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.choices import UseCase, VADMode, Voice
from rtkit.formats import AudioFormat


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting of a use case, and the reason for its value."""

    value: Any
    why: str


PRESETS: Mapping[UseCase, Mapping[str, Choice]] = {
    UseCase.VOICE_ASSISTANT: {
        "voice": Choice(Voice.ALLOY, "neutral, and the service's own default"),
        "vad_mode": Choice(VADMode.SERVER, "hands are free"),
        "silence_duration_ms": Choice(500, "quick, yet a breath does not end the turn"),
        "temperature": Choice(0.8, "the beta's default"),
    },
    UseCase.CUSTOMER_SERVICE: {
        "voice": Choice(Voice.CORAL, "warm"),
        "vad_mode": Choice(VADMode.SERVER, "hands are free"),
        "silence_duration_ms": Choice(700, "people look up numbers: more patience"),
        "temperature": Choice(0.6, "the same answer every time"),
    },
    UseCase.TELEPHONY: {
        "input_audio_format": Choice(AudioFormat.G711_ULAW, "what the phone line carries"),
        "output_audio_format": Choice(AudioFormat.G711_ULAW, "what the phone line carries"),
        "voice": Choice(Voice.SAGE, "clear at 8 kHz"),
    },
    UseCase.INTERACTIVE_DEMO: {
        "voice": Choice(Voice.SHIMMER, "lively"),
        "vad_mode": Choice(VADMode.SERVER, "hands are free"),
        "temperature": Choice(1.0, "more varied"),
    },
}


def settings_for(use_case: UseCase) -> dict[str, Any]:
    """The settings of one use case, by their names in `RealtimeSessionConfig`."""
    return {name: choice.value for name, choice in PRESETS[use_case].items()}
