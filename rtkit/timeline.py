"""The timeline: everything that happened in a session, once, in the order in which it happened.

Rule 1: it only grows. Nothing in it is changed or taken away.
Rule 2: audio bytes lie once, in tracks; an event holds "" where its base64 audio was, and its
moment says which samples of which track those are.
Rule 3: it says what was on the wire, never how the caller was let in: no headers, no keys, neither
the session's own (`timeline.secrets` knows them) nor what looks like one (`rtkit.redaction`).
Rule 4: no clock here. `t` is told by the caller: seconds since the timeline began.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, overload

from . import __version__, rows
from .audio import AudioFormat
from .errors import RtkitError
from .moments import Moment, Source, Span, Track
from .redaction import Redactor, cut_audio

if TYPE_CHECKING:
    from .clip import Clip

__all__ = ["INPUT", "OUTPUT", "Journal", "Moment", "Source", "Span", "Timeline", "Track"]

INPUT, OUTPUT = "input", "output"


class Journal(Protocol):
    """Where a timeline writes itself as it grows; `rtkit.store.FileJournal` is one."""

    def begin(self, head: Mapping[str, Any]) -> None:
        """Write the head; called once, first."""

    def write(self, moment: Moment) -> None:
        """Write a moment, whose sound was written before it."""

    def write_audio(self, track: Track, data: bytes) -> None:
        """Write what is about to be added to a track, in the track's format."""

    def close(self) -> None:
        """Nothing more will come."""


class Timeline(Sequence[Moment]):
    """An append-only list of moments, and the tracks of sound they point into.

    `started` is the wall clock at t = 0 (ISO 8601 text) and `target` the name of the server that
    was spoken to; both are told by whoever opens the session, and stand in the head of a file.
    """

    def __init__(
        self, journal: Journal | None = None, *, started: str = "", target: str = ""
    ) -> None:
        self.head: Mapping[str, Any] = {
            "rtkit": __version__,
            "timeline": rows.FORMAT_VERSION,
            "started": started,
            "target": target,
        }
        self.journal = journal
        self.secrets = Redactor()  # told what lets the session in; never written
        self._moments: list[Moment] = []
        self._tracks: dict[str, Track] = {}
        self._whole = True
        if journal:
            journal.begin(self.head)

    @property
    def started(self) -> str:
        """The wall clock at t = 0, as ISO 8601 text; "" if it was not told."""
        return str(self.head.get("started", ""))

    @property
    def target(self) -> str:
        """The name of the server that was spoken to; "" if it was not told."""
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
        span: Span | None = None,
    ) -> Moment:
        """Record one event and return its moment.

        Base64 audio in the event goes to the track `track` (by default "input" for what the
        client sent, "output" for what the server sent), in the given format; `audio` are its
        bytes if the caller has decoded them already. `text` is the received JSON. Sound that lies
        in a track already, since it is sent again, is told by its `span`.
        """
        if not self._whole:
            raise RtkitError(
                "this is a part of a timeline, made by select, and does not grow. Append to the "
                "timeline that it was selected from, and select again."
            )
        event, text, data = cut_audio(event, text, audio)
        if source != "server":  # the caller keeps its own dict and may change it later
            event = copy.deepcopy(event)
        event, text = self.secrets.event(event, text)
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
        """The track of that name and format: a change of format begins a further track."""
        wanted, number = name, 1
        while wanted in self._tracks and self._tracks[wanted].format is not format:
            number += 1
            wanted = f"{name}.{number}"
        return self._tracks.setdefault(wanted, Track(wanted, format))

    def clip(self, span: Span) -> Clip:
        """The sound of a span."""
        return self._tracks[span.track].clip(span)

    def select(
        self,
        *types: str,
        without: str | Sequence[str] = (),
        source: Source | None = None,
        begin: int = 0,
        end: int | None = None,
    ) -> Timeline:
        """A timeline of some of the moments: of these types, from that source, in that stretch.

        A type may hold `*`: "response.*", "*.delta"; without types all are meant, but those that
        are named in `without`. `begin` and `end` are places, as in a slice. The part has the
        sound of the whole and does not grow: RtkitError if something is appended to it.
        """
        but = (without,) if isinstance(without, str) else without
        part = Timeline()
        part.head, part._tracks, part._whole = self.head, self._tracks, False
        part._moments = [
            moment
            for moment in self._moments[begin:end]
            if (source is None or moment.source == source)
            and (not types or _named(moment.type, types))
            and not _named(moment.type, but)
        ]
        return part

    def close(self) -> None:
        """Close the journal. The timeline stays readable."""
        if self.journal:
            self.journal.close()

    def save(self, path: str | PathLike[str]) -> Path:
        """One file that holds everything; the same timeline always gives the same bytes."""
        path = Path(path)
        rows.save(path, self.head, self, [self._tracks[name] for name in sorted(self._tracks)])
        return path

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Timeline:
        """A timeline from a saved file, or from the folder of a recording.

        A last line that was cut off in mid-writing is left out. RtkitError if it is no timeline.
        """
        contents = rows.load(Path(path))
        timeline = cls()
        timeline.head = contents.head
        timeline._moments = contents.moments
        timeline._tracks = contents.tracks
        return timeline

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
        sound = "".join(f", {t.name} {t.duration:.1f} s" for t in list(self._tracks.values()))
        return f"Timeline({len(self)} moments, {self.duration:.1f} s{sound})"


def _named(type_: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(type_, pattern) for pattern in patterns)
