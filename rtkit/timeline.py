"""The timeline: everything that happened in a session, once, in the order in which it happened.

Rule 1: it only grows. Nothing in it is changed or taken away.
Rule 2: audio bytes lie once, in tracks; an event holds "" where its base64 audio was, and its
moment says which samples of which track those are.
Rule 3: it says what was on the wire, never how the caller was let in: no headers, no keys.
Rule 4: no clock here. `t` is told by the caller: seconds since the timeline began.

On disk a timeline is JSON lines: a head, one line per moment, and the audio (see `_Reader`). The
same lines are written as they come by a journal (`rtkit.store`), so that a crash loses nothing.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol, overload

from . import __version__
from .audio import AudioFormat, decode
from .errors import RtkitError
from .redaction import cut_audio, mask_secrets

if TYPE_CHECKING:
    from .clip import Clip

Source = Literal["client", "server", "local"]
INPUT, OUTPUT = "input", "output"
EVENTS_FILE = "events.jsonl"
FORMAT_VERSION = 1
_BYTES_PER_LINE = 3 << 16  # of audio, in a saved file


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
        return bytes(self._data[span.first * width : (span.first + span.count) * width])

    def clip(self, span: Span | None = None) -> Clip:
        """A span, or the whole track, as a clip at the format's own rate."""
        from .clip import Clip

        samples = decode(self.read(span or Span(self.name, 0, len(self))), self.format)
        return Clip(samples, self.format.rate)

    @property
    def data(self) -> bytes:
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


class Journal(Protocol):
    """Where a timeline writes itself as it grows; `rtkit.store.FileJournal` is one."""

    def begin(self, head: Mapping[str, Any]) -> None: ...
    def write(self, moment: Moment) -> None: ...
    def write_audio(self, track: Track, data: bytes) -> None: ...
    def close(self) -> None: ...


class Timeline(Sequence[Moment]):
    """An append-only list of moments, and the tracks of sound they point into.

    `started` is the wall clock at t = 0 (ISO 8601 text) and `target` the name of the server that
    was spoken to; both are told by whoever opens the session, and stand in the head of a file.
    """

    def __init__(
        self, journal: Journal | None = None, *, started: str = "", target: str = ""
    ) -> None:
        self.head: Mapping[str, Any] = MappingProxyType(
            {
                "rtkit": __version__,
                "timeline": FORMAT_VERSION,
                "started": started,
                "target": target,
            }
        )
        self._moments: list[Moment] = []
        self._tracks: dict[str, Track] = {}
        self.journal = journal
        if journal:
            journal.begin(self.head)

    @property
    def started(self) -> str:
        return str(self.head.get("started", ""))

    @property
    def target(self) -> str:
        return str(self.head.get("target", ""))

    @property
    def tracks(self) -> Mapping[str, Track]:
        """ "input" and "output", once they hold sound ("input.2" after a change of format)."""
        return MappingProxyType(self._tracks)

    @property
    def duration(self) -> float:
        """Seconds from the beginning to the last moment."""
        return self._moments[-1].t if self._moments else 0.0

    def append(
        self,
        t: float,
        source: Source,
        event: Mapping[str, Any],
        *,
        audio: bytes | None = None,
        track: str | None = None,
        format: AudioFormat = AudioFormat.PCM16,
        text: str | None = None,
    ) -> Moment:
        """Record one event and return its moment.

        Base64 audio in the event goes to the track `track` (by default "input" for what the
        client sent, "output" for what the server sent), in the given format; `audio` are its
        bytes if the caller has decoded them already. `text` is the received JSON.
        """
        event, text, decoded = cut_audio(event, text)
        if source == "server":
            event, text = mask_secrets(event, text)
        else:
            event, text = mask_secrets(copy.deepcopy(dict(event)), text)
        data, span = decoded if audio is None else audio, None
        if data:
            span = self._store(track or (INPUT if source == "client" else OUTPUT), format, data)
        moment = Moment(float(t), source, event, span, text)
        self._moments.append(moment)
        if self.journal:
            self.journal.write(moment)
        return moment

    def _store(self, name: str, format: AudioFormat, data: bytes) -> Span:
        track = self._track(name, format)
        if self.journal:  # first the sound, then the moment that points at it
            self.journal.write_audio(track, data)
        return track.append(data)

    def _track(self, name: str, format: AudioFormat) -> Track:
        """The newest track of that name, or a further one if it has another format."""
        wanted, number = name, 1
        while wanted in self._tracks and self._tracks[wanted].format is not format:
            number += 1
            wanted = f"{name}.{number}"
        return self._tracks.setdefault(wanted, Track(wanted, format))

    def clip(self, span: Span) -> Clip:
        """The sound of a span."""
        return self._tracks[span.track].clip(span)

    def close(self) -> None:
        """Close the journal. The timeline stays readable."""
        if self.journal:
            self.journal.close()

    def save(self, path: str | PathLike[str]) -> Path:
        """One file that holds everything; the same timeline always gives the same bytes."""
        path = Path(path)
        with path.open("wb") as file:
            file.writelines(to_bytes(row) for row in self._rows())
        return path

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        yield self.head
        yield from map(moment_row, self._moments)
        for name, track in sorted(self._tracks.items()):
            data = track.data
            for at in range(0, len(data), _BYTES_PER_LINE):
                piece = base64.b64encode(data[at : at + _BYTES_PER_LINE]).decode()
                yield {**track_row(track), "audio": piece}
            if not data:
                yield track_row(self._tracks[name])

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Timeline:
        """A timeline from a saved file, or from the folder of a journal.

        A last line that was cut off in mid-writing is left out. RtkitError if it is no timeline.
        """
        path = Path(path)
        reader = _Reader(cls(), path)
        reader.read_lines(path / EVENTS_FILE if path.is_dir() else path)
        if path.is_dir():
            for track in reader.timeline._tracks.values():
                track.append(_bytes_of(path / f"{track.name}.raw"))
        return reader.timeline

    @overload
    def __getitem__(self, index: int) -> Moment: ...
    @overload
    def __getitem__(self, index: slice) -> list[Moment]: ...
    def __getitem__(self, index: int | slice) -> Moment | list[Moment]:
        return self._moments[index]

    def __len__(self) -> int:
        return len(self._moments)

    def __iter__(self) -> Iterator[Moment]:
        """The moments so far: what is appended during the walk is not part of it."""
        return iter(self._moments[:])

    def __repr__(self) -> str:
        tracks = "".join(
            f", {track.name} {track.duration:.1f} s" for track in list(self._tracks.values())
        )
        return f"Timeline({len(self)} moments, {self.duration:.1f} s{tracks})"


