"""Turn detection on this side: the session hears the turns itself, and commits them.

The wire carries `turn_detection: null`; what the server would do with server_vad is done here, by
the same state machine on the same detector, so that the turns are the same. Only turns are sent:
sound outside them stays here, but for the padding that each turn begins with. Positions are
milliseconds of all sound that was offered, sent or not. No clock here: `now` is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .audio import bytes_for_ms, decode, duration_ms
from .formats import AudioFormat
from .parts import VADConfig
from .resampling import StreamResampler
from .vad import Detector, SpeechStarted, SpeechStopped, TurnDetector, VoiceActivity

SLICE_MS = 100
"""Sound is judged in slices of this length, so that a turn ends near the place where it ended."""

HELD_MS = 100
"""The newest sound of a turn waits this long to be sent: the turn may have ended before it."""

REAL_TIME_SHARE = 0.5
"""Sound that came in less than this share of its length did not come as it was spoken."""


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody speaks. `start_t` is the instant at which the turn begins, its padding included."""

    audio_start_ms: int
    start_t: float


@dataclass(frozen=True, slots=True)
class Send:
    """Sound of the turn, in the wire's format."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The turn is over: commit the `sent_ms` of it.

    `end_of_speech_t` is the instant before the silence window; None for sound that came faster
    than it can be spoken.
    """

    audio_end_ms: int
    sent_ms: float
    end_of_speech_t: float | None


Heard = Began | Send | Ended


class OwnEars:
    """Finds the turns in the sound of one session, and says what to send of it."""

    def __init__(self, config: VADConfig, detector: Detector, format: AudioFormat) -> None:
        self.config = config
        self.format = format
        detector.reset()
        self._detector = detector
        self._turns = VoiceActivity(
            detector,
            TurnDetector(config.threshold, config.prefix_padding_ms, config.silence_duration_ms),
        )
        self._resampler = StreamResampler(format.rate, detector.rate)
        self._kept = bytearray()  # the newest sound, not yet sent
        self._position = 0  # bytes offered
        self._sent_bytes = 0  # of the turn
        self._began: tuple[float, float] | None = None  # position and instant, when it was noticed

    @property
    def speaking(self) -> bool:
        """Whether a turn is under way."""
        return self._began is not None

    @property
    def position_ms(self) -> float:
        """How much sound was offered."""
        return duration_ms(self._position, self.format)

    def configure(self, config: VADConfig) -> None:
        """Other settings, from the next frame on. What is being said goes on."""
        self.config = config
        self._turns.update(
            threshold=config.threshold,
            prefix_padding_ms=config.prefix_padding_ms,
            silence_duration_ms=config.silence_duration_ms,
        )

    def in_format(self, format: AudioFormat) -> OwnEars:
        """These ears for sound in another format; what is being said is forgotten."""
        return OwnEars(self.config, self._detector, format)

    def forget(self) -> None:
        """Drop what is being said; it was never a turn."""
        self._turns.drop_turn()
        self._kept.clear()
        self._began = None

    def hear(self, data: bytes, now: float) -> Iterator[Heard]:
        """What is to be done about these bytes (whole samples of the format), in order."""
        size = bytes_for_ms(SLICE_MS, self.format)
        for at in range(0, len(data), size):
            yield from self._hear_slice(data[at : at + size], now)

    def _hear_slice(self, data: bytes, now: float) -> Iterator[Heard]:
        self._kept += data
        self._position += len(data)
        for event in self._turns.push(self._resampler.push(decode(data, self.format))):
            if isinstance(event, SpeechStarted):
                yield self._begin(event, now)
            else:
                yield from self._end(event, now)
        if self.speaking:
            yield from self._sent(self.position_ms - HELD_MS)
        else:
            self._drop_before(self.position_ms - self._longest_padding_ms)

    def _begin(self, event: SpeechStarted, now: float) -> Began:
        self._began, self._sent_bytes = (self.position_ms, now), 0
        self._drop_before(event.audio_start_ms)
        return Began(event.audio_start_ms, self._instant(event.audio_start_ms, now))

    def _end(self, event: SpeechStopped, now: float) -> Iterator[Heard]:
        assert self._began is not None
        noticed_ms, noticed = self._began
        in_time = 1000 * (now - noticed) >= REAL_TIME_SHARE * (self.position_ms - noticed_ms)
        yield from self._sent(event.audio_end_ms)
        self._began = None
        spoken_ms = max(0.0, event.audio_end_ms - self.config.silence_duration_ms)
        end = self._instant(spoken_ms, now) if in_time else None
        yield Ended(event.audio_end_ms, duration_ms(self._sent_bytes, self.format), end)

    def _instant(self, ms: float, now: float) -> float:
        """When the sample at this position was offered; the newest is offered now."""
        return max(0.0, now - (self.position_ms - ms) / 1000)

    @property
    def _longest_padding_ms(self) -> float:
        """A turn may begin this much before the place where it is noticed."""
        frame = self._detector.hop * 1000 / self._detector.rate
        return self.config.prefix_padding_ms + 4 * frame + SLICE_MS

    def _sent(self, until_ms: float) -> Iterator[Send]:
        data = bytes(self._kept[: self._place(until_ms)])
        del self._kept[: len(data)]
        self._sent_bytes += len(data)
        if data:
            yield Send(data)

    def _drop_before(self, ms: float) -> None:
        del self._kept[: self._place(ms)]

    def _place(self, ms: float) -> int:
        """Where in `_kept` this position lies."""
        first = self._position - len(self._kept)
        return min(max(bytes_for_ms(max(ms, 0.0), self.format) - first, 0), len(self._kept))
