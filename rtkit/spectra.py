"""Which frequencies a sound holds, over all of it and over time.

A level at a frequency is that of a tone: a sine of -20 dBFS reads -20 there. Windows are Hann.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from rtkit.pcm import Samples

COLUMNS = 1200
"""A spectrogram has at most so many instants; of longer sounds it shows samples in time."""
AVERAGED_MS = 128.0
QUIETEST_DB = -120.0

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spectrogram:
    """`db` float64[frequency, time] in dBFS, at `hertz` float64[f] and `seconds` float64[t]."""

    seconds: Values
    hertz: Values
    db: Values


def spectrogram(samples: Samples, rate: int, window_ms: float = 25.0) -> Spectrogram:
    """The levels over time, every 5 ms or as densely as `COLUMNS` allow.

    A long window tells frequencies apart, a short one instants. Times are the windows' middles.
    """
    size = max(2, round(window_ms * rate / 1000))
    step = max(1, round(0.005 * rate), -(-len(samples) // COLUMNS))
    windows = sliding_window_view(_padded(samples, size), size)[::step]
    seconds = np.arange(len(windows)) * step / rate
    return Spectrogram(seconds, _hertz(size, rate), _db(_powers(windows)).T)


def spectrum(samples: Samples, rate: int) -> tuple[Values, Values]:
    """Frequencies in Hz and the mean power at each in dBFS, both float64[f]; 128 ms windows."""
    size = max(2, round(AVERAGED_MS * rate / 1000))
    windows = sliding_window_view(_padded(samples, size), size)[:: size // 2]
    mean = np.zeros(size // 2 + 1)
    for first in range(0, len(windows), COLUMNS):
        mean += _powers(windows[first : first + COLUMNS]).sum(axis=0)
    return _hertz(size, rate), _db(mean / len(windows))


def _hertz(size: int, rate: int) -> Values:
    return np.asarray(np.fft.rfftfreq(size, 1 / rate), np.float64)


def _padded(samples: Samples, size: int) -> Samples:
    """With half a window of silence at both ends."""
    return np.pad(samples, (size // 2, size - size // 2))


def _powers(windows: Samples) -> Values:
    """Power at each frequency in each window, float64[t, f]."""
    window = np.hanning(windows.shape[1])
    amplitudes = np.abs(np.fft.rfft(windows * window)) / window.sum()
    return np.asarray(2 * np.square(amplitudes), np.float64)


def _db(powers: Values) -> Values:
    return 10 * np.log10(np.maximum(powers, 10 ** (QUIETEST_DB / 10)))