def moment_row(moment: Moment) -> dict[str, Any]:
    """A moment as the dict that is written; the event is left out where the text holds it."""
    row: dict[str, Any] = {"t": moment.t, "source": moment.source}
    if moment.text is None or _parsed(moment.text) != moment.event:
        row["event"] = dict(moment.event)
    if moment.text is not None:
        row["text"] = moment.text
    if moment.audio:
        row["audio"] = [moment.audio.track, moment.audio.first, moment.audio.count]
    return row


def track_row(track: Track) -> dict[str, Any]:
    """What a file says of a track before its first sample."""
    return {"track": track.name, "format": track.format.value}


def to_bytes(row: Mapping[str, Any]) -> bytes:
    """One line of a file (lone surrogates, which JSON may hold, are kept)."""
    text = json.dumps(dict(row), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


@dataclass(slots=True)
class _Reader:
    """Reads the lines of a file back into a timeline.

    head    {"rtkit": version, "timeline": 1, "started": ..., "target": ...}
    moment  {"t": s, "source": ..., "event": {...}, "text": "...", "audio": [track, first, count]}
    track   {"track": name, "format": "pcm16", "audio": base64}   (no audio in a journal)
    """

    timeline: Timeline
    path: Path
    _begun: bool = field(default=False)

    def read_lines(self, path: Path) -> None:
        lines = _bytes_of(path, must=True).split(b"\n")
        complete, rest = lines[:-1], lines[-1]
        for number, line in enumerate(complete, 1):
            self._read(number, line)
        if rest or not complete:
            self._read_last(len(lines), rest)

    def _read_last(self, number: int, line: bytes) -> None:
        try:
            self._read(number, line)
        except RtkitError:
            if not self._begun:
                raise

    def _read(self, number: int, line: bytes) -> None:
        try:
            row = json.loads(line.decode("utf-8", "surrogatepass"))
            self._take(row) if self._begun else self._take_head(row)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as exc:
            raise RtkitError(
                f"line {number} of {self.path} is not a line of a timeline ({exc!r}). Allowed: a "
                "file written by Timeline.save, or the folder of a recording."
            ) from exc

    def _take_head(self, row: Mapping[str, Any]) -> None:
        if row["timeline"] > FORMAT_VERSION:
            raise ValueError(f"written by a newer rtkit, {row['rtkit']}; update rtkit")
        self.timeline.head = MappingProxyType(dict(row))
        self._begun = True

    def _take(self, row: Mapping[str, Any]) -> None:
        if "track" in row:
            name, format = row["track"], AudioFormat(row["format"])
            track = self.timeline._tracks.setdefault(name, Track(name, format))
            track.append(base64.b64decode(row.get("audio", ""), validate=True))
            return
        text = row.get("text")
        event = row["event"] if "event" in row else json.loads(text or "")
        span = Span(*row["audio"]) if "audio" in row else None
        self.timeline._moments.append(Moment(row["t"], row["source"], event, span, text))


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _bytes_of(path: Path, *, must: bool = False) -> bytes:
    if must and not path.is_file():
        raise RtkitError(f"no timeline at {path}: give a file saved by Timeline.save, or a folder")
    return path.read_bytes() if path.is_file() else b""
