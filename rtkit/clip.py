"""Clip: a piece of sound, which is samples and their rate, and never changes.

Loads and saves local files only. Pictures, players and the decoders of other media are imported
when they are asked for.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rtkit.errors import AudioError
from rtkit.formats import PCM_RATE
from rtkit.pcm import Samples, as_samples, float_to_pcm16, level_dbfs, pcm16_to_float
from rtkit.resampling import resample
from rtkit.wav import is_known_coding, is_wav, read_wav, write_wav

SPEECH_RANGE_DB = 30.0  # below the clip's p95 frame level a frame is no longer speech
FRAMES_PER_SECOND = 100
_QUIETEST_DB = -100.0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clip:
    """Mono sound: `samples` float32[n] in [-1, 1), read-only, at `rate` samples a second.

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
        more. Channels are averaged to one; the rate stays. AudioError for what is not sound.
        """
        if isinstance(source, bytes | bytearray | memoryview):
            name, data = "these bytes", bytes(source)
        else:
            name, data = f"the file {os.fspath(source)!r}", _read(Path(source).expanduser())
        if not data:
            raise AudioError(f"{name}: empty. Allowed: a sound file, best WAV. Record it again.")
        try:
            return cls(*_decode(data))
        except AudioError as problem:
            raise AudioError(f"{name}: {problem}") from problem

    @classmethod
    def from_pcm16(cls, data: bytes, rate: int = PCM_RATE) -> Clip:
        """The clip of little-endian 16-bit mono samples."""
        return cls(pcm16_to_float(data), rate)

    @classmethod
    def silence(cls, seconds: float, rate: int = PCM_RATE) -> Clip:
        """Digital silence."""
        if not seconds >= 0:
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
        """Little-endian 16-bit samples; values outside [-1, 1) are clipped."""
        return float_to_pcm16(self.samples)

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
        end_s = min(end_s, self.duration)
        return Clip(self.samples[round(start_s * self.rate) : round(end_s * self.rate)], self.rate)

    def __add__(self, other: Clip) -> Clip:
        if not isinstance(other, Clip):
            return NotImplemented
        if other.rate != self.rate:
            raise AudioError(
                f"clips of one rate can be joined, found {self.rate} and {other.rate} Hz. "
                f"Join with other.resampled({self.rate})."
            )
        return Clip(np.concatenate([self.samples, other.samples]), self.rate)

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
    def speech_end(self) -> float:
        """Seconds at which speech ends: the end of the last loud enough 10 ms frame.

        Loud enough is within 30 dB of the 95th percentile of the clip's frame levels. rtkit's
        latencies "from the end of speech" start here. 0.0 in a clip of silence.
        """
        loud, _ = self._loud_frames()
        return min(float(loud[-1] + 1) / FRAMES_PER_SECOND, self.duration) if loud.size else 0.0

    @property
    def speech_start(self) -> float:
        """Seconds at which speech begins: at the first sample of the first frame that is as loud
        as `speech_end` asks for, or of the frame before, that reaches that level itself. 0.0 in a
        clip of silence.
        """
        loud, least = self._loud_frames()
        if not loud.size:
            return 0.0
        first = max(0, int(loud[0]) - 1) * self.rate // FRAMES_PER_SECOND
        return float(first + np.argmax(np.abs(self.samples[first:]) >= least)) / self.rate

    def _loud_frames(self) -> tuple[np.ndarray[Any, np.dtype[np.int64]], float]:
        """The numbers of the 10 ms frames that are loud enough, and that level (RMS, 0 to 1)."""
        levels = self._frame_levels()
        if not levels.size or levels.max() <= _QUIETEST_DB:
            return np.zeros(0, np.int64), 0.0
        least = float(np.percentile(levels, 95)) - SPEECH_RANGE_DB
        return np.flatnonzero(levels >= least), 10.0 ** (least / 20)

    def _frame_levels(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """dB of each 10 ms frame, float64[m], not below -100; the last frame may be shorter."""
        count = math.ceil(len(self.samples) * FRAMES_PER_SECOND / self.rate)
        starts = np.arange(count) * self.rate // FRAMES_PER_SECOND
        if not count:
            return np.zeros(0)
        powers = np.add.reduceat(np.square(self.samples, dtype=np.float64), starts)
        powers /= np.diff(starts, append=len(self.samples))
        return 10 * np.log10(np.maximum(powers, 10 ** (_QUIETEST_DB / 10)))

    def __repr__(self) -> str:
        return f"Clip({self.duration:.2f} s, {self.rate} Hz, {self.level_dbfs:.1f} dBFS)"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from rtkit.clipview import mimebundle

        return mimebundle(self)


def _decode(data: bytes) -> tuple[Samples, int]:
    if is_wav(data) and is_known_coding(data):
        return read_wav(data)
    from rtkit.media import decode_media

    return decode_media(data)


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise AudioError(f"{str(path)!r} is a folder. Allowed: a sound file. Name one inside it.")
    try:
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise AudioError(
            f"no such file: {str(path)!r} (looked for it in {str(path.parent.absolute())!r}). "
            "Clips are loaded from local files: check the name, or give the full path."
        ) from problem
    except OSError as problem:
        raise AudioError(f"cannot read {str(path)!r}: {problem.strerror}.") from problem
