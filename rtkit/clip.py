"""Clip: a piece of sound, which is samples and their rate, and never changes.

Every act returns a new clip. Loads and saves local files only. Pictures, players, noise and the
decoders of other media are imported when they are asked for.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rtkit.audio import AudioFormat, decode, encode
from rtkit.errors import AudioError
from rtkit.formats import PCM_RATE
from rtkit.levels import FRAMES_PER_SECOND, Levels, frame_levels, speech_frames, speech_level
from rtkit.pcm import Samples, as_samples, float_to_pcm16, level_dbfs, pcm16_to_float
from rtkit.resampling import resample
from rtkit.soundfiles import read_sound
from rtkit.wav import write_wav

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rtkit.noises import Noise


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clip:
    """Mono sound: `samples` float32[n], read-only, at `rate` samples a second.

    Full scale is [-1, 1); `overload` counts what lies beyond it.

    >>> Clip.silence(0.5)
    Clip(0.50 s, 24000 Hz, -inf dBFS)
    """

    samples: Samples
    rate: int

    def __init__(self, samples: ArrayLike, rate: int) -> None:
        if not isinstance(rate, int | np.integer) or rate < 1:
            raise AudioError(
                f"a rate is a whole number of samples a second, 1 or more, found {rate!r}. Give "
                "the one that the samples were recorded at, such as 24000."
            )
        own = np.array(as_samples(samples))
        own.setflags(write=False)
        object.__setattr__(self, "samples", own)
        object.__setattr__(self, "rate", int(rate))

    @classmethod
    def load(cls, source: str | os.PathLike[str] | bytes | bytearray | memoryview) -> Clip:
        """The clip in a local file, or in the bytes of one.

        WAV of every usual kind; with PyAV (`rtkit[lab]`) also FLAC, Ogg, MP3, MP4, WebM and
        more. Channels are averaged to one; the rate stays. AudioError for what is not sound, and
        for more than 259,200,000 samples: 3 hours at 24 kHz, which take 1 GB of memory.
        """
        return cls(*read_sound(source))

    @classmethod
    def from_pcm16(cls, data: bytes, rate: int = PCM_RATE) -> Clip:
        """The clip of little-endian 16-bit mono samples."""
        return cls(pcm16_to_float(data), rate)

    @classmethod
    def from_bytes(cls, data: bytes, format: AudioFormat) -> Clip:
        """The clip of bytes as they come over the wire, at the rate of their format."""
        return cls(decode(data, format), format.rate)

    @classmethod
    def silence(cls, seconds: float, rate: int = PCM_RATE) -> Clip:
        """Digital silence."""
        if not 0 <= seconds < math.inf:
            raise AudioError(f"silence lasts 0 seconds or more, found {seconds!r}.")
        return cls(np.zeros(round(seconds * rate), np.float32), rate)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a 16-bit WAV file; the name has to say so."""
        if Path(path).suffix.lower() != ".wav":
            raise AudioError(
                f"clips are saved as WAV, found the name {os.fspath(path)!r}. "
                f"Save it as {Path(path).with_suffix('.wav').name!r}."
            )
        Path(path).write_bytes(write_wav(self.samples, self.rate))

    def to_pcm16(self) -> bytes:
        """Little-endian 16-bit samples at the clip's rate; values outside [-1, 1) are clipped."""
        return float_to_pcm16(self.samples)

    def to_bytes(self, format: AudioFormat) -> bytes:
        """The clip as it goes over the wire, resampled to the rate of the format.

        >>> len(Clip.silence(0.02).to_bytes(AudioFormat.G711_ULAW))
        160
        """
        return encode(self.resampled(format.rate).samples, format)

    def resampled(self, rate: int) -> Clip:
        """The same sound at another rate."""
        return self if rate == self.rate else Clip(resample(self.samples, self.rate, rate), rate)

    def cut(self, start_s: float, end_s: float | None = None) -> Clip:
        """The part from `start_s` to `end_s` (or the end), in seconds, as far as there is sound."""
        end_s = self.duration if end_s is None else end_s
        if not 0 <= start_s <= end_s:
            raise AudioError(
                f"a cut goes from 0 s or later to an end that is not before it, "
                f"found {start_s!r} to {end_s!r} in a clip of {self.duration:.2f} s."
            )
        first, last = (round(min(s, self.duration) * self.rate) for s in (start_s, end_s))
        return Clip(self.samples[first:last], self.rate)

    def trimmed(self) -> Clip:
        """From the 10 ms frame in which speech starts to `speech_end`; a clip without speech
        becomes empty."""
        start = int(self.speech_start * FRAMES_PER_SECOND) / FRAMES_PER_SECOND
        return self.cut(start, self.speech_end)

    def padded(self, before_s: float = 0.0, after_s: float = 0.0) -> Clip:
        """With so many seconds of silence before and after."""
        return Clip.silence(before_s, self.rate) + self + Clip.silence(after_s, self.rate)

    def gained(self, db: float) -> Clip:
        """Louder by so many dB, or softer by negative ones. Nothing is clipped: see `overload`."""
        if not math.isfinite(db):
            raise AudioError(f"a gain is a finite number of dB, found {db!r}.")
        return Clip(self.samples * np.float32(10 ** (db / 20)), self.rate)

    def normalised(self, dbfs: float = -1.0, by: Literal["peak", "speech"] = "peak") -> Clip:
        """With its peak at `dbfs`, or with its speech (`speech_level_dbfs`) at it.

        AudioError for silence, which no gain makes louder.
        """
        if by not in ("peak", "speech"):
            raise AudioError(f"a clip is normalised by 'peak' or 'speech', found {by!r}.")
        now = self.peak_dbfs if by == "peak" else self.speech_level_dbfs
        if now == -math.inf:
            raise AudioError("silence has no level to normalise. Give a clip with sound in it.")
        return self.gained(dbfs - now)

    def mixed(self, other: Clip, at_s: float = 0.0) -> Clip:
        """Both at once, `other` from `at_s` on; as long as both need. See `overload`."""
        self._check_rate(other, "mixed")
        if not 0 <= at_s < math.inf:
            raise AudioError(f"a clip is mixed in at 0 s or later, found {at_s!r}.")
        first = round(at_s * self.rate)
        sound = np.zeros(max(len(self.samples), first + len(other.samples)), np.float32)
        sound[: len(self.samples)] = self.samples
        sound[first : first + len(other.samples)] += other.samples
        return Clip(sound, self.rate)

    def with_noise(self, noise: Noise | Clip, snr_db: float, seed: int = 0) -> Clip:
        """The clip in noise, at a signal-to-noise ratio in dB.

        `noise` is "white", "pink", "hum" (50 Hz), "hum60" or "babble" (`rtkit.noise` makes them),
        or a clip, which is repeated as often as needed. The ratio is that of `speech_level_dbfs`
        to the level of the noise over the whole clip: pauses in the speech do not change it.
        AudioError where either is silent.
        """
        from rtkit.noises import add_noise

        return add_noise(self, noise, snr_db, seed)

    def __add__(self, other: Clip) -> Clip:
        if not isinstance(other, Clip):
            return NotImplemented
        self._check_rate(other, "joined")
        return Clip(np.concatenate([self.samples, other.samples]), self.rate)

    def _check_rate(self, other: Clip, act: str) -> None:
        if other.rate != self.rate:
            raise AudioError(
                f"clips of one rate can be {act}, found {self.rate} and {other.rate} Hz. "
                f"Use other.resampled({self.rate})."
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Clip):
            return NotImplemented
        return self.rate == other.rate and np.array_equal(self.samples, other.samples)

    def __hash__(self) -> int:
        return hash((self.rate, self.samples.tobytes()))

    def __reduce__(self) -> tuple[type[Clip], tuple[Samples, int]]:
        return Clip, (self.samples, self.rate)  # so that a copy's samples are read-only too

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate

    @property
    def level_dbfs(self) -> float:
        """RMS level in dB relative to full scale; -inf for silence."""
        return level_dbfs(self.samples)

    @property
    def peak_dbfs(self) -> float:
        """The largest sample in dB relative to full scale; -inf for silence."""
        peak = float(np.abs(self.samples).max(initial=0.0))
        return 20 * math.log10(peak) if peak else -math.inf

    @property
    def overload(self) -> int:
        """Samples beyond full scale, which are clipped when the clip is saved, sent or played."""
        return int(np.count_nonzero(np.abs(self.samples) > 1))

    @property
    def levels(self) -> Levels:
        """RMS level of each 10 ms in dBFS, float64[m], not below -100."""
        return frame_levels(self.samples, self.rate)

    @property
    def speech_level_dbfs(self) -> float:
        """RMS level of the 10 ms frames that hold speech, see `speech_end`; -inf for silence."""
        return speech_level(self.samples, self.rate)

    @property
    def speech_end(self) -> float:
        """Seconds at which speech ends: the end of the last loud enough 10 ms frame.

        Loud enough is within 30 dB of the 95th percentile of the clip's frame levels (in clips of
        more than 4 s: of its loudest 0.2 s). rtkit's latencies "from the end of speech" start here.
        0.0 in a clip of silence.
        """
        speech = np.flatnonzero(speech_frames(self.levels))
        return min(float(speech[-1] + 1) / FRAMES_PER_SECOND, self.duration) if speech.size else 0.0

    @property
    def speech_start(self) -> float:
        """Seconds at which speech begins: at the first sample of the first frame that is as loud
        as `speech_end` asks for, or of the frame before, that reaches the level of the quietest
        such frame itself. 0.0 in a clip of silence.
        """
        levels = self.levels
        loud = np.flatnonzero(speech_frames(levels))
        if not loud.size:
            return 0.0
        least = 10.0 ** (float(levels[loud].min()) / 20)
        first = max(0, int(loud[0]) - 1) * self.rate // FRAMES_PER_SECOND
        return float(first + np.argmax(np.abs(self.samples[first:]) >= least)) / self.rate

    def plot(self) -> list[Axes]:
        """The waveform above the spectrogram, on a new figure; `rtkit.plots` has them singly."""
        from rtkit.soundplots import overview

        return overview(self)

    def __repr__(self) -> str:
        beyond = f", {self.overload} samples beyond full scale" if self.overload else ""
        return f"Clip({self.duration:.2f} s, {self.rate} Hz, {self.level_dbfs:.1f} dBFS{beyond})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from rtkit.clipview import mimebundle

        return mimebundle(self)
