"""The configuration of a realtime session, in the lesson's words and the service's present shape.

`to_session()` is the GA session object and the only thing that rtkit ever sends. The lesson's own
getters (`to_session_config`, `get_api_config`, `VADConfig.to_dict`) still answer, in the flat beta
shape that the service switched off on 2026-05-12. Nothing here opens a connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, ClassVar, Self

from pydantic import field_validator, model_validator

from rtkit.catalog import DEFAULT_MODEL, DEFAULT_TRANSCRIPTION
from rtkit.choices import NoiseReduction, VADMode, Voice, warn_of_the_end
from rtkit.formats import AudioFormat
from rtkit.inputside import INPUT_PATHS, InputSide, input_settings, stated, whole_session
from rtkit.parts import CustomVoice, idle_without_server
from rtkit.settings import refuse


class RealtimeSessionConfig(InputSide):
    """Everything that a session is told when it begins. Frozen; `replace` makes a changed copy.

    The names are the lesson's; those of its first class (`RealtimeConfig`: `turn_detection`,
    `input_audio_transcription`, `max_response_output_tokens`) are understood as well.

    >>> config = RealtimeSessionConfig(voice="coral", silence_duration_ms=700)
    >>> config.to_session()["audio"]["output"]["voice"]
    'coral'

    Raises ConfigError, a ValueError, for a value that no session can have; warns with
    RetiredModelWarning when a model has ended or will.
    """

    PATHS: ClassVar[Mapping[str, str]] = {
        "voice": "audio.output.voice",
        "speed": "audio.output.speed",
        "instructions": "instructions",
        "output_modalities": "output_modalities",
        **INPUT_PATHS,
        "max_response_tokens": "max_output_tokens",
        "parallel_tool_calls": "parallel_tool_calls",
        "reasoning_effort": "reasoning.effort",
        "tools": "tools",
        "tool_choice": "tool_choice",
        "truncation": "truncation",
        "tracing": "tracing",
        "prompt": "prompt",
    }
    ALIASES: ClassVar[Mapping[str, str]] = {
        "turn_detection": "vad_mode",
        "input_audio_transcription": "transcription_enabled",
        "max_response_output_tokens": "max_response_tokens",
    }
    RETIRED: ClassVar[Mapping[str, str]] = {
        "temperature": "GA sessions have no temperature; say in the instructions how to speak.",
        "sample_rate": "The audio format implies it: pcm16 is 24000 Hz, G.711 is 8000 Hz.",
    }

    model: str = DEFAULT_MODEL
    voice: Voice | CustomVoice = Voice.ALLOY
    instructions: str = ""

    input_audio_format: AudioFormat = AudioFormat.PCM16
    output_audio_format: AudioFormat = AudioFormat.PCM16
    sample_rate: int = AudioFormat.PCM16.rate

    vad_mode: VADMode = VADMode.SERVER
    vad_threshold: float = 0.5
    silence_duration_ms: int = 500

    transcription_enabled: bool = True
    transcription_model: str = DEFAULT_TRANSCRIPTION
    transcription_language: str | None = None

    temperature: float = 0.8
    max_response_tokens: int | str = 4096

    output_modalities: tuple[str, ...] = ("audio",)
    prefix_padding_ms: int = 300
    idle_timeout_ms: int | None = None
    eagerness: str = "auto"
    create_response: bool = True
    interrupt_response: bool = True
    speed: float = 1.0
    noise_reduction: NoiseReduction | None = None
    noise_reduction_strength: float | None = None
    transcription_prompt: str | None = None
    transcription_keywords: tuple[str, ...] | None = None
    transcription_languages: tuple[str, ...] | None = None
    transcription_delay: str | None = None
    transcription_logprobs: bool = True
    tools: tuple[dict[str, Any], ...] = ()
    tool_choice: str | dict[str, Any] = "auto"
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    truncation: str | dict[str, Any] = "auto"
    tracing: str | dict[str, Any] | None = None
    prompt: dict[str, Any] | None = None

    def __init__(self, *args: Any, **values: Any) -> None:
        told = values.pop("_told", {})
        super().__init__(*args, **values)
        warn_of_the_end(self.model, told.get("model"))
        if self.transcription_enabled:
            warn_of_the_end(self.transcription_model, told.get("transcription_model"))

    @model_validator(mode="before")
    @classmethod
    def _understand_the_first_class(cls, values: Any) -> Any:
        for alias, name in cls.ALIASES.items():
            if isinstance(values, dict) and alias in values:
                if name in values:
                    refuse(f"{alias}: the same setting as {name}. Give one of the two.")
                values = {name if key == alias else key: v for key, v in values.items()}
        return values

    @field_validator("output_modalities", mode="before")
    @classmethod
    def _one_modality_may_stand_alone(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _settings_agree(self) -> RealtimeSessionConfig:
        rate = self.input_audio_format.rate
        if "sample_rate" not in self.model_fields_set:
            self.__dict__["sample_rate"] = rate  # implied, so not counted as given
        elif self.sample_rate != rate:
            refuse(
                f"sample_rate: found {self.sample_rate}; allowed: {rate}, which "
                f"{self.input_audio_format.value} always has. Leave it out and resample the sound "
                "with rtkit.audio.resample."
            )
        if self.idle_timeout_ms is not None and self.vad_mode is not VADMode.SERVER:
            refuse(idle_without_server(self.idle_timeout_ms, self.vad_mode))
        return self

    def replace(self, **changes: Any) -> RealtimeSessionConfig:
        """A copy with some settings changed; what was never given stays at its default.

        >>> RealtimeSessionConfig().replace(voice=Voice.SAGE).voice.value
        'sage'
        """
        names = {self.ALIASES.get(name, name) for name in changes}
        return self._remade({**self.without(*names).given(), **changes})

    def without(self, *names: str) -> RealtimeSessionConfig:
        """A copy in which these settings are back at their defaults."""
        return self._remade({k: v for k, v in self.given().items() if k not in names})

    def _remade(self, values: Mapping[str, Any]) -> RealtimeSessionConfig:
        told = {"model": self.model, "transcription_model": self.transcription_model}
        remake: Any = type(self)
        made: RealtimeSessionConfig = remake(**values, _told=told)
        return made

    @property
    def turn_detection(self) -> str:
        """The lesson's first name for `vad_mode`."""
        return self.vad_mode.value

    @property
    def input_audio_transcription(self) -> bool:
        """The lesson's first name for `transcription_enabled`."""
        return self.transcription_enabled

    @property
    def max_response_output_tokens(self) -> int | str:
        """The lesson's first name for `max_response_tokens`."""
        return self.max_response_tokens

    def to_session(self) -> dict[str, Any]:
        """The GA session object of `session.update`: a new dict each time, ready for JSON.

        Empty instructions are left out, so that the server's own stay. What has no place in it is
        told by `retired_fields()`.
        """
        session = {
            "type": "realtime",
            "model": self.model,
            "output_modalities": list(self.output_modalities),
            "instructions": self.instructions or None,
            "max_output_tokens": self.max_response_tokens,
            "tools": list(self.tools),
            "tool_choice": self.tool_choice,
            "parallel_tool_calls": self.parallel_tool_calls,
            "reasoning": self.reasoning_effort and {"effort": self.reasoning_effort},
            "truncation": self.truncation,
            "tracing": self.tracing,
            "prompt": self.prompt,
            "include": self._include(),
        }
        told = {name: value for name, value in session.items() if value is not None}
        return deepcopy(told) | {"audio": {"input": self._heard(), "output": self._spoken()}}

    @classmethod
    def from_session(cls, session: Mapping[str, Any]) -> Self:
        """The configuration that a GA session dict stands for; what it leaves out is the server's.

        >>> made = RealtimeSessionConfig.from_session({"type": "realtime"})
        >>> made.max_response_tokens, made.transcription_enabled
        ('inf', False)

        Raises ConfigError, with the path and the words of the server's refusal, for a session that
        it refuses; a session of the beta is first to be given to `rtkit.migrate`.
        """
        whole = whole_session(session, "realtime")
        spoken = whole["audio"]["output"]
        settings = {
            "model": whole["model"],
            "voice": spoken["voice"],
            "speed": spoken["speed"],
            "output_audio_format": AudioFormat.from_wire(spoken["format"]),
            "output_modalities": tuple(whole["output_modalities"]),
            "max_response_tokens": whole["max_output_tokens"],
            "reasoning_effort": whole.get("reasoning", {}).get("effort"),
            "tools": tuple(whole["tools"]),
            **{name: whole.get(name) for name in SAME_NAME},
            **input_settings(whole),
        }
        return cls(**stated(cls, settings))

    def retired_fields(self) -> dict[str, str]:
        """The settings that were given but have no counterpart in a GA session, each with why.

        >>> list(RealtimeSessionConfig(temperature=0.6).retired_fields())
        ['temperature']
        """
        given = self.model_fields_set
        return {name: why for name, why in self.RETIRED.items() if name in given}

    def to_session_config(self) -> dict[str, Any]:
        """The flat beta session of the lesson's RealtimeConfig. Retired: nothing sends it."""
        detection = self.vad.to_dict()
        flat: dict[str, Any] = {
            "model": self.model,
            "voice": self.voice.value,
            "input_audio_format": self.input_audio_format.value,
            "output_audio_format": self.output_audio_format.value,
            "turn_detection": detection and {"type": detection["type"]},
            "temperature": self.temperature,
            "max_response_output_tokens": self.max_response_tokens,
        }
        if self.transcription_enabled:
            flat["input_audio_transcription"] = {"model": self.transcription_model}
        if self.instructions:
            flat["instructions"] = self.instructions
        return flat

    def get_api_config(self) -> dict[str, Any]:
        """The flat beta session of the lesson's session manager. Retired: nothing sends it."""
        flat = self.to_session_config() | {"turn_detection": self.vad.to_dict()}
        if self.transcription_enabled and self.transcription_language:
            flat["input_audio_transcription"]["language"] = self.transcription_language
        return flat

    def _spoken(self) -> dict[str, Any]:
        return {
            "format": self.output_audio_format.to_wire(),
            "voice": self.voice.value,
            "speed": self.speed,
        }


SAME_NAME = (
    "instructions",
    "tool_choice",
    "parallel_tool_calls",
    "truncation",
    "tracing",
    "prompt",
)
"""Settings that are called as on the wire and hold the same."""

RealtimeConfig = RealtimeSessionConfig  # the name of the lesson's first version of it
