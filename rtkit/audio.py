"""The audio kit: formats, PCM, G.711, base64, resampling, chunks; every conversion has its inverse.

`rtkit.audio` is the one place to import from; parts of it lie in `formats`, `pcm`, `g711` and
`resampling`. Here are the wire encodings and the buffers of a stream, among them the lesson's
AudioConfig, AudioStreamHandler and AudioConverter. No device, no file, no clock.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass

from numpy.typing import ArrayLike

from rtkit.errors import AudioError
from rtkit.formats import G711_RATE, PCM_RATE, AudioFormat, bytes_for_ms, duration_ms
from rtkit.g711 import alaw_to_pcm16, pcm16_to_alaw, pcm16_to_ulaw, ulaw_to_pcm16
from rtkit.pcm import (
    Samples,
    as_samples,
    float_to_pcm16,
    level_dbfs,
    pcm16_to_float,
    pcm16_values,
)
from rtkit.resampling import StreamResampler, resample

__all__ = [
    "G711_RATE",
    "PCM_RATE",
    "AudioConfig",
    "AudioConverter",
    "AudioFormat",
    "AudioStreamHandler",
    "ByteQueue",
    "Chunker",
    "Samples",
    "StreamResampler",
    "alaw_to_pcm16",
    "as_samples",
    "bytes_for_ms",
    "decode",
    "duration_ms",
    "encode",
    "float_to_pcm16",
    "from_base64",
    "level_dbfs",
    "pcm16_to_alaw",
    "pcm16_to_float",
    "pcm16_to_ulaw",
    "pcm16_values",
    "resample",
    "to_base64",
    "ulaw_to_pcm16",
]

_FROM_PCM16 = {AudioFormat.G711_ULAW: pcm16_to_ulaw, AudioFormat.G711_ALAW: pcm16_to_alaw}
_TO_PCM16 = {AudioFormat.G711_ULAW: ulaw_to_pcm16, AudioFormat.G711_ALAW: alaw_to_pcm16}


def encode(samples: ArrayLike, format: AudioFormat) -> bytes:
    """Wire bytes of float samples that are already at `format.rate`."""
    pcm = float_to_pcm16(samples)
    return pcm if format is AudioFormat.PCM16 else _FROM_PCM16[format](pcm)


def decode(data: bytes, format: AudioFormat) -> Samples:
    """Float32 samples, shape (n,), at `format.rate`, from wire bytes."""
    return pcm16_to_float(data if format is AudioFormat.PCM16 else _TO_PCM16[format](data))


def to_base64(data: bytes) -> str:
    """Base64 text, as audio travels inside events."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes that base64 text stands for; strict: AudioError for anything that is not base64."""
    try:
        if not isinstance(text, str):
            raise TypeError(f"a {type(text).__name__}")
        if len(text) % 4:
            raise ValueError(f"{len(text)} characters, not a multiple of 4")
        if text.endswith("==="):  # a2b_base64 of Python 3.11 lets it pass
            raise ValueError("more than two = at the end")
        return binascii.a2b_base64(text, strict_mode=True)
    except (ValueError, TypeError) as problem:
        raise AudioError(
            f"audio travels as base64 text (A-Z a-z 0-9 + / and = at the end), "
            f"found {str(text)[:40]!r}: {problem}. Encode the bytes with to_base64(data)."
        ) from problem


