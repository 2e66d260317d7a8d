"""What each use case sets, and why: a table that the builder reads.

`temperature` is the lesson's; GA sessions have none, so it shows in the retired getters only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.choices import NoiseReduction, UseCase, VADMode, Voice
from rtkit.errors import ConfigError
from rtkit.formats import AudioFormat
from rtkit.sheets import Sheet, Shown


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
    UseCase.PUSH_TO_TALK: {
        "voice": Choice(Voice.ALLOY, "neutral, and the service's own default"),
        "vad_mode": Choice(VADMode.MANUAL, "a button says when a turn begins and ends"),
    },
    UseCase.TRANSCRIPTION: {
        "output_modalities": Choice(("text",), "nothing is spoken"),
        "create_response": Choice(False, "nobody answers: turns are only written down"),
        "interrupt_response": Choice(False, "there is nothing to interrupt"),
        "transcription_enabled": Choice(True, "it is what the session is for"),
        "silence_duration_ms": Choice(700, "whole sentences are written down better than halves"),
    },
    UseCase.NOISY_ROOM: {
        "voice": Choice(Voice.CEDAR, "carries over noise, and is one of the recommended two"),
        "vad_mode": Choice(VADMode.SERVER, "hands are free"),
        "vad_threshold": Choice(0.65, "a door or a neighbour starts no turn; 0.7 would be deaf"),
        "silence_duration_ms": Choice(700, "noise makes the end of a word hard to hear"),
        "noise_reduction": Choice(NoiseReduction.FAR_FIELD, "a microphone that hears the room"),
    },
    UseCase.LANGUAGE_TUTOR: {
        "voice": Choice(Voice.MARIN, "clear, and one of the recommended two"),
        "vad_mode": Choice(VADMode.SEMANTIC, "learners stop in the middle of a sentence"),
        "eagerness": Choice("low", "up to 8 seconds to find a word"),
        "speed": Choice(0.9, "endings can be heard"),
        "noise_reduction": Choice(NoiseReduction.NEAR_FIELD, "learners wear a headset"),
    },
    UseCase.PHONE_LINE: {
        "input_audio_format": Choice(AudioFormat.G711_ULAW, "what the phone line carries"),
        "output_audio_format": Choice(AudioFormat.G711_ULAW, "what the phone line carries"),
        "voice": Choice(Voice.SAGE, "clear at 8 kHz"),
        "vad_mode": Choice(VADMode.SERVER, "hands are free"),
        "silence_duration_ms": Choice(700, "callers look things up, and lines cut quiet sounds"),
        "idle_timeout_ms": Choice(10_000, "asks whether the caller is still there"),
    },
}


@dataclass(frozen=True, slots=True)
class Preset(Shown):
    """One use case with its settings; shows itself as a table that says why each is what it is."""

    use_case: UseCase
    choices: Mapping[str, Choice]

    def sheet(self) -> Sheet:
        """Setting, value and reason."""
        rows = [
            (f"`{name}`", f"`{_shown(choice.value)}`", choice.why)
            for name, choice in self.choices.items()
        ]
        return Sheet(("Setting", "Value", "Why"), rows, f"`{self.use_case.name}`")


def preset(use_case: UseCase | str) -> Preset:
    """What one use case sets, and why. ConfigError for a name that is none.

    >>> print(preset("push_to_talk").choices["vad_mode"].why)
    a button says when a turn begins and ends
    """
    try:
        case = UseCase(use_case)
    except ValueError:
        names = ", ".join(repr(each.value) for each in UseCase)
        raise ConfigError(
            f"use_case: found {use_case!r}; allowed: {names}. Choose one of these."
        ) from None
    return Preset(case, PRESETS[case])


def _shown(value: object) -> object:
    return getattr(value, "value", value)


def settings_for(use_case: UseCase) -> dict[str, Any]:
    """The settings of one use case, by their names in `RealtimeSessionConfig`."""
    return {name: choice.value for name, choice in PRESETS[use_case].items()}
