"""Sound that stays in its file until somebody asks for it.

A loaded timeline knows how much sound each of its tracks holds and where in the file that lies. A
span is read by going to its place; the piece that was read last is kept, because spans are asked
for one after the other.
"""

from __future__ import annotations

import base64
import os
from bisect import bisect_right
from pathlib import Path

from .errors import RtkitError


class RawSound:
    """The sound of a track in a file of its own, byte for byte, as a journal writes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = path.stat().st_size if path.is_file() else 0

    def __len__(self) -> int:
        """Bytes of sound."""
        return self._size

    def read(self, first: int, end: int) -> bytes:
        """The bytes from `first` to `end`; RtkitError if the file is gone."""
        data = _piece(self.path, first, end - first) if end > first else b""
        if len(data) < end - first:
            raise RtkitError(f"{self.path} is shorter than it was when it was loaded. {_AGAIN}")
        return data


class SavedSound:
    """The sound of a track in the lines of a saved file, as base64."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp = _stamp(path)
        self._starts = [0]  # byte of sound with which each piece begins, and where the last ends
        self._places: list[tuple[int, int, int]] = []  # line, place in the file, characters
        self._last: tuple[int, bytes] = -1, b""

    def add(self, line: int, place: int, characters: int, size: int) -> None:
        """A further piece: so many characters of base64 there, which are `size` bytes."""
        self._places.append((line, place, characters))
        self._starts.append(self._starts[-1] + size)

    def __len__(self) -> int:
        """Bytes of sound."""
        return self._starts[-1]

    def read(self, first: int, end: int) -> bytes:
        """The bytes from `first` to `end`; RtkitError if the file is gone, changed or damaged."""
        found, at = [], bisect_right(self._starts, first) - 1
        while at < len(self._places) and self._starts[at] < end:
            begin = self._starts[at]
            found.append(self._decoded(at)[max(0, first - begin) : end - begin])
            at += 1
        return b"".join(found)

    def _decoded(self, at: int) -> bytes:
        if self._last[0] != at:
            self._last = at, self._fetch(*self._places[at], self._starts[at + 1] - self._starts[at])
        return self._last[1]

    def _fetch(self, line: int, place: int, characters: int, size: int) -> bytes:
        if _stamp(self.path) != self._stamp:
            raise RtkitError(f"{self.path} is no longer the file that was loaded. {_AGAIN}")
        try:
            data = base64.b64decode(_piece(self.path, place, characters), validate=True)
        except ValueError as exc:
            raise _damaged(line, self.path, str(exc)) from exc
        if len(data) != size:
            raise _damaged(line, self.path, f"{len(data)} bytes where {size} were promised")
        return data


_AGAIN = "The sound of a timeline stays in its file: load it again from where it lies now."


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file is written anew; None if there is none."""
    try:
        told = os.stat(path)
    except OSError:
        return None
    return told.st_size, told.st_mtime_ns


def _piece(path: Path, place: int, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(place)
            return file.read(size)
    except OSError as exc:
        raise RtkitError(f"{path} cannot be read any more ({exc.strerror}). {_AGAIN}") from exc


def _damaged(line: int, path: Path, found: str) -> RtkitError:
    return RtkitError(
        f"the sound in line {line} of {path} is damaged ({found}). The moments of the timeline are "
        "whole; take its sound from a copy of the file."
    )
