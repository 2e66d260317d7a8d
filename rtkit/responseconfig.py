"""The configuration of one response: what `response.create` may say, each setting for it alone.

What is not given stays as the session has it. Nothing here opens a connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, ClassVar, Self

from pydantic import field_validator, model_validator

from rtkit.choices import Voice
from rtkit.errors import ConfigError
from rtkit.fields import check_response
from rtkit.formats import AudioFormat
from rtkit.parts import CustomVoice
from rtkit.settings import Settings, refuse

SAME_NAME = (
    "instructions",
    "output_modalities",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "prompt",
    "metadata",
    "conversation",
    "input",
)
"""Settings that are called as on the wire and hold the same."""


class ResponseConfig(Settings):
    """What one response does otherwise than its session. Frozen; `replace` makes a changed copy.

    `conversation="none"` answers out of band, `input` stands in for the conversation ([] is no
    context at all), `metadata` comes back in `response.done`: at most 16 texts.

    >>> ResponseConfig(output_modalities="text", conversation="none").to_response()
    {'output_modalities': ['text'], 'conversation': 'none'}

    Raises ConfigError, a ValueError, for what no response can have.
    """

    PATHS: ClassVar[Mapping[str, str]] = {
        **{name: name for name in SAME_NAME},
        "voice": "audio.output.voice",
        "max_response_tokens": "max_output_tokens",
        "reasoning_effort": "reasoning.effort",
    }

    instructions: str | None = None
    output_modalities: tuple[str, ...] | None = None
    voice: Voice | CustomVoice | None = None
    output_audio_format: AudioFormat | None = None
    tools: tuple[dict[str, Any], ...] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: str | None = None
    max_response_tokens: int | str | None = None
    prompt: dict[str, Any] | None = None
    metadata: dict[str, str] | None = None
    conversation: str | None = None
    input: tuple[dict[str, Any], ...] | None = None

    @field_validator("output_modalities", mode="before")
    @classmethod
    def _one_modality_may_stand_alone(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_taken(self) -> ResponseConfig:
        refusal = check_response(self.to_response())
        if refusal is not None:
            refuse(f"{refusal.param}: {refusal.message} rtkit.lint(...) says why.")
        return self

    def to_response(self) -> dict[str, Any]:
        """The `response` object of `response.create`: a new dict each time, ready for JSON."""
        told: dict[str, Any] = {name: getattr(self, name) for name in SAME_NAME}
        told["max_output_tokens"] = self.max_response_tokens
        told["reasoning"] = self.reasoning_effort and {"effort": self.reasoning_effort}
        spoken = {
            "format": self.output_audio_format and self.output_audio_format.to_wire(),
            "voice": self.voice and self.voice.value,
        }
        output = {name: value for name, value in spoken.items() if value is not None}
        told["audio"] = {"output": output} if output else None
        wire = {name: value for name, value in told.items() if value is not None}
        return deepcopy({k: list(v) if isinstance(v, tuple) else v for k, v in wire.items()})

    @classmethod
    def from_response(cls, response: Mapping[str, Any]) -> Self:
        """The configuration that the fields of a `response.create` stand for.

        Raises ConfigError, with the path and the words of the server's refusal, for fields that it
        refuses.
        """
        refusal = check_response(response)
        if refusal is not None:
            raise ConfigError(f"{refusal.param}: {refusal.message} rtkit.lint(...) says why.")
        output = (response.get("audio") or {}).get("output") or {}
        settings = {name: response.get(name) for name in SAME_NAME} | {
            "max_response_tokens": response.get("max_output_tokens"),
            "reasoning_effort": (response.get("reasoning") or {}).get("effort"),
            "voice": output.get("voice"),
            "output_audio_format": _format(output.get("format")),
        }
        return cls(**{name: value for name, value in settings.items() if value is not None})


def _format(wire: Mapping[str, Any] | None) -> AudioFormat | None:
    return AudioFormat.from_wire(wire) if wire else None
