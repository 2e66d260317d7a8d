"""The lesson's builder: a configuration put together step by step.

Each step checks what it was given, changes this builder and returns it. What was built is frozen
and shares nothing with the builder: later steps never reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from rtkit.choices import NoiseReduction, UseCase, VADMode, Voice
from rtkit.explanation import Explanation, explained
from rtkit.formats import AudioFormat
from rtkit.parts import CustomVoice
from rtkit.sessionconfig import RealtimeSessionConfig
from rtkit.transcriptionconfig import TranscriptionSessionConfig
from rtkit.usecases import preset, settings_for


class RealtimeConfigBuilder:
    """Builds a RealtimeSessionConfig, fluently.

    >>> builder = RealtimeConfigBuilder().for_use_case(UseCase.TELEPHONY)
    >>> builder.with_voice(Voice.CORAL).build().to_session()["audio"]["output"]["format"]
    {'type': 'audio/pcmu'}

    Every step raises ConfigError for a value that no session can have.
    """

    def __init__(self) -> None:
        self.config = RealtimeSessionConfig()
        self._reasons: dict[str, str] = {}

    def for_use_case(self, use_case: UseCase | str) -> Self:
        """Take over what `rtkit.preset` shows of a use case.

        Earlier steps that it names are lost, and so is what an earlier use case had set.
        """
        chosen = preset(use_case)
        settings = settings_for(chosen.use_case)
        if settings.get("vad_mode", VADMode.SERVER) is not VADMode.SERVER:
            settings.setdefault("idle_timeout_ms", None)  # it goes with SERVER only
        self.config = self.config.without(*self._reasons).replace(**settings)
        self._reasons = {
            name: f"{chosen.use_case.name}: {choice.why}."
            for name, choice in chosen.choices.items()
        }
        return self

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
        With another mode than server_vad an idle timeout that was set before is taken back.
        """
        if mode != VADMode.SERVER:
            more.setdefault("idle_timeout_ms", None)
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
        for name in settings:
            self._reasons.pop(RealtimeSessionConfig.ALIASES.get(name, name), None)
        return self

    def explain(self) -> Explanation:
        """What differs from the server's own defaults so far, and why: a table.

        >>> RealtimeConfigBuilder().for_use_case("push_to_talk").explain()[0].why
        'PUSH_TO_TALK: a button says when a turn begins and ends.'
        """
        return explained(self.config, self._reasons)

    def build(self) -> RealtimeSessionConfig:
        """The configuration as it stands: a new, frozen object at every call."""
        return self.config.replace()

    def build_transcription(self) -> TranscriptionSessionConfig:
        """As a session that only writes down: what concerns the input; the rest has no place."""
        names = TranscriptionSessionConfig.model_fields
        given = {name: value for name, value in self.config.given().items() if name in names}
        return TranscriptionSessionConfig(**given)
