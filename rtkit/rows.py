"""A timeline as JSON lines: the head, one line per moment, and the tracks.

    head    {"rtkit": version, "timeline": 1, "started": ..., "target": ...}
    moment  {"t": s, "source": ..., "event": {...}, "text": "...", "audio": [track, first, count]}
    track   {"track": name, "format": "pcm16", "audio": base64}

The event of a moment is left out where its text says the same. In a saved file the tracks stand at
the end, in the folder of a journal they lie beside the lines as raw bytes.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from .audio import AudioFormat
from .errors import RtkitError
from .garbage import uncollected
from .moments import Moment, Span, Track
from .shelf import RawSound, SavedSound

log = logging.getLogger("rtkit")

FORMAT_VERSION = 1
EVENTS_FILE = "events.jsonl"
_BYTES_PER_LINE = 3 << 16  # of audio


def moment_row(moment: Moment) -> dict[str, Any]:
    """What stands of a moment on its line."""
    row: dict[str, Any] = {"t": moment.t, "source": moment.source}
    if moment.text is None or _parsed(moment.text) != moment.event:
        row["event"] = dict(moment.event)
    if moment.text is not None:
        row["text"] = moment.text
    if moment.audio:
        row["audio"] = [moment.audio.track, moment.audio.first, moment.audio.count]
    return row


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def track_row(track: Track) -> dict[str, Any]:
    """What stands of a track before its first sample."""
    return {"track": track.name, "format": track.format.value}


def audio_rows(track: Track) -> Iterator[dict[str, Any]]:
    """The lines of a whole track: what it is, then its sound piece by piece."""
    yield track_row(track)
    at = 0
    while data := track.slice(at, at + _BYTES_PER_LINE):
        yield {"track": track.name, "audio": base64.b64encode(data).decode("ascii")}
        at += len(data)


def to_bytes(row: Mapping[str, Any]) -> bytes:
    """One line of a file (lone surrogates, which JSON may hold, are kept)."""
    text = json.dumps(dict(row), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def save(
    path: Path, head: Mapping[str, Any], moments: Iterable[Moment], tracks: Iterable[Track]
) -> None:
    """Write everything into one file; the same contents always give the same bytes.

    The file takes its name when it is whole: one that was there before stays if this fails.
    """
    tracks, path = list(tracks), Path(os.path.realpath(path))
    for track in tracks:
        if track.stored and track.stored.path == path:
            track.fetch()  # out of the file that is about to be replaced
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(to_bytes(head))
            file.writelines(to_bytes(moment_row(moment)) for moment in moments)
            for track in tracks:
                file.writelines(map(to_bytes, audio_rows(track)))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load(path: Path) -> Contents:
    """The contents of a saved file or of a journal's folder; RtkitError if it is neither.

    A last line that was cut off in mid-writing is left out. Sound is not read: the tracks know
    where it lies.
    """
    path = Path(os.path.realpath(path))
    file_path = _events_file(path)
    contents = Contents(file_path, raw=path if path.is_dir() else None)
    number = 0
    lines: list[tuple[int, bytes]] = []
    with file_path.open("rb") as file, uncollected(old=True):
        while line := file.readline(_LOOK):
            number += 1
            if not contents.tracks or not _pass_sound(contents, file, number, line):
                line += b"" if line.endswith(b"\n") else file.readline()
                lines.append((number, line))
                if len(lines) == _AT_ONCE or number == 1 or line.startswith(_TRACK):
                    _take(contents, path, lines)
                    lines = []
        _take(contents, path, lines if number else [(1, b"")])
    contents.check(path, number)
    return contents


_AT_ONCE = 256
"""So many lines are parsed in one call, in which equal keys become one string."""

_TRACK = b'{"track"'
_NOT_A_LINE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


def _take(contents: Contents, path: Path, lines: list[tuple[int, bytes]]) -> None:
    """Add lines, but not a last one that was cut off; RtkitError names the one that is none."""
    if lines and contents.head and not lines[-1][1].endswith(b"\n") and not _is_json(lines[-1][1]):
        lines = lines[:-1]
    try:
        rows = _parsed_lines([line for _, line in lines])
    except _NOT_A_LINE:
        rows = None  # one by one, to find the line
    for at, (number, line) in enumerate(lines):
        try:
            contents.take(rows[at] if rows else json.loads(_decoded(line)))
        except _NOT_A_LINE as exc:
            raise RtkitError(
                f"line {number} of {path} is no line of a timeline ({exc!r}). Give a file that "
                "Timeline.save wrote, or the folder of a recording."
            ) from exc


def _parsed_lines(lines: list[bytes]) -> list[dict[str, Any]]:
    """The rows of lines, each with its event; ValueError if they are not one row each."""
    rows: list[dict[str, Any]] = json.loads(f"[{_decoded(b','.join(lines))}]")
    bare = [row for row in rows if "event" not in row and "text" in row]
    events = json.loads(f"[{','.join([row['text'] for row in bare])}]")
    if len(rows) != len(lines) or len(events) != len(bare):
        raise ValueError("a line holds more than one value")
    for row, event in zip(bare, events, strict=True):
        row["event"] = event
    return rows


def _decoded(line: bytes) -> str:
    return line.decode("utf-8", "surrogatepass")


_LOOK = 4096
"""Bytes of a line that are read to see what it is; few moments are longer."""

_SOUND = re.compile(rb'\{"track":"([^"\\]+)","audio":"')
_FULL = _BYTES_PER_LINE * 4 // 3
_END = b'"}\n'


def _pass_sound(contents: Contents, file: BinaryIO, number: int, line: bytes) -> bool:
    """Note where the sound of this line lies, and go on behind it; False if it holds none."""
    match = _SOUND.match(line)
    track = contents.tracks.get(match[1].decode("utf-8", "replace")) if match else None
    if match is None or track is None or not isinstance(track.stored, SavedSound):
        return False
    if track.size != len(track.stored):  # some of it was already taken from a line of another shape
        return False
    begin = file.tell() - len(line)
    place = begin + match.end()
    if not line.endswith(b"\n"):
        file.seek(place + _FULL)
        if file.read(len(_END)) == _END:  # a line of the usual length
            contents.add_sound(track, number, place, _FULL, b"AAAA")
            return True
        file.seek(begin + len(line))
        line += file.readline()
    size = len(line) - match.end() - len(_END)
    if not line.endswith(_END) or size % 4:
        file.seek(begin + min(len(line), _LOOK))
        return False
    contents.add_sound(track, number, place, size, line[-len(_END) - 4 : -len(_END)])
    return True


@dataclass(slots=True)
class Contents:
    """What a file holds. `raw` is the folder in which the tracks of a journal lie."""

    path: Path
    raw: Path | None = None
    head: dict[str, Any] = field(default_factory=dict)
    moments: list[Moment] = field(default_factory=list)
    tracks: dict[str, Track] = field(default_factory=dict)

    def take(self, row: Mapping[str, Any]) -> None:
        """Add one line; the first must be the head."""
        if not self.head:
            self._take_head(row)
        elif "track" in row:
            self._take_audio(row)
        else:
            event = row["event"] if "event" in row else json.loads(row["text"])
            if type(event) is not dict or row["source"] not in _SOURCES:
                raise ValueError("a moment has an event, and a source that is known")
            span = Span(*row["audio"]) if "audio" in row else None
            moment = Moment(float(row["t"]), row["source"], event, span, row.get("text"))
            self.moments.append(moment)

    def _take_head(self, row: Mapping[str, Any]) -> None:
        if row["timeline"] > FORMAT_VERSION:
            raise ValueError(f"it was written by a newer rtkit, {row['rtkit']}: update rtkit")
        self.head.update(row)

    def _take_audio(self, row: Mapping[str, Any]) -> None:
        name = row["track"]
        if name not in self.tracks:
            self.tracks[name] = Track(name, AudioFormat(row["format"]), self._stored(name))
        if "audio" in row:
            self.tracks[name].append(base64.b64decode(row["audio"], validate=True))

    def _stored(self, name: str) -> RawSound | SavedSound:
        if self.raw is None:
            return SavedSound(self.path)
        if not name or Path(name).name != name:
            raise ValueError(f"a track cannot be called {name!r}")
        return RawSound(self.raw / f"{name}.raw")

    def add_sound(self, track: Track, number: int, place: int, size: int, last: bytes) -> None:
        """A line of sound: `size` characters of base64 at a place of the file, the `last` 4 too."""
        assert isinstance(track.stored, SavedSound)
        track.stored.add(number, place, size, size * 3 // 4 - last.count(b"="))
        track.lengthen()

    def check(self, path: Path, lines: int) -> None:
        """RtkitError if moments point into tracks that are not there; a warning for short ones."""
        ends: dict[str, int] = {}
        for moment in self.moments:
            if moment.audio and moment.audio.first + moment.audio.count > ends.get(
                moment.audio.track, 0
            ):
                ends[moment.audio.track] = moment.audio.first + moment.audio.count
        for name, end in ends.items():
            if name not in self.tracks:
                raise RtkitError(
                    f"{path} ends after line {lines}, before the sound of its track {name!r}: it "
                    "was cut off. Copy it again, or load the folder of the recording."
                )
            if end > len(self.tracks[name]):
                log.warning(
                    "%s: its track %r holds %d of %d samples; the rest was cut off.",
                    *(path, name, len(self.tracks[name]), end),
                )


_SOURCES = frozenset({"client", "server", "local"})


def _is_json(line: bytes) -> bool:
    return _parsed(line.decode("utf-8", "replace")) is not None


def _events_file(path: Path) -> Path:
    file = path / EVENTS_FILE if path.is_dir() else path
    if file.is_file():
        return file
    raise RtkitError(
        f"no timeline at {path}. Give a file that Timeline.save wrote, or the folder of a "
        "recording (they lie in rtkit.recordings())."
    )
