"""How loud a sound is over time, and which parts of it are speech by level alone.

Levels are RMS in dB relative to full scale, of frames of 10 ms. Speech is what lies within 30 dB
of the 95th percentile of a sound's frame levels, or in sounds of more than 4 s of the level that
the loudest 0.2 s exceed: so long a silence does not hide a word. It is a rule for clips of one
voice, not a detector.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from rtkit.pcm import Samples

FRAMES_PER_SECOND = 100
QUIETEST_DB = -100.0
SPEECH_RANGE_DB = 30.0
LOUDEST_FRAMES = 20

Levels = NDArray[np.float64]


def frame_levels(samples: Samples, rate: int) -> Levels:
    """dBFS of each 10 ms frame, float64[m], not below -100; the last frame may be shorter."""
    powers = _frame_powers(samples, rate)
    return 10 * np.log10(np.maximum(powers, 10 ** (QUIETEST_DB / 10)))


def speech_frames(levels: Levels) -> NDArray[np.bool_]:
    """Which frames are speech, bool[m]; none of a silent sound."""
    if not levels.size or levels.max() <= QUIETEST_DB:
        return np.zeros(len(levels), bool)
    loudest = min(5.0, 100 * LOUDEST_FRAMES / len(levels))  # percent
    return np.asarray(levels >= np.percentile(levels, 100 - loudest) - SPEECH_RANGE_DB)


def speech_level(samples: Samples, rate: int) -> float:
    """dBFS of the frames that are speech, taken together; -inf where there are none."""
    powers = _frame_powers(samples, rate)
    speech = powers[speech_frames(frame_levels(samples, rate))]
    return 10 * math.log10(speech.mean()) if speech.size else -math.inf


def _frame_powers(samples: Samples, rate: int) -> Levels:
    count = math.ceil(len(samples) * FRAMES_PER_SECOND / rate)
    if not count:
        return np.zeros(0)
    starts = np.arange(count) * rate // FRAMES_PER_SECOND
    powers = np.add.reduceat(np.square(samples, dtype=np.float64), starts)
    powers /= np.maximum(np.diff(starts, append=len(samples)), 1)
    return np.asarray(powers, np.float64)