class ByteQueue:
    """Bytes in at the end, out at the front; time is linear in the bytes, whatever the pieces."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._start = 0

    def __len__(self) -> int:
        return len(self._bytes) - self._start

    def __bytes__(self) -> bytes:
        return bytes(self._bytes[self._start :])

    def push(self, data: bytes) -> None:
        """Add at the end."""
        self._bytes += data

    def pop(self, size: int) -> bytes:
        """Take up to `size` bytes from the front."""
        end = min(self._start + size, len(self._bytes))
        with memoryview(self._bytes) as view:
            piece = bytes(view[self._start : end])
        self._start = end
        if 2 * self._start >= len(self._bytes):  # moves no more bytes than were taken
            del self._bytes[: self._start]
            self._start = 0
        return piece


class Chunker:
    """Cuts a byte stream into chunks of one size and keeps the remainder.

    >>> chunker = Chunker(4)
    >>> chunker.push(b"abcdef"), chunker.push(b"gh"), chunker.push(b"i"), chunker.flush()
    ([b'abcd'], [b'efgh'], [], b'i')
    """

    def __init__(self, size_bytes: int) -> None:
        if size_bytes < 1:
            raise AudioError(f"a chunk has 1 byte or more, found size_bytes={size_bytes!r}.")
        self.size_bytes = size_bytes
        self._queue = ByteQueue()

    def push(self, data: bytes) -> list[bytes]:
        """The chunks that are complete now."""
        self._queue.push(data)
        count = len(self._queue) // self.size_bytes
        return [self._queue.pop(self.size_bytes) for _ in range(count)]

    def flush(self) -> bytes:
        """What remains, shorter than a chunk and perhaps empty."""
        return self._queue.pop(len(self._queue))


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """How a stream's bytes are to be read. What is left at 0 is filled in from the format.

    G.711 is 8 bits at 8000 Hz and PCM16 is 16 bits; anything else is an AudioError.

    >>> AudioConfig(AudioFormat.G711_ULAW).bytes_per_second
    8000
    """

    format: AudioFormat
    sample_rate: int = 0
    channels: int = 1
    bits_per_sample: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.format, AudioFormat):
            names = ", ".join(f"AudioFormat.{one.name}" for one in AudioFormat)
            raise AudioError(f"format is one of {names}, found {self.format!r}.")
        bits = 8 * self.format.bytes_per_sample
        object.__setattr__(self, "sample_rate", self.sample_rate or self.format.rate)
        object.__setattr__(self, "bits_per_sample", self.bits_per_sample or bits)
        if self.bits_per_sample != bits:
            raise AudioError(
                f"{self.format.value} has {bits} bits a sample, found {self.bits_per_sample}. "
                "Leave bits_per_sample out."
            )
        if self.format is not AudioFormat.PCM16 and self.sample_rate != G711_RATE:
            raise AudioError(
                f"{self.format.value} is {G711_RATE} Hz, found {self.sample_rate}. "
                "Leave sample_rate out, or use AudioFormat.PCM16."
            )
        if self.sample_rate < 1 or self.channels < 1:
            raise AudioError(
                "sample_rate and channels are 1 or more, "
                f"found {self.sample_rate} and {self.channels}."
            )

    @property
    def bytes_per_frame(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * self.bits_per_sample // 8

    @property
    def bytes_per_second(self) -> int:
        """Bytes of one second."""
        return self.sample_rate * self.bytes_per_frame

    @property
    def bytes_per_ms(self) -> float:
        """Bytes of one millisecond; not always a whole number."""
        return self.bytes_per_second / 1000


class AudioStreamHandler:
    """Two byte buffers of a call: microphone to wire in equal chunks, and wire to speaker."""

    def __init__(self, config: AudioConfig) -> None:
        self.config = config
        self.chunk_duration_ms: float = 20
        self._input = ByteQueue()
        self._output = ByteQueue()

    @property
    def input_buffer(self) -> bytes:
        """A copy of what waits to be sent."""
        return bytes(self._input)

    @property
    def output_buffer(self) -> bytes:
        """A copy of what waits to be played."""
        return bytes(self._output)

    def get_chunk_size(self) -> int:
        """Bytes of a chunk: whole samples that last `chunk_duration_ms`, at least one.

        AudioError for a duration that is not above 0.
        """
        if not 0 < self.chunk_duration_ms < math.inf:
            raise AudioError(
                f"a chunk lasts more than 0 ms, found chunk_duration_ms={self.chunk_duration_ms!r}."
            )
        frames = round(self.config.sample_rate * self.chunk_duration_ms / 1000)
        return max(frames, 1) * self.config.bytes_per_frame

    def add_input_audio(self, audio_data: bytes) -> None:
        """Microphone bytes, in pieces of any size."""
        self._input.push(audio_data)

    def get_next_input_chunk(self) -> bytes | None:
        """The next full chunk to send, or None while there is less than one."""
        size = self.get_chunk_size()
        return self._input.pop(size) if len(self._input) >= size else None

    def flush_input(self) -> bytes:
        """All that is left of the input; after the last full chunk, less than one chunk."""
        return self._input.pop(len(self._input))

    def add_output_audio(self, audio_data: bytes) -> None:
        """Bytes received, in pieces of any size."""
        self._output.push(audio_data)

    def get_output_duration_ms(self) -> float:
        """Milliseconds that wait to be played."""
        frames = len(self._output) // self.config.bytes_per_frame
        return frames * 1000 / self.config.sample_rate

    def take_output_audio(self, size: int | None = None) -> bytes:
        """Up to `size` bytes to play (all of them by default), which are then no longer here."""
        if size is not None and size < 0:
            raise AudioError(f"0 bytes or more are taken, found size={size!r}.")
        return self._output.pop(len(self._output) if size is None else size)

    def clear_output_buffer(self) -> None:
        """Drop what was not played, because the person interrupts."""
        self._output = ByteQueue()


class AudioConverter:
    """The lesson's conversions for PCM16; the functions of this module do the work."""

    @staticmethod
    def pcm16_to_base64(pcm_data: bytes) -> str:
        """PCM16 bytes as the API wants them."""
        pcm16_values(pcm_data)  # refuses half a sample
        return to_base64(pcm_data)

    @staticmethod
    def base64_to_pcm16(base64_data: str) -> bytes:
        """PCM16 bytes from the API's text."""
        return from_base64(base64_data)

    @staticmethod
    def calculate_duration_ms(
        audio_bytes: bytes,
        sample_rate: int = PCM_RATE,
        channels: int = 1,
        bits_per_sample: int = 16,
    ) -> float:
        """Milliseconds of raw samples: 16 bits for PCM16, `bits_per_sample=8` for G.711."""
        if sample_rate < 1 or channels < 1 or bits_per_sample < 8:
            raise AudioError(
                "sample_rate and channels are 1 or more and bits_per_sample 8 or more, found "
                f"{sample_rate!r}, {channels!r} and {bits_per_sample!r}."
            )
        frames = len(audio_bytes) // (channels * bits_per_sample // 8)
        return frames * 1000 / sample_rate
