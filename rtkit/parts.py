"""The two parts of a configuration with a life of their own: turn taking and transcription.

Each makes its own GA object; `RealtimeSessionConfig` holds the same settings flat, as the lesson
does, and makes these from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import model_validator

from rtkit.catalog import DEFAULT_TRANSCRIPTION
from rtkit.choices import VADMode, warn_of_the_end
from rtkit.settings import Settings, refuse

VAD_PATH = "audio.input.turn_detection."
TRANSCRIPTION_PATH = "audio.input.transcription."


class CustomVoice(Settings):
    """A voice of your own, made from audio samples, by its id (`voice_...`)."""

    id: str

    @property
    def value(self) -> dict[str, str]:
        """The wire object, as `Voice.value` is the wire string."""
        return {"id": self.id}


class VADConfig(Settings):
    """How turns are found in the sound: the mode, and what that mode may be told.

    `threshold` (0 to 1), `prefix_padding_ms`, `silence_duration_ms` and `idle_timeout_ms` go with
    SERVER, `eagerness` ("low", "medium", "high", "auto") with SEMANTIC, the two flags with both.
    """

    PATHS: ClassVar[Mapping[str, str]] = {
        name: VAD_PATH + name
        for name in (
            "threshold",
            "prefix_padding_ms",
            "silence_duration_ms",
            "idle_timeout_ms",
            "eagerness",
            "create_response",
            "interrupt_response",
        )
    }

    mode: VADMode = VADMode.SERVER
    threshold: float = 0.5
    prefix_padding_ms: int = 300
    silence_duration_ms: int = 500
    idle_timeout_ms: int | None = None
    eagerness: str = "auto"
    create_response: bool = True
    interrupt_response: bool = True

    @model_validator(mode="after")
    def _idle_timeout_has_its_mode(self) -> VADConfig:
        if self.idle_timeout_ms is not None and self.mode is not VADMode.SERVER:
            refuse(idle_without_server(self.idle_timeout_ms, self.mode))
        return self

    def to_turn_detection(self) -> dict[str, Any] | None:
        """The GA `turn_detection` object; None (null) when turns are committed from this side."""
        flags = {
            "create_response": self.create_response,
            "interrupt_response": self.interrupt_response,
        }
        if self.mode is VADMode.SERVER:
            names = ("threshold", "prefix_padding_ms", "silence_duration_ms", "idle_timeout_ms")
            return {"type": "server_vad", **{name: getattr(self, name) for name in names}, **flags}
        if self.mode is VADMode.SEMANTIC:
            return {"type": "semantic_vad", "eagerness": self.eagerness, **flags}
        return None

    def to_dict(self) -> dict[str, Any] | None:
        """The flat beta object of the lesson. Retired: nothing sends it.

        CLIENT and MANUAL are None here too: `client_vad` and `none` never were types of the API.
        """
        if self.mode is VADMode.SERVER:
            return {
                "type": "server_vad",
                "threshold": self.threshold,
                "prefix_padding_ms": self.prefix_padding_ms,
                "silence_duration_ms": self.silence_duration_ms,
            }
        if self.mode is VADMode.SEMANTIC:
            return {"type": "semantic_vad", "eagerness": self.eagerness}
        return None


class TranscriptionConfig(Settings):
    """How the words of the user are written down: beside the answer, never before it.

    `language` is an ISO-639-1 code, None to detect it. `include_timestamps` is kept from the
    lesson; no field of the session stands for it.
    """

    PATHS: ClassVar[Mapping[str, str]] = {
        name: TRANSCRIPTION_PATH + name
        for name in ("model", "language", "prompt", "delay", "keywords", "languages")
    }

    enabled: bool = True
    model: str = DEFAULT_TRANSCRIPTION
    language: str | None = None
    include_timestamps: bool = False
    prompt: str | None = None
    keywords: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    delay: str | None = None

    def __init__(self, *args: Any, **values: Any) -> None:
        told = values.pop("_told", None)
        super().__init__(*args, **values)
        if self.enabled:
            warn_of_the_end(self.model, told)

    def to_transcription(self) -> dict[str, Any] | None:
        """The GA `transcription` object; None (null) when it is off."""
        if not self.enabled:
            return None
        wire: dict[str, Any] = {"model": self.model}
        for name in ("language", "languages", "prompt", "keywords", "delay"):
            value = getattr(self, name)
            if value is not None:
                wire[name] = list(value) if isinstance(value, tuple) else value
        return wire


def idle_without_server(idle_timeout_ms: int, mode: VADMode) -> str:
    """The sentence about an idle timeout in a mode that has none."""
    return (
        f"idle_timeout_ms: found {idle_timeout_ms} with {mode!s}; allowed: only with "
        f"{VADMode.SERVER!s}. Leave it out, or use VADMode.SERVER."
    )
