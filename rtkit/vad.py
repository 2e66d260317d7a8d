"""Turns from speech: the server_vad state machine, and the loop that feeds a detector.

`TurnDetector` sees one probability of speech per frame and says when a turn starts and stops. It
is the same object in the notebook's tuner and in the embedded server, so that what the one
predicts the other does. `VoiceActivity` cuts sound into the frames that a detector wants. Both
count; neither listens, waits or knows a clock.

The rules, in full. A frame is voiced when its probability reaches `threshold`; voiced frames go on
until one falls below `threshold` - 0.15 (Silero's practice: without this step a probability that
trembles about the threshold would break a word in two). Out of a turn, the first voiced frame
starts one, at once: a single loud click that the detector takes for speech is a turn, as long as
that frame and the silence after it. In a turn, `silence_duration_ms` after the end of the last
voiced frame the turn stops. What the live service does with so short a sound is not published;
nothing here claims to know.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from rtkit.errors import AudioError, ConfigError
from rtkit.pcm import Samples, as_samples

HYSTERESIS = 0.15
LOWEST_LEAVE = 0.01  # a threshold below 0.16 must still be able to end


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """A turn began. `audio_start_ms` includes the prefix padding; `at_ms` is when it was known."""

    audio_start_ms: int
    at_ms: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """A turn ended. `audio_end_ms` includes the silence window; `at_ms` is when it was known."""

    audio_end_ms: int
    at_ms: float


SpeechEvent = SpeechStarted | SpeechStopped


class Detector(Protocol):
    """Anything that gives the probability of speech in successive frames of one stream."""

    @property
    def rate(self) -> int:
        """Samples a second that it wants."""

    @property
    def hop(self) -> int:
        """Samples of a frame."""

    def probability(self, frame: Samples) -> float:
        """0..1 for the next frame, float32[hop]."""

    def reset(self) -> None:
        """Forget the stream; a new one begins."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """The three numbers of server_vad."""

    threshold: float = 0.5
    prefix_padding_ms: float = 300
    silence_duration_ms: float = 500

    def __post_init__(self) -> None:
        if not 0 <= self.threshold <= 1:
            raise ConfigError(f"threshold is between 0 and 1, found {self.threshold!r}.")
        for name in ("prefix_padding_ms", "silence_duration_ms"):
            if not getattr(self, name) >= 0:
                raise ConfigError(f"{name} is 0 or more, found {getattr(self, name)!r}.")

    @property
    def leave(self) -> float:
        """A voiced stretch goes on while the probability is not below this."""
        return min(self.threshold, max(self.threshold - HYSTERESIS, LOWEST_LEAVE))


class TurnDetector:
    """Probabilities in, starts and stops of turns out; positions are ms since the last reset."""

    def __init__(
        self,
        threshold: float = 0.5,
        prefix_padding_ms: float = 300,
        silence_duration_ms: float = 500,
    ) -> None:
        self.settings = TurnSettings(threshold, prefix_padding_ms, silence_duration_ms)
        self.reset()

    @property
    def speaking(self) -> bool:
        """Whether a turn is open."""
        return self._speaking

    @property
    def position_ms(self) -> float:
        """End of the last frame."""
        return self._position_ms

    @property
    def voiced_until_ms(self) -> float:
        """End of the last frame that was voiced."""
        return self._voiced_until_ms

    def reset(self) -> None:
        """A new stream begins at 0 ms; the settings stay."""
        self._position_ms = 0.0
        self._voiced_until_ms = 0.0
        self._free_from_ms = 0  # no turn may begin before this: the one before ended there
        self._voiced = False
        self._speaking = False

    def drop_turn(self) -> None:
        """Forget an open turn without an event (its audio was committed or cleared by hand).

        Who goes on speaking starts a new turn with the next voiced frame, with no audio from
        before this moment in it.
        """
        self._speaking = self._voiced = False
        self._free_from_ms = round(self._position_ms)

    def update(
        self,
        *,
        threshold: float | None = None,
        prefix_padding_ms: float | None = None,
        silence_duration_ms: float | None = None,
    ) -> None:
        """Change settings from the next frame on, also in mid-turn; None keeps the old one."""
        given = {
            "threshold": threshold,
            "prefix_padding_ms": prefix_padding_ms,
            "silence_duration_ms": silence_duration_ms,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        self.settings = replace(self.settings, **changes)

    def push(self, probability: float, frame_ms: float) -> list[SpeechEvent]:
        """What the next frame decides: nothing, a start, or a stop."""
        return self.step(probability, self._position_ms, self._position_ms + frame_ms)

    def step(self, probability: float, start_ms: float, end_ms: float) -> list[SpeechEvent]:
        """As `push`, for a caller that counts samples and so knows the frame's exact place."""
        if not 0 <= probability <= 1:
            raise AudioError(
                f"a probability of speech is between 0 and 1, found {probability!r}. "
                "Check the detector, and the sound for NaN."
            )
        self._position_ms = end_ms
        limit = self.settings.leave if self._voiced else self.settings.threshold
        self._voiced = probability >= limit
        if self._voiced:
            self._voiced_until_ms = end_ms
        if self._voiced and not self._speaking:
            return [self._start(start_ms)]
        silence_ms = end_ms - self._voiced_until_ms
        if self._speaking and not self._voiced and silence_ms >= self.settings.silence_duration_ms:
            return [self._stop()]
        return []

    def _start(self, onset_ms: float) -> SpeechStarted:
        self._speaking = True
        padded = round(onset_ms - self.settings.prefix_padding_ms)
        return SpeechStarted(max(padded, self._free_from_ms), self._position_ms)

    def _stop(self) -> SpeechStopped:
        self._speaking = False
        self._free_from_ms = round(self._voiced_until_ms + self.settings.silence_duration_ms)
        return SpeechStopped(self._free_from_ms, self._position_ms)


