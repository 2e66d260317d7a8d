"""RIFF/WAVE files as bytes, in both directions, any bit depth and any number of channels.

Reads integers of 8, 16, 24 and 32 bits, floats of 32 and 64 bits, mu-law and A-law, also in
WAVE_FORMAT_EXTENSIBLE; Python's own `wave` reads only the integers. Channels are averaged to one.
Writes 16 bits. A `data` chunk that promises more than there is (a recording that was cut off,
or streamed) gives what is there.
"""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rtkit.errors import AudioError
from rtkit.g711 import alaw_to_pcm16, ulaw_to_pcm16
from rtkit.pcm import Samples, checked_length, float_to_pcm16, pcm16_to_float

Reader = Callable[[memoryview], NDArray[Any]]

BLOCK = 1 << 20  # samples that are converted at a time
_EXTENSIBLE = 0xFFFE  # the real format is the first two bytes of a GUID


def _integers(bits: int) -> Reader:
    return lambda data: np.frombuffer(data, f"<i{bits // 8}") / 2.0 ** (bits - 1)


def _unsigned8(data: memoryview) -> NDArray[Any]:
    return (np.frombuffer(data, np.uint8) - 128.0) / 128


def _integers24(data: memoryview) -> NDArray[Any]:
    widened = np.zeros((len(data) // 3, 4), np.uint8)  # three bytes at the top of an int32
    widened[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return widened.view("<i4")[:, 0] / 2.0**31


def _floats(bits: int) -> Reader:
    return lambda data: np.frombuffer(data, f"<f{bits // 8}")


READERS: dict[tuple[int, int], Reader] = {  # (wFormatTag, bits a sample)
    (1, 8): _unsigned8,
    (1, 16): pcm16_to_float,
    (1, 24): _integers24,
    (1, 32): _integers(32),
    (3, 32): _floats(32),
    (3, 64): _floats(64),
    (6, 8): lambda data: pcm16_to_float(alaw_to_pcm16(bytes(data))),
    (7, 8): lambda data: pcm16_to_float(ulaw_to_pcm16(bytes(data))),
}


def is_wav(data: bytes) -> bool:
    """Whether the bytes begin as a WAV file does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def is_known_coding(data: bytes) -> bool:
    """Whether `read_wav` knows the coding inside this WAV file; AudioError if it is damaged."""
    return _format(dict(_chunks(data)))[:2] in READERS


def read_wav(data: bytes) -> tuple[Samples, int]:
    """The samples of a WAV file, float32[n] mono, and their rate."""
    chunks = dict(_chunks(data))
    tag, bits, channels, rate = _format(chunks)
    if (tag, bits) not in READERS:
        raise AudioError(
            f"a WAV file with coding {tag} at {bits} bits, which is not read here. "
            "Allowed: 8, 16, 24, 32-bit integers, 32, 64-bit floats, mu-law, A-law. "
            "Convert it to 16-bit PCM."
        )
    if "data" not in chunks:
        raise AudioError("a WAV file without sound (`data` chunk); it is damaged. Export it again.")
    sound, frame = chunks["data"], channels * bits // 8
    checked_length(len(sound) // frame, rate)
    mono = np.empty(len(sound) // frame, np.float32)
    for first in range(0, len(mono), BLOCK):  # whole, the values between would take most memory
        piece = sound[first * frame : min(first + BLOCK, len(mono)) * frame]
        values = READERS[tag, bits](piece).reshape(-1, channels)
        mono[first : first + BLOCK] = values.mean(axis=1) if channels > 1 else values[:, 0]
    return mono, rate


def write_wav(samples: ArrayLike, rate: int) -> bytes:
    """A 16-bit WAV file of samples[n], or of samples[n, channels]; outside [-1, 1) is clipped."""
    file, samples = io.BytesIO(), np.asarray(samples)
    channels = samples.shape[1] if samples.ndim == 2 else 1
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(float_to_pcm16(samples.reshape(-1) if channels > 1 else samples))
    return file.getvalue()


def _chunks(data: bytes) -> Iterator[tuple[str, memoryview]]:
    view, position = memoryview(data), 12
    while position + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, position)
        yield name.decode("latin-1"), view[position + 8 : position + 8 + size]
        position += 8 + size + size % 2  # chunks begin at even positions


def _format(chunks: dict[str, memoryview]) -> tuple[int, int, int, int]:
    """Coding, bits a sample, channels, rate."""
    fmt = chunks.get("fmt ", memoryview(b""))
    if len(fmt) < 16:
        raise AudioError(
            "a WAV file without its format (`fmt ` chunk); it is damaged. Export it again."
        )
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", fmt)
    if tag == _EXTENSIBLE and len(fmt) >= 26:
        (tag,) = struct.unpack_from("<H", fmt, 24)
    if not channels or not rate:
        raise AudioError(f"a WAV file with {channels} channels at {rate} Hz; both are 1 or more.")
    return tag, bits, channels, rate
