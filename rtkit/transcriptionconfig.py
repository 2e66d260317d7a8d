"""The configuration of a session that only writes down what it hears: nobody answers.

The settings have the names that they have in `RealtimeSessionConfig`. Nothing here opens a
connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, ClassVar, Self

from pydantic import model_validator

from rtkit.catalog import DEFAULT_TRANSCRIPTION
from rtkit.choices import NoiseReduction, VADMode, warn_of_the_end
from rtkit.fields import check_update, default_session
from rtkit.formats import AudioFormat
from rtkit.inputside import INPUT_PATHS, InputSide, input_settings, stated, whole_session
from rtkit.settings import refuse

ANSWERS = ("create_response", "interrupt_response")
"""What only a session with an assistant has."""


class TranscriptionSessionConfig(InputSide):
    """A session of type "transcription": sound in, words out. Frozen; `replace` makes a copy.

    >>> TranscriptionSessionConfig(transcription_language="en").to_session()["type"]
    'transcription'

    Raises ConfigError, a ValueError, for what no such session can have; warns with
    RetiredModelWarning when the model has ended or will.
    """

    PATHS: ClassVar[Mapping[str, str]] = {
        name: path for name, path in INPUT_PATHS.items() if name not in ANSWERS
    }

    transcription_model: str = DEFAULT_TRANSCRIPTION
    transcription_language: str | None = None
    input_audio_format: AudioFormat = AudioFormat.PCM16
    vad_mode: VADMode = VADMode.SERVER
    vad_threshold: float = 0.5
    silence_duration_ms: int = 500
    prefix_padding_ms: int = 300
    idle_timeout_ms: int | None = None
    eagerness: str = "auto"
    transcription_enabled: bool = True
    transcription_prompt: str | None = None
    transcription_keywords: tuple[str, ...] | None = None
    transcription_languages: tuple[str, ...] | None = None
    transcription_delay: str | None = None
    transcription_logprobs: bool = True
    noise_reduction: NoiseReduction | None = None
    noise_reduction_strength: float | None = None

    def __init__(self, *args: Any, **values: Any) -> None:
        told = values.pop("_told", None)
        super().__init__(*args, **values)
        if self.transcription_enabled:
            warn_of_the_end(self.transcription_model, told)

    @model_validator(mode="after")
    def _is_taken(self) -> TranscriptionSessionConfig:
        refusal = check_update(self.to_session(), current=default_session("transcription"))
        if refusal is not None:
            refuse(f"{refusal.param}: {refusal.message} rtkit.lint(...) says why.")
        return self

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed; what was never given stays at its default."""
        remake: Any = type(self)
        made: Self = remake(**(self.given() | changes), _told=self.transcription_model)
        return made

    @property
    def model(self) -> str:
        """ "": such a session has no model of its own, and its address names none."""
        return ""

    def to_session(self) -> dict[str, Any]:
        """The GA session object of `session.update`: a new dict each time, ready for JSON."""
        session: dict[str, Any] = {"type": "transcription"}
        include = self._include()
        if include is not None:
            session["include"] = include
        heard = self._heard()
        for name in ANSWERS:
            (heard["turn_detection"] or {}).pop(name, None)
        return deepcopy(session) | {"audio": {"input": heard}}

    @classmethod
    def from_session(cls, session: Mapping[str, Any]) -> Self:
        """The configuration that a GA session dict stands for; what it leaves out is the server's.

        Raises ConfigError, with the path and the words of the server's refusal, for a session that
        it refuses.
        """
        return cls(**stated(cls, input_settings(whole_session(session, "transcription"))))
