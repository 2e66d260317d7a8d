"""Sound as numbers: float32 samples in [-1, 1) and 16-bit little-endian PCM, both mono.

The scale is 32768 both ways, so that every one of the 65 536 PCM values survives the trip to
float32 and back unchanged. Rates are nobody's business here.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtkit.errors import AudioError

Samples = NDArray[np.float32]
Bytes = bytes | bytearray | memoryview

FULL_SCALE = 32768
MOST_SAMPLES = 3 * 3600 * 24_000
"""What is loaded from a file at most: 3 hours at 24 kHz, 1 GB of memory as float32."""


def as_samples(samples: ArrayLike) -> Samples:
    """Mono float32 samples, shape (n,), from any float array or sequence.

    Raises AudioError for integers (their scale is not known), several axes, NaN and infinity.

    >>> as_samples([0.0, 0.5]).dtype
    dtype('float32')
    """
    array = np.asarray(samples)
    if array.size == 0 and array.ndim == 1:
        return np.zeros(0, np.float32)
    if not np.issubdtype(array.dtype, np.floating):
        raise AudioError(
            f"samples are floats between -1 and 1, found {array.dtype}. "
            "For 16-bit integers use pcm16_to_float(array.astype('<i2').tobytes())."
        )
    if array.ndim != 1:
        raise AudioError(
            f"samples are mono, shape (n,), found shape {array.shape}. "
            "Mix the channels first, for example samples.mean(axis=1)."
        )
    finite = np.isfinite(array)
    if not finite.all():
        first = int(finite.argmin())
        raise AudioError(
            f"samples are finite numbers, found {array[first]} at index {first} of {array.size}. "
            "Find out where they come from, or replace them: np.nan_to_num(samples, posinf=1)."
        )
    return np.ascontiguousarray(array, np.float32)


def checked_length(count: int, rate: int) -> None:
    """AudioError if a file holds more samples than are loaded."""
    if count > MOST_SAMPLES:
        raise AudioError(
            f"this sound is too long to be loaded: {count:,} samples or more, found at {rate} Hz "
            f"({count / rate / 3600:.1f} h). Allowed: {MOST_SAMPLES:,}, which are "
            f"{MOST_SAMPLES / rate / 3600:.1f} h at this rate and take 1 GB. Cut the file in parts."
        )


def float_to_pcm16(samples: ArrayLike) -> bytes:
    """PCM16 bytes, little-endian, from float samples; what lies outside [-1, 1) is clipped.

    >>> float_to_pcm16([-2.0, 0.0, 2.0]).hex(" ", 2)
    '0080 0000 ff7f'
    """
    scaled = np.rint(as_samples(samples) * np.float32(FULL_SCALE))
    values: NDArray[np.int16] = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    return values.tobytes()


def pcm16_to_float(data: Bytes) -> Samples:
    """Float32 samples, shape (n,), in [-1, 1), from n little-endian 16-bit values.

    >>> pcm16_to_float(b"\\x00\\x40").tolist()
    [0.5]
    """
    return pcm16_values(data).astype(np.float32) / np.float32(FULL_SCALE)


def pcm16_values(data: Bytes) -> NDArray[np.int16]:
    """The int16 values, shape (n,), that the bytes hold; a read-only view of them."""
    if len(data) % 2:
        raise AudioError(
            f"PCM16 has 2 bytes a sample, found {len(data)} bytes, an odd number. "
            "Keep the last byte until the next piece arrives (Chunker does), "
            "or check that the data is PCM16 at all."
        )
    return np.frombuffer(data, "<i2")


def level_dbfs(samples: ArrayLike) -> float:
    """Level in dB relative to full scale: the RMS, where a square wave of amplitude 1 is 0 dB.

    A sine of amplitude 1 is -3.01 dB. Silence, and no samples at all, are -inf.
    """
    array = as_samples(samples)
    power = float(np.mean(np.square(array, dtype=np.float64))) if array.size else 0.0
    return 10 * math.log10(power) if power > 0 else -math.inf
