"""Noise, made here, and mixed with a clip at a signal-to-noise ratio.

The same seed gives the same noise, sample for sample; only of babble not in every process, since
the synthesiser's voices depend a little on what they said before. Nothing is recorded: hum is a
mains frequency with its harmonics, and babble is several synthetic voices that talk at once.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rtkit.clip import Clip
from rtkit.errors import AudioError
from rtkit.formats import PCM_RATE
from rtkit.pcm import Samples, level_dbfs

Noise = Literal["white", "pink", "hum", "hum60", "babble"]
Values = NDArray[np.float64]

LOWEST_HZ = 20.0  # of pink noise: below it there is nothing to hear, but most of 1/f
HARMONICS = 16
TALKERS = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")
SENTENCES = (
    "The train was late again, so we took the bus along the river.",
    "Could you pass me the menu? I have not decided yet.",
    "She wrote three letters and never sent a single one of them.",
    "They say that it will rain until Thursday at the very least.",
    "My brother has moved to a bigger house, with a garden behind it.",
    "Nobody told me about the meeting, and it was over before I came.",
)


def noise(
    kind: Noise,
    seconds: float,
    *,
    level_dbfs: float = -30.0,
    rate: int = PCM_RATE,
    seed: int = 0,
) -> Clip:
    """Noise of a kind, at a level (RMS, dBFS).

    white    the same power at every frequency (Gaussian samples)
    pink     the same power in every octave from 20 Hz up: 3 dB less per octave
    hum      50 Hz and its harmonics, each softer than the one below; "hum60" for 60 Hz
    babble   eight voices talking at once, made by `rtkit.say` (needs `rtkit[local]`)

    AudioError for another kind and for a length that is not 0 seconds or more.
    """
    if kind not in get_args(Noise):
        allowed = ", ".join(map(repr, get_args(Noise)))
        raise AudioError(f"noise is one of {allowed}, or a Clip of your own; found {kind!r}.")
    count = len(Clip.silence(seconds, rate).samples)
    if not count:
        return Clip([], rate)
    values = _values(kind, count, rate, np.random.default_rng(seed))
    rms = math.sqrt(np.square(values).mean()) or 1.0
    return Clip(values * 10 ** (level_dbfs / 20) / rms, rate)


def add_noise(clip: Clip, source: Noise | Clip, snr_db: float, seed: int = 0) -> Clip:
    """What `Clip.with_noise` returns."""
    speech = clip.speech_level_dbfs
    if not math.isfinite(snr_db) or speech == -math.inf:
        raise AudioError(
            f"a signal-to-noise ratio is a finite number of dB, to the speech of a clip; found "
            f"{snr_db!r} for {clip!r}. Give a clip with sound in it."
        )
    sound = _as_long_as(clip, source, seed)
    level = level_dbfs(sound)
    if level == -math.inf:
        raise AudioError("the noise is silent. Give a clip with sound in it, or a kind of noise.")
    return clip.mixed(Clip(sound, clip.rate).gained(speech - snr_db - level))


def _as_long_as(clip: Clip, source: Noise | Clip, seed: int) -> Samples:
    if isinstance(source, Clip):
        return np.resize(source.resampled(clip.rate).samples, len(clip.samples))
    return noise(source, clip.duration, rate=clip.rate, seed=seed).samples


def _values(kind: Noise, count: int, rate: int, chance: np.random.Generator) -> Values:
    """float64[count] at any level but silence."""
    if kind == "babble":
        return _babble(count, rate, chance)
    if kind in ("hum", "hum60"):
        return _hum(60 if kind == "hum60" else 50, count, rate, chance)
    white = chance.standard_normal(count)
    return white if kind == "white" else _pink(white, rate)


def _pink(white: Values, rate: int) -> Values:
    spectrum = np.fft.rfft(white)
    hertz = np.fft.rfftfreq(len(white), 1 / rate)
    heard = hertz >= LOWEST_HZ
    spectrum[heard] /= np.sqrt(hertz[heard])
    if heard.any():  # else it is shorter than one period of the lowest
        spectrum[~heard] = 0
    return np.fft.irfft(spectrum, len(white))


def _hum(mains_hz: int, count: int, rate: int, chance: np.random.Generator) -> Values:
    seconds = np.arange(count) / rate
    sound = np.zeros(count)
    for harmonic in range(1, HARMONICS + 1):
        if harmonic * mains_hz < rate / 2:
            phase = chance.uniform(0, 2 * np.pi)
            sound += np.sin(2 * np.pi * harmonic * mains_hz * seconds + phase) / harmonic
    return sound


def _babble(count: int, rate: int, chance: np.random.Generator) -> Values:
    sound = np.zeros(count)
    for voice in TALKERS:
        parts = [_sentence(voice, number) for number in chance.permutation(len(SENTENCES))]
        talk = Clip(np.concatenate(parts), PCM_RATE).resampled(rate).samples
        begin = int(chance.integers(len(talk)))
        sound += np.resize(np.roll(talk, -begin), count)
    return sound


@cache
def _sentence(voice: str, number: int) -> Samples:
    """One sentence of one talker with the pause behind it, all talkers equally loud."""
    from rtkit.speech.synthesis import say

    said = say(SENTENCES[number], voice).trimmed().normalised(-20, by="speech")
    return said.padded(after_s=0.25).samples
