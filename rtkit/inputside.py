"""What both kinds of session say about what they hear: format, turns, transcription, noise.

The settings themselves are declared by each configuration, in the order of its own; here is what is
made of them, and how they are read from a session of the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import field_validator

from rtkit.choices import NoiseReduction, VADMode
from rtkit.errors import ConfigError
from rtkit.fields import SessionKind, check_update, default_session, merge
from rtkit.formats import AudioFormat
from rtkit.parts import TRANSCRIPTION_PATH, VAD_PATH, TranscriptionConfig, VADConfig
from rtkit.schema import LOGPROBS
from rtkit.settings import Settings

VAD_NAMES: Mapping[str, str] = {
    "vad_threshold": "threshold",
    "prefix_padding_ms": "prefix_padding_ms",
    "silence_duration_ms": "silence_duration_ms",
    "idle_timeout_ms": "idle_timeout_ms",
    "eagerness": "eagerness",
    "create_response": "create_response",
    "interrupt_response": "interrupt_response",
}
TRANSCRIPTION_NAMES = ("language", "prompt", "keywords", "languages", "delay")
INPUT_PATHS: Mapping[str, str] = {
    **{setting: VAD_PATH + name for setting, name in VAD_NAMES.items()},
    "transcription_model": TRANSCRIPTION_PATH + "model",
    **{f"transcription_{name}": TRANSCRIPTION_PATH + name for name in TRANSCRIPTION_NAMES},
    "noise_reduction": "audio.input.noise_reduction.type",
    "noise_reduction_strength": "audio.input.noise_reduction.strength",
}
"""Setting -> the session field that it becomes."""


class InputSide(Settings):
    """The part of a configuration that is about what is heard; it declares no setting itself."""

    if TYPE_CHECKING:
        input_audio_format: AudioFormat
        vad_mode: VADMode
        vad_threshold: float
        prefix_padding_ms: int
        silence_duration_ms: int
        idle_timeout_ms: int | None
        eagerness: str
        transcription_enabled: bool
        transcription_model: str
        transcription_language: str | None
        transcription_prompt: str | None
        transcription_keywords: tuple[str, ...] | None
        transcription_languages: tuple[str, ...] | None
        transcription_delay: str | None
        transcription_logprobs: bool
        noise_reduction: NoiseReduction | None
        noise_reduction_strength: float | None

    @field_validator("vad_mode", mode="before", check_fields=False)
    @classmethod
    def _no_detection_is_manual(cls, value: Any) -> Any:
        return VADMode.MANUAL if value in (None, "none") else value

    @property
    def vad(self) -> VADConfig:
        """The turn-taking part of this configuration."""
        names = (name for name in VAD_NAMES if name in type(self).model_fields)
        values = {VAD_NAMES[name]: getattr(self, name) for name in names}
        return VADConfig(mode=self.vad_mode, **values)

    @property
    def transcription(self) -> TranscriptionConfig:
        """The transcription part of this configuration."""
        names = ("enabled", "model", *TRANSCRIPTION_NAMES)
        values = {name: getattr(self, f"transcription_{name}") for name in names}
        return TranscriptionConfig(**values, _told=self.transcription_model)

    def _heard(self) -> dict[str, Any]:
        return {
            "format": self.input_audio_format.to_wire(),
            "noise_reduction": self._noise_reduction(),
            "transcription": self.transcription.to_transcription(),
            "turn_detection": self.vad.to_turn_detection(),
        }

    def _noise_reduction(self) -> dict[str, Any] | None:
        if self.noise_reduction is None:
            return None
        wire: dict[str, Any] = {"type": self.noise_reduction.value}
        if self.noise_reduction_strength is not None:
            wire["strength"] = self.noise_reduction_strength
        return wire

    def _include(self) -> list[str] | None:
        # How sure a recogniser was of each word. That every hosted model tells it is not verified:
        # transcription_logprobs=False does without.
        said = "transcription_logprobs" in self.model_fields_set
        wanted = self.transcription_logprobs and (self.transcription_enabled or said)
        return [LOGPROBS] if wanted else None


def whole_session(session: object, kind: SessionKind) -> dict[str, Any]:
    """A session dict with the server's defaults filled in.

    ConfigError, with the path and the words of the server's own refusal, for one that it refuses.
    """
    told = session if isinstance(session, Mapping) else {}
    model = told.get("model")
    current = default_session(kind, model if isinstance(model, str) else None)
    refusal = check_update(session, current=current)
    if refusal is not None:
        raise ConfigError(
            f"{refusal.param}: {refusal.message} rtkit.lint(...) says why; "
            "rtkit.migrate(...) mends a session of the beta."
        )
    return merge(current, told)


def input_settings(session: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that stand for the input side of a whole session."""
    heard = session["audio"]["input"]
    return {
        "input_audio_format": AudioFormat.from_wire(heard["format"]),
        "transcription_logprobs": bool(session.get("include")),
        **_turn_settings(heard["turn_detection"]),
        **_transcription_settings(heard["transcription"]),
        **_noise_settings(heard["noise_reduction"]),
    }


def _turn_settings(wire: Mapping[str, Any] | None) -> dict[str, Any]:
    if wire is None:
        return {"vad_mode": VADMode.MANUAL}
    names = {setting: name for setting, name in VAD_NAMES.items() if name in wire}
    return {"vad_mode": wire["type"]} | {setting: wire[name] for setting, name in names.items()}


def _transcription_settings(wire: Mapping[str, Any] | None) -> dict[str, Any]:
    if wire is None:
        return {"transcription_enabled": False}
    told = {f"transcription_{name}": value for name, value in wire.items()}
    return {"transcription_enabled": True} | told


def _noise_settings(wire: Mapping[str, Any] | None) -> dict[str, Any]:
    names = {"noise_reduction": "type", "noise_reduction_strength": "strength"}
    told = wire or {}
    return {setting: told[name] for setting, name in names.items() if name in told}


def stated(kind: type[Settings], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that are not the configuration's own defaults anyway."""
    fields = kind.model_fields
    kept = {name: value for name, value in settings.items() if value != fields[name].default}
    if settings.get("transcription_enabled") is False and settings.get("transcription_logprobs"):
        kept["transcription_logprobs"] = True  # else it would follow transcription
    return kept