class VoiceActivity:
    """A detector and a turn detector over a stream of samples; any chunking, same events.

    Positions are counted in samples and turned into ms once, so they cannot drift.
    """

    def __init__(self, detector: Detector, turns: TurnDetector | None = None) -> None:
        self.detector = detector
        self.turns = turns or TurnDetector()
        self.probability = 0.0  # of the last frame, for a meter
        self._frames = 0
        self._rest: Samples = np.zeros(0, np.float32)  # less than a frame

    @property
    def speaking(self) -> bool:
        """Whether a turn is open."""
        return self.turns.speaking

    @property
    def position_ms(self) -> float:
        """How much of the stream was heard, in ms; less than a frame may still wait."""
        return self._ms(self._frames)

    def push(self, samples: ArrayLike) -> list[SpeechEvent]:
        """The events that these samples, float[n] at `detector.rate`, bring about."""
        sound = np.concatenate([self._rest, as_samples(samples)])
        whole = sound.size // self.detector.hop * self.detector.hop
        self._rest = sound[whole:].copy()
        frames = sound[:whole].reshape(-1, self.detector.hop)
        return [event for frame in frames for event in self._hear(frame)]

    def update(
        self,
        *,
        threshold: float | None = None,
        prefix_padding_ms: float | None = None,
        silence_duration_ms: float | None = None,
    ) -> None:
        """Change settings from the next frame on; see TurnDetector.update."""
        self.turns.update(
            threshold=threshold,
            prefix_padding_ms=prefix_padding_ms,
            silence_duration_ms=silence_duration_ms,
        )

    def drop_turn(self) -> None:
        """Forget an open turn without an event; see TurnDetector.drop_turn."""
        self.turns.drop_turn()

    def reset(self) -> None:
        """A new stream begins."""
        self.detector.reset()
        self.turns.reset()
        self._frames, self._rest = 0, np.zeros(0, np.float32)

    def _hear(self, frame: Samples) -> list[SpeechEvent]:
        self.probability = self.detector.probability(frame)
        self._frames += 1
        return self.turns.step(self.probability, self._ms(self._frames - 1), self._ms(self._frames))

    def _ms(self, frames: int) -> float:
        return frames * self.detector.hop * 1000 / self.detector.rate
