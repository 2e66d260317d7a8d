"""The takes of a recorder: what was recorded, loaded or spoken, by number. No sockets, no clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from rtkit.clip import Clip
from rtkit.errors import AudioError
from rtkit.pcm import FULL_SCALE

QUIET_PEAK_DBFS = -40.0  # speech with no louder sample than this is very quiet
CLIPPED_SAMPLES = 3  # at full scale, before a take counts as clipped
_HIGHEST = (FULL_SCALE - 1) / FULL_SCALE  # of 16 bit

SILENT = (
    "This take is digital silence: the microphone is muted, by a switch of its own or in the "
    "system's sound settings, or another one is meant. Look there, or choose another, and record "
    "again."
)
QUIET = "Very quiet: come closer to the microphone, or raise its level in the system's settings."
CLIPPED = (
    "Clipped: the loudest parts are louder than 16 bits can hold and are cut off, which no later "
    "step repairs. Move away from the microphone or lower its level, and record again."
)


@dataclass(frozen=True, slots=True)
class Take:
    """One clip and where it comes from: `source` is "microphone", "phrase", "file" or "clip"."""

    clip: Clip
    source: str
    title: str = ""  # name of the device or file, or the phrase
    note: str = ""  # what a person should know of it


class Takes:
    """Takes by number, from 1; a number is never given twice. `chosen` is that of one, or None."""

    def __init__(self) -> None:
        self.chosen: int | None = None
        self._takes: dict[int, Take] = {}
        self._count = 0

    def add(self, take: Take) -> int:
        """Keep this take and choose it; its number."""
        self._count += 1
        self._takes = {**self._takes, self._count: take}
        self.chosen = self._count
        return self._count

    def choose(self, number: int) -> None:
        """Choose one; AudioError when there is none of this number."""
        self.chosen = self._known(number)

    def delete(self, number: int) -> None:
        """Let one go; when it was the chosen one, the newest that is left is chosen."""
        self._known(number)
        self._takes = {n: take for n, take in self._takes.items() if n != number}
        if self.chosen == number:
            self.chosen = max(self._takes, default=None)

    def clips(self) -> dict[int, Clip]:
        """Every clip by its number, oldest first."""
        return {number: take.clip for number, take in self._takes.items()}

    @property
    def clip(self) -> Clip | None:
        """The chosen one's."""
        takes, chosen = self._takes, self.chosen
        return takes[chosen].clip if chosen is not None and chosen in takes else None

    def rows(self) -> list[dict[str, Any]]:
        """What a page shows of each; `level` is in dBFS, None for digital silence."""
        return [row(number, take) for number, take in self._takes.items()]

    def _known(self, number: int) -> int:
        if number not in self._takes:
            known = ", ".join(map(str, self._takes)) or "none yet"
            raise AudioError(f"there is no take {number!r}. There are: {known}.")
        return number


def row(number: int, take: Take) -> dict[str, Any]:
    """One take as a page shows it."""
    level = take.clip.level_dbfs
    return {
        "number": number,
        "source": take.source,
        "title": take.title,
        "note": take.note,
        "seconds": take.clip.duration,
        "level": level if math.isfinite(level) else None,
        "clipped": is_clipped(take.clip),
    }


def is_clipped(clip: Clip) -> bool:
    """Whether samples were cut off at full scale."""
    return int(np.count_nonzero(np.abs(clip.samples) >= _HIGHEST)) >= CLIPPED_SAMPLES


def verdict(clip: Clip) -> str:
    """What is wrong with a recording, and what to do; "" when its level is fine."""
    peak = clip.peak_dbfs
    if peak < QUIET_PEAK_DBFS:
        return QUIET if math.isfinite(peak) else SILENT
    return CLIPPED if is_clipped(clip) else ""
