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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .audio import AudioFormat
from .errors import RtkitError
from .moments import Moment, Span, Track

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
    data = track.data
    for at in range(0, len(data), _BYTES_PER_LINE):
        piece = base64.b64encode(data[at : at + _BYTES_PER_LINE]).decode("ascii")
        yield {"track": track.name, "audio": piece}


def to_bytes(row: Mapping[str, Any]) -> bytes:
    """One line of a file (lone surrogates, which JSON may hold, are kept)."""
    text = json.dumps(dict(row), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def save(
    path: Path, head: Mapping[str, Any], moments: Iterable[Moment], tracks: Iterable[Track]
) -> None:
    """Write everything into one file; the same contents always give the same bytes."""
    with path.open("wb") as file:
        file.write(to_bytes(head))
        file.writelines(to_bytes(moment_row(moment)) for moment in moments)
        for track in tracks:
            file.writelines(map(to_bytes, audio_rows(track)))


def load(path: Path) -> Contents:
    """The contents of a saved file or of a journal's folder; RtkitError if it is neither.

    A last line that was cut off in mid-writing is left out.
    """
    lines = _events_file(path).read_bytes().split(b"\n")
    contents = Contents()
    for number, line in enumerate(lines, 1):
        if number < len(lines) or not contents.head or _is_json(line):
            _take(contents, path, number, line)
    if path.is_dir():
        for track in contents.tracks.values():
            raw = path / f"{track.name}.raw"
            track.append(raw.read_bytes() if raw.is_file() else b"")
    return contents


@dataclass(slots=True)
class Contents:
    """What a file holds."""

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
            span = Span(*row["audio"]) if "audio" in row else None
            moment = Moment(row["t"], row["source"], event, span, row.get("text"))
            self.moments.append(moment)

    def _take_head(self, row: Mapping[str, Any]) -> None:
        if row["timeline"] > FORMAT_VERSION:
            raise ValueError(f"it was written by a newer rtkit, {row['rtkit']}: update rtkit")
        self.head.update(row)

    def _take_audio(self, row: Mapping[str, Any]) -> None:
        name = row["track"]
        if name not in self.tracks:
            self.tracks[name] = Track(name, AudioFormat(row["format"]))
        self.tracks[name].append(base64.b64decode(row.get("audio", ""), validate=True))


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


def _take(contents: Contents, path: Path, number: int, line: bytes) -> None:
    try:
        contents.take(json.loads(line.decode("utf-8", "surrogatepass")))
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise RtkitError(
            f"line {number} of {path} is no line of a timeline ({exc!r}). Give a file that "
            "Timeline.save wrote, or the folder of a recording."
        ) from exc
