"""What a timeline is made of: moments, and tracks of sound with spans that point into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .audio import AudioFormat, decode

if TYPE_CHECKING:
    from .clip import Clip

Source = Literal["client", "server", "local"]


@dataclass(frozen=True, slots=True)
class Span:
    """Samples `first` to `first + count` of a track."""

    track: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Moment:
    """One event, who produced it, and when (seconds since the timeline began).

    `event` never holds base64 audio: `audio` says where the sound lies. `text` is what came over
    the wire, byte for byte but for the audio; None for events of our own.
    """

    t: float
    source: Source
    event: Mapping[str, Any]
    audio: Span | None = None
    text: str | None = None

    @property
    def type(self) -> str:
        return self.event.get("type", "")  # type: ignore[no-any-return]


class Track:
    """The sound of one direction, as the bytes that were on the wire."""

    def __init__(self, name: str, format: AudioFormat) -> None:
        self.name = name
        self.format = format
        self._data = bytearray()

    def append(self, data: bytes) -> Span:
        """Where the samples lie that these bytes complete (half a sample waits for its end)."""
        first = len(self)
        self._data += data
        return Span(self.name, first, len(self) - first)

    def read(self, span: Span) -> bytes:
        """The bytes of a span; fewer when the track ends before it."""
        width = self.format.bytes_per_sample
        end = min(span.first + span.count, len(self))
        return bytes(self._data[span.first * width : end * width])

    def clip(self, span: Span | None = None) -> Clip:
        """A span, or the whole track, as a clip at the format's own rate."""
        from .clip import Clip

        data = self.read(span or Span(self.name, 0, len(self)))
        return Clip(decode(data, self.format), self.format.rate)

    @property
    def data(self) -> bytes:
        """All bytes so far, half a sample at the end included."""
        return bytes(self._data)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self) / self.format.rate

    def __len__(self) -> int:
        """Samples."""
        return len(self._data) // self.format.bytes_per_sample

    def __repr__(self) -> str:
        return f"Track({self.name!r}, {self.format.value}, {self.duration:.2f} s)"
