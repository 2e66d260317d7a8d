"""The lesson's speech handler: sound in, sound out, over a real session."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import TracebackType
from typing import TYPE_CHECKING

from .audio import decode
from .clip import Clip
from .errors import AudioError
from .formats import AudioFormat
from .pcm import Samples
from .sessionconfig import RealtimeSessionConfig

if TYPE_CHECKING:
    from .server.local import ServerOptions
    from .session import Session
    from .targets import Target
    from .turns import Turn


class SpeechInteractionMode(Enum):
    """What went in and what came out."""

    SPEECH_TO_TEXT = "stt"
    TEXT_TO_SPEECH = "tts"
    SPEECH_TO_SPEECH = "sts"


@dataclass(frozen=True, slots=True)
class SpeechInteraction:
    """One exchange. Sound is PCM16 mono at 24 kHz; `transcript` is what was heard of the question.

    `latency_ms` is the wait from the end of the question to the first sound of the answer.
    """

    mode: SpeechInteractionMode
    input_audio: bytes | None = None
    input_text: str | None = None
    output_audio: bytes | None = None
    output_text: str | None = None
    transcript: str | None = None
    latency_ms: float = 0

    @property
    def has_audio_output(self) -> bool:
        """Whether an answer was spoken."""
        return bool(self.output_audio)


class SpeechToSpeechHandler:
    """Puts sound to a server and keeps what comes of it; use it in a `with`, or `close` it.

    The session opens at the first question, to the embedded server unless a target is named.
    """

    def __init__(
        self,
        config: RealtimeSessionConfig | None = None,
        target: str | Target | None = None,
        *,
        api_key: str | None = None,
        server: ServerOptions | None = None,
    ) -> None:
        self.config = config or RealtimeSessionConfig()
        self.interactions: list[SpeechInteraction] = []
        self.session: Session | None = None
        self._target, self._api_key, self._server = target, api_key, server

    def process_audio_input(
        self, audio_data: bytes, audio_format: str | AudioFormat = AudioFormat.PCM16
    ) -> SpeechInteraction:
        """Speak `audio_data` to the server in real time and wait for the complete answer.

        AudioError for an unknown format or no sound; else what `Session.ask` raises.
        """
        question = Clip(*_samples(audio_data, audio_format))
        turn = self._open().ask(question)
        interaction = _interaction(question.to_bytes(AudioFormat.PCM16), turn)
        self.interactions.append(interaction)
        return interaction

    def get_conversation_transcript(self) -> str:
        """Both speakers' words, line by line."""
        lines = []
        for interaction in self.interactions:
            asked = interaction.transcript or interaction.input_text
            lines += [f"User: {asked}"] if asked else []
            lines += [f"Assistant: {interaction.output_text}"] if interaction.output_text else []
        return "\n".join(lines)

    def close(self) -> None:
        """End the session, if one was opened."""
        if self.session is not None:
            self.session.close()

    def _open(self) -> Session:
        from .session import connect

        if self.session is None or self.session.closed:
            self.session = connect(
                self.config, self._target, api_key=self._api_key, server=self._server
            )
        return self.session

    def __enter__(self) -> SpeechToSpeechHandler:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _samples(data: bytes, name: str | AudioFormat) -> tuple[Samples, int]:
    names = [known.value for known in AudioFormat]
    if name not in names and not isinstance(name, AudioFormat):
        raise AudioError(f"no audio format is called {name!r}. Allowed: {', '.join(names)}.")
    known = AudioFormat(name)
    return decode(data, known), known.rate


def _interaction(asked: bytes, turn: Turn) -> SpeechInteraction:
    spoken = turn.audio
    sound = None if spoken is None else spoken.to_bytes(AudioFormat.PCM16)
    mode = SpeechInteractionMode
    return SpeechInteraction(
        mode=mode.SPEECH_TO_SPEECH if sound else mode.SPEECH_TO_TEXT,
        input_audio=asked,
        output_audio=sound,
        output_text=turn.answer or None,
        transcript=turn.question or None,
        latency_ms=(turn.latency.wait_ms if turn.latency else None) or 0.0,
    )
