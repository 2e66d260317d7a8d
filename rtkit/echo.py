"""How much of what is played comes back through the microphone, and how much later.

A known sound is played and what the microphone hears is compared with it: divided by it,
frequency by frequency, it is the impulse response of the way from loudspeaker to microphone. The
energy around its peak is the echo; the energy everywhere else tells how weak an echo could have
been found. Speech and noise of the room are spread evenly over it, and are no peak. No clock here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .clip import Clip
from .errors import AudioError
from .formats import PCM_RATE
from .pcm import Samples

LONGEST_MS = 600.0
"""Later than this nothing is looked for; Bluetooth loudspeakers take 150 to 300 ms."""

SAFE_DB = -55.0
"""An echo that is weaker is not taken for speech: of a voice of the embedded server (-20 dBFS), so
much weaker, Silero finds no turn even where the microphone's own noise is -75 dBFS."""
TELLING_DB = -45.0
"""Where no echo was found, one that is weaker than this is no matter either: it lies in the noise
that hid it, and Silero finds no turn in it. Where a stronger one may hide, nobody can tell."""

PARTS = 4  # sweeps: an echo comes equally late after each
SWEEP_S = 0.4
LOWEST_HZ, HIGHEST_HZ = 250.0, 4000.0
SWEEP_DBFS = -20.0
FADE_S = 0.04
SPREAD_MS = 60.0  # of an echo, after its peak: the room
BEFORE_MS = 4.0
PEAK_SHARE = 0.05  # of the energy of an echo lies in its loudest sample, in a small room
FOUND_RATIO = 70.0  # peak to mean; speech alone reaches 58, noise 15
NOTHING_DB = -120.0
TINY = 1e-30

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Echo:
    """What came back of a known sound.

    `level_db` is the echo's level less that of what was played, `delay_ms` how much later it came;
    both None if no echo was found. One that is weaker than `floor_db` would not have been.
    """

    level_db: float | None
    delay_ms: float | None
    floor_db: float

    @property
    def verdict(self) -> Literal["safe", "heard", "noisy"]:
        """heard: the assistant would hear itself. safe: it would not. noisy: nobody can tell."""
        if self.level_db is not None:
            return "heard" if self.level_db > SAFE_DB else "safe"
        return "safe" if self.floor_db <= TELLING_DB else "noisy"


@cache
def sweep_clip() -> Clip:
    """The sound that is made for this: 1.6 s, twice 250 to 4000 Hz and back, -20 dBFS, 24 kHz."""
    seconds = np.arange(round(SWEEP_S * PCM_RATE)) / PCM_RATE
    turns = LOWEST_HZ * seconds + (HIGHEST_HZ - LOWEST_HZ) * seconds**2 / (2 * SWEEP_S)
    fade = np.clip(np.minimum(seconds, seconds[::-1]) / FADE_S, 0.0, 1.0)
    up = np.sin(2 * np.pi * turns) * np.sin(np.pi / 2 * fade) ** 2
    sound = np.concatenate([up, up[::-1]] * (PARTS // 2))
    rms = math.sqrt(np.square(sound).mean())
    return Clip(sound * 10 ** (SWEEP_DBFS / 20) / rms, PCM_RATE)


def measure_echo(played: Clip, heard: Clip) -> Echo:
    """The echo of a known sound in what the microphone heard from the instant at which it began.

    Each quarter of `played` has to be as broad as a sweep or noise (see `sweep_clip`): an echo
    is what comes equally late after all four, and its level is that after the last two, when an
    echo canceller has learned. `heard` has to go on until the echo is over; both have one rate.
    AudioError if they have not, if a quarter of `played` is silent, or if `heard` is too short.
    """
    _check(played, heard)
    responses = _responses(played, heard)
    alike = np.exp(np.log(responses + TINY).mean(axis=0))
    late = responses[PARTS // 2 :].mean(axis=0)
    peak = int(alike.argmax())
    before = round(BEFORE_MS * played.rate / 1000)
    near = slice(max(0, peak - before), peak + round(SPREAD_MS * played.rate / 1000))
    rest = float(np.delete(late, near).mean())
    floor = _db(FOUND_RATIO * rest / PEAK_SHARE)
    level = _db(float(late[near].sum()) - rest * (near.stop - near.start))
    if not alike[peak] > FOUND_RATIO * np.delete(alike, near).mean() or level == NOTHING_DB:
        return Echo(None, None, floor)
    return Echo(level, 1000 * (peak - before) / played.rate, floor)


def _check(played: Clip, heard: Clip) -> None:
    if played.rate != heard.rate:
        raise AudioError(
            f"what was played and what was heard have one rate, found {played.rate} and "
            f"{heard.rate} Hz. Resample one: heard.resampled({played.rate})."
        )
    size = len(played.samples) // PARTS
    if not all(played.samples[n * size : (n + 1) * size].any() for n in range(PARTS)):
        raise AudioError("a quarter of what was played is silent: play sweep_clip().")
    if heard.duration < played.duration + LONGEST_MS / 1000:
        raise AudioError(
            f"what was heard ({heard.duration:.2f} s) has to go on for {LONGEST_MS:.0f} ms after "
            f"what was played ({played.duration:.2f} s). Listen longer, or add Clip.silence."
        )


def _responses(played: Clip, heard: Clip) -> Values:
    """float64[part, n]: the power at each delay, in shares of what was played; from -4 ms on."""
    rate, size = played.rate, len(played.samples) // PARTS
    before, longest = (round(ms * rate / 1000) for ms in (BEFORE_MS, LONGEST_MS))
    sound = np.pad(heard.samples, (before, 0))
    found = [
        _response(played.samples[at : at + size], sound[at : at + size + longest + before])
        for at in range(0, PARTS * size, size)
    ]
    return np.stack(found)[:, : longest + before]


def _response(played: Samples, heard: Samples) -> Values:
    """float64[n]: the power at each delay of n samples."""
    size = len(heard) + len(played)
    source = np.fft.rfft(played.astype(np.float64), size)
    power = np.square(np.abs(source))
    there = power > power.max() / 100  # nothing can be said of frequencies that were not played
    ratio = np.zeros_like(source)
    spectrum = np.fft.rfft(heard.astype(np.float64), size)
    ratio[there] = spectrum[there] * np.conj(source[there]) / power[there]
    return np.asarray(np.square(np.fft.irfft(ratio, size)) / there.mean(), np.float64)


def _db(power: float) -> float:
    return max(NOTHING_DB, 10 * math.log10(power)) if power > 0 else NOTHING_DB
