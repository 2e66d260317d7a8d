"""Where recordings lie, and how they get there: one folder per session, the newest 20 kept.

A recording is written while the session runs: `events.jsonl` gets a line per moment, `<track>.raw`
the sound, both flushed at once, so that a crash of the process loses nothing. Only the user may
read them (0700, 0600). `Timeline.load(folder)` reads one back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import platformdirs

from .moments import Moment, Track
from .rows import EVENTS_FILE, moment_row, to_bytes, track_row
from .timeline import Timeline

KEPT = 20
FOLDER_VARIABLE = "RTKIT_RECORDINGS"
EVALUATIONS = "evaluations"
_NAME = "%Y-%m-%d_%H-%M-%S"


def recordings() -> Path:
    """The folder that holds the recordings; it need not exist yet.

    RTKIT_RECORDINGS names another one.
    """
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named).expanduser()
    return platformdirs.user_data_path("rtkit", appauthor=False) / "recordings"


def recorded() -> list[Path]:
    """The folders of all recordings, oldest first; other things in the folder are not counted."""
    root = recordings()
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if (folder / EVENTS_FILE).is_file())


def delete_recordings() -> int:
    """Delete every recording and say how many there were. Nothing else is touched."""
    folders = recorded()
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(folders) - len(recorded())


def open_journal(now: datetime | None = None) -> FileJournal:
    """A journal in a new folder, named by the time; the oldest beyond 20 are deleted.

    OSError if the folder cannot be written.
    """
    journal = FileJournal(_new_folder(recordings(), now or datetime.now()))
    for folder in recorded()[:-KEPT]:
        shutil.rmtree(folder, ignore_errors=True)
    return journal


def open_timeline(target: str = "", now: datetime | None = None) -> Timeline:
    """An empty timeline that writes itself into a new recording."""
    now = now or datetime.now().astimezone()
    return Timeline(
        open_journal(now), started=now.isoformat(timespec="milliseconds"), target=target
    )


def evaluation_folder(now: datetime | None = None) -> Path:
    """A new folder for the timelines of an evaluation; the oldest beyond 20 are deleted."""
    root = recordings() / EVALUATIONS
    folder = _new_folder(root, now or datetime.now())
    for old in sorted(root.iterdir())[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def _new_folder(root: Path, now: datetime) -> Path:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = now.strftime(_NAME)
    number = 1 + max((_number(folder, name) for folder in root.glob(f"{name}*")), default=0)
    while True:
        folder = root / (name if number == 1 else f"{name}.{number:03}")
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return folder


def _number(folder: Path, name: str) -> int:
    """Which recording of its second a folder is. A number that was deleted is not taken again."""
    rest = folder.name.removeprefix(f"{name}.")
    return int(rest) if rest.isdecimal() else 1


class FileJournal:
    """Writes a timeline into a folder, moment by moment.

    A disk that is full, or a folder that is taken away, ends the recording and not the session:
    `failed` then holds the error.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.failed: OSError | None = None
        self._tracks: dict[str, BinaryIO] = {}
        self._events = _create(folder / EVENTS_FILE)

    def begin(self, head: Mapping[str, Any]) -> None:
        self._write(self._events, to_bytes(head))

    def write(self, moment: Moment) -> None:
        self._write(self._events, to_bytes(moment_row(moment)))

    def write_audio(self, track: Track, data: bytes) -> None:
        try:
            if track.name not in self._tracks:
                self._tracks[track.name] = _create(self.folder / f"{track.name}.raw")
                self._write(self._events, to_bytes(track_row(track)))
            self._write(self._tracks[track.name], data)
        except OSError as exc:
            self.failed = exc

    def _write(self, file: BinaryIO, data: bytes) -> None:
        if self.failed or file.closed:
            return
        try:
            file.write(data)
        except OSError as exc:
            self.failed = exc

    def close(self) -> None:
        for file in (self._events, *self._tracks.values()):
            file.close()

    def __repr__(self) -> str:
        return f"FileJournal({str(self.folder)!r})"


def _create(path: Path) -> BinaryIO:
    """A new file that only the user may read, unbuffered: what is written is with the system."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
    return open(os.open(path, flags, 0o600), "wb", buffering=0)
