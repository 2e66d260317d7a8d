"""What a timeline is made of: moments, and tracks of sound with spans that point into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .audio import AudioFormat
from .shelf import RawSound, SavedSound

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
    """The sound of one direction, as the bytes that were on the wire.

    The sound of a loaded timeline stays `stored` in its file, and is read when it is asked for:
    RtkitError if the file is gone by then.
    """

    def __init__(
        self, name: str, format: AudioFormat, stored: RawSound | SavedSound | None = None
    ) -> None:
        self.name = name
        self.format = format
        self.stored = stored
        self._before = len(stored) if stored else 0  # bytes that lie in the file
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
        return self.slice(span.first * width, end * width)

    def lengthen(self) -> None:
        """The file was found to hold more; only while a timeline is loaded."""
        self._before = len(self.stored) if self.stored else 0

    def slice(self, first: int, end: int) -> bytes:
        """The bytes from one place to another, of all that there are."""
        here = bytes(self._data[max(0, first - self._before) : max(0, end - self._before)])
        if self.stored is None or first >= self._before:
            return here
        return self.stored.read(first, min(end, self._before)) + here

    def fetch(self) -> None:
        """Take all sound out of the file, which may then go."""
        self._data[:0] = self.slice(0, self._before)
        self.stored, self._before = None, 0

    def clip(self, span: Span | None = None) -> Clip:
        """A span, or the whole track, as a clip at the format's own rate."""
        from .clip import Clip

        data = self.read(span or Span(self.name, 0, len(self)))
        return Clip.from_bytes(data, self.format)

    @property
    def data(self) -> bytes:
        """All bytes so far, half a sample at the end included."""
        return self.slice(0, self.size)

    @property
    def size(self) -> int:
        """Bytes so far, in the file and here."""
        return self._before + len(self._data)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self) / self.format.rate

    def __len__(self) -> int:
        """Samples."""
        return self.size // self.format.bytes_per_sample

    def __repr__(self) -> str:
        return f"Track({self.name!r}, {self.format.value}, {self.duration:.2f} s)"
