"""What rounding does to a sound: linear steps beside the uneven ones of mu-law and A-law.

A linear code has the same step for loud and soft, so that its noise stays where it is when the
voice grows softer. G.711 takes steps in proportion: the ratio stays instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtkit.audio import AudioFormat, decode, encode
from rtkit.errors import AudioError
from rtkit.pcm import Samples, as_samples

CODINGS = ("mu-law", "A-law", "8-bit linear")
TEST_HZ, TEST_RATE = 1013.0, 8000  # not a divisor of the rate, so that all phases occur

Coding = Callable[[ArrayLike], Samples]


def linear(samples: ArrayLike, bits: int) -> Samples:
    """The samples in `bits` bits of equal steps, clipped to [-1, 1)."""
    if not 1 <= bits <= 24:
        raise AudioError(f"a linear code has 1 to 24 bits, found {bits!r}.")
    scale = 2.0 ** (bits - 1)
    steps = np.clip(np.rint(as_samples(samples).astype(np.float64) * scale), -scale, scale - 1)
    return as_samples(steps / scale)


def coded(samples: ArrayLike, coding: str) -> Samples:
    """The samples as they come back from one of the `CODINGS`, or from "N-bit linear"."""
    if coding in ("mu-law", "A-law"):
        format = AudioFormat.G711_ULAW if coding == "mu-law" else AudioFormat.G711_ALAW
        return decode(encode(samples, format), format)
    bits, _, kind = coding.partition("-bit ")
    if kind != "linear" or not bits.isdecimal():
        raise AudioError(f"a coding is 'mu-law', 'A-law' or 'N-bit linear', found {coding!r}.")
    return linear(samples, int(bits))


def coding_snr(coding: str, levels_dbfs: ArrayLike) -> NDArray[np.float64]:
    """Signal-to-noise ratio in dB of a sine at each of these levels (RMS), float64[n]."""
    sine = math.sqrt(2) * np.sin(2 * np.pi * TEST_HZ * np.arange(TEST_RATE) / TEST_RATE)
    return np.array([_snr(sine * 10 ** (level / 20), coding) for level in np.ravel(levels_dbfs)])


def _snr(samples: NDArray[np.float64], coding: str) -> float:
    error = coded(samples, coding) - samples
    return float(10 * np.log10(np.square(samples).mean() / max(np.square(error).mean(), 1e-20)))
