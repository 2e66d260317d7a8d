"""The lesson's builder: a configuration put together step by step.

Each step checks what it was given, changes this builder and returns it. What was built is frozen
and shares nothing with the builder: later steps never reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from rtkit.choices import NoiseReduction, UseCase, VADMode, Voice
from rtkit.errors import ConfigError
from rtkit.formats import AudioFormat
from rtkit.parts import CustomVoice
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.usecases import settings_for


class RealtimeConfigBuilder:
    """Builds a RealtimeSessionConfig, fluently.

    >>> builder = RealtimeConfigBuilder().for_use_case(UseCase.TELEPHONY)
    >>> builder.with_voice(Voice.CORAL).build().to_session()["audio"]["output"]["format"]
    {'type': 'audio/pcmu'}

    Every step raises ConfigError for a value that no session can have.
    """

    def __init__(self) -> None:
        self.config = RealtimeSessionConfig()

    def for_use_case(self, use_case: UseCase | str) -> Self:
        """Take over what `rtkit.usecases` sets for a use case; earlier steps it names are lost."""
        try:
            return self.with_settings(**settings_for(UseCase(use_case)))
        except ValueError as error:
            if isinstance(error, ConfigError):
                raise
            names = ", ".join(repr(case.value) for case in UseCase)
            raise ConfigError(
                f"use_case: found {use_case!r}; allowed: {names}. Choose one of these."
            ) from None

    def with_model(self, model: str) -> Self:
        """Set the realtime model (on Azure: the name of the deployment)."""
        return self.with_settings(model=model)

    def with_voice(self, voice: Voice | CustomVoice | str | Mapping[str, str]) -> Self:
        """Set the voice: a Voice, its name, or {"id": "voice_..."} for one of your own."""
        return self.with_settings(voice=voice)

    def with_instructions(self, instructions: str) -> Self:
        """Set what the assistant is told about itself."""
        return self.with_settings(instructions=instructions)

    def with_transcription(
        self,
        enabled: bool = True,
        language: str | None = None,
        *,
        model: str | None = None,
        **more: Any,
    ) -> Self:
        """Set whether and how the user's words are written down.

        `language` is an ISO-639-1 code, None to detect it. `more`: prompt, keywords, languages,
        delay, logprobs.
        """
        named = more if model is None else more | {"model": model}
        settings = {f"transcription_{name}": value for name, value in named.items()}
        return self.with_settings(
            transcription_enabled=enabled, transcription_language=language, **settings
        )

    def with_vad(
        self,
        mode: VADMode | str,
        threshold: float = 0.5,
        silence_ms: int = 500,
        **more: Any,
    ) -> Self:
        """Set who ends a turn, and when.

        `more`: prefix_padding_ms, idle_timeout_ms, eagerness, create_response, interrupt_response.
        """
        return self.with_settings(
            vad_mode=mode, vad_threshold=threshold, silence_duration_ms=silence_ms, **more
        )

    def with_tools(
        self, *tools: Mapping[str, Any], tool_choice: str | Mapping[str, Any] = "auto"
    ) -> Self:
        """Set the tools that the model may call, in place of those set before."""
        return self.with_settings(tools=tools, tool_choice=tool_choice)

    def with_modalities(self, *modalities: str) -> Self:
        """Set what is answered: "audio" (with its transcript) or "text", never both."""
        return self.with_settings(output_modalities=modalities)

    def with_audio_formats(
        self, input_format: AudioFormat | str, output_format: AudioFormat | str | None = None
    ) -> Self:
        """Set how sound travels in and out; the same both ways when only one is given."""
        return self.with_settings(
            input_audio_format=input_format, output_audio_format=output_format or input_format
        )

    def with_noise_reduction(
        self, kind: NoiseReduction | str | None, strength: float | None = None
    ) -> Self:
        """Set the server's cleaning of the input; None turns it off."""
        return self.with_settings(noise_reduction=kind, noise_reduction_strength=strength)

    def with_settings(self, **settings: Any) -> Self:
        """Set anything by its name in RealtimeSessionConfig."""
        self.config = self.config.replace(**settings)
        return self

    def build(self) -> RealtimeSessionConfig:
        """The configuration as it stands: a new, frozen object at every call."""
        return self.config.replace()
