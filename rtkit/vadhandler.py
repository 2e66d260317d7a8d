"""The lesson's VAD handler: told when speech begins and ends, or listening for itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from numpy.typing import ArrayLike

from .choices import VADMode
from .detectors import as_detector
from .parts import VADConfig
from .resampling import StreamResampler
from .segments import in_force
from .vad import Detector, SpeechEvent, SpeechStarted, TurnDetector, VoiceActivity
from .windows import turn_settings


class VADHandler:
    """Whether somebody is speaking, since when, and how long the last speech was.

    Either tell it, by `on_speech_start` and `on_speech_end`, or give it sound by `hear`: then its
    own detector ("silero", "webrtc", "energy", or an object) calls those two, and times are those
    of the sound. It finds the turns that `rtkit.segment` finds; without words semantic_vad goes by
    pauses, and for turns by hand the server's default finds speech.
    """

    def __init__(
        self, config: VADConfig | None = None, detector: str | Detector = "silero"
    ) -> None:
        self.config = config or VADConfig(mode=VADMode.CLIENT)
        self.is_speaking = False
        self.speech_start_time: datetime | None = None
        self.last_speech_time: datetime | None = None
        self._detector = detector
        self._ears: VoiceActivity | None = None
        self._resampler: StreamResampler | None = None
        self._began = datetime.now()  # the wall clock at the first sample

    def on_speech_start(self) -> None:
        """Speech begins; it is printed."""
        self._start(datetime.now())

    def on_speech_end(self) -> None:
        """Speech ends; how long it was is printed."""
        self._stop(datetime.now())

    def hear(self, samples: ArrayLike, rate: int = 24_000) -> list[SpeechEvent]:
        """Listen to float32[n], the next of one stream; what its detector found in it.

        Positions are milliseconds of the stream, the prefix padding and the silence window
        included, as on the wire. MissingExtra when no detector is installed.
        """
        if self._ears is None:
            self._listen(rate)
        assert self._ears is not None
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        found = self._ears.push(samples)
        for event in found:
            self._follow(event)
        return found

    def get_speech_duration(self) -> float:
        """Seconds of the speech that goes on; 0 while nobody speaks."""
        if not self.is_speaking or self.speech_start_time is None:
            return 0.0
        now = self._at(self._ears.position_ms) if self._ears else datetime.now()
        return (now - self.speech_start_time).total_seconds()

    def _listen(self, rate: int) -> None:
        detector = as_detector(self._detector)
        detector.reset()
        wire = in_force(self.config)
        turns = TurnDetector(**turn_settings(wire)) if wire else TurnDetector()
        self._ears = VoiceActivity(detector, turns)
        self._resampler = None if rate == detector.rate else StreamResampler(rate, detector.rate)
        self._began = datetime.now()

    def _follow(self, event: SpeechEvent) -> None:
        assert self._ears is not None
        if isinstance(event, SpeechStarted):
            self._start(self._at(event.audio_start_ms))
        else:
            window_ms = self._ears.turns.settings.silence_duration_ms
            self._stop(self._at(event.audio_end_ms - window_ms))

    def _at(self, ms: float) -> datetime:
        return self._began + timedelta(milliseconds=ms)

    def _start(self, at: datetime) -> None:
        self.is_speaking, self.speech_start_time = True, at
        print("Speech started")

    def _stop(self, at: datetime) -> None:
        self.is_speaking, self.last_speech_time = False, at
        if self.speech_start_time is not None:
            seconds = (at - self.speech_start_time).total_seconds()
            print(f"Speech ended after {seconds:.2f}s")
