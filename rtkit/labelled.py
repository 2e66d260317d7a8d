"""Labelled: a clip and where somebody speaks in it, which is what turn detection is judged by.

An utterance is what should become one turn, from the first sound of the speaker to the last. The
pauses in it, where the speaker hesitates, are labelled too: turn detection should wait there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from rtkit.clip import Clip
from rtkit.errors import DataError
from rtkit.labels import Label, load_labels, save_labels
from rtkit.levels import FRAMES_PER_SECOND, QUIETEST_DB, speech_frames
from rtkit.sense import TimedWord

Stretch = tuple[float, float]
"""Start and end in seconds."""

PAUSE = "pause"
SUFFIX = ".labels.txt"
SOUNDS = {".wav", ".flac", ".ogg", ".mp3", ".m4a", ".webm"}

SPEECH_RANGE_DB = 25.0
SHORTEST_SPEECH_S = 0.05
SHORTEST_PAUSE_S = 0.1
TURN_GAP_S = 1.0


@dataclass(frozen=True, slots=True)
class Labelled:
    """A clip with its `utterances` and the `pauses` in them, in seconds, in order.

    `words` is when an ideal recogniser would have each word, for semantic_vad. DataError for
    stretches that overlap, have no length or reach beyond the clip, and for a pause that lies in no
    utterance.
    """

    clip: Clip
    utterances: tuple[Stretch, ...]
    name: str = ""
    pauses: tuple[Stretch, ...] = ()
    words: tuple[TimedWord, ...] = ()

    def __post_init__(self) -> None:
        for kind in ("utterances", "pauses"):
            object.__setattr__(self, kind, self._in_order(kind, getattr(self, kind)))
        for pause in self.pauses:
            if not any(start <= pause[0] and pause[1] <= end for start, end in self.utterances):
                raise DataError(
                    f"{self.name or 'labels'}: the pause {pause} lies in no utterance. Make the "
                    "utterance longer, or leave the pause out."
                )

    def _in_order(self, kind: str, stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
        found = tuple(sorted((float(start), float(end)) for start, end in stretches))
        before = 0.0
        for start, end in found:
            if not before <= start < end <= self.clip.duration + 0.01:
                raise DataError(
                    f"{self.name or 'labels'}: {kind} are stretches of seconds within the "
                    f"{self.clip.duration:.3f} s of the clip that do not overlap, found "
                    f"({start}, {end}) after {before}. Mend the labels."
                )
            before = end
        return found

    @property
    def speech(self) -> tuple[Stretch, ...]:
        """Where there is speech: the utterances without their pauses."""
        found = []
        for start, end in self.utterances:
            for pause_start, pause_end in self.pauses:
                if start <= pause_start and pause_end <= end:
                    found.append((start, pause_start))
                    start = pause_end
            found.append((start, end))
        return tuple((start, end) for start, end in found if end > start)

    @classmethod
    def load(
        cls, sound: str | os.PathLike[str], labels: str | os.PathLike[str] | None = None
    ) -> Labelled:
        """A sound file and its labels: an Audacity label file, by default `name.labels.txt`.

        Each label is an utterance; one with the text "pause" is a pause in one. Errors: those of
        Clip.load and of load_labels; FileNotFoundError without labels.
        """
        path = Path(sound)
        clip = Clip.load(path)
        labels = path.with_suffix(SUFFIX) if labels is None else Path(labels)
        if not labels.exists():
            raise FileNotFoundError(
                f"no such file: {str(labels)!r}, which holds the labels of {path.name}. Export "
                "them from Audacity to it, or label by loudness: Labelled.by_energy(clip)."
            )
        found = load_labels(labels)
        stretches = [(label.start_s, label.end_s) for label in found]
        pauses = [label.text.lower() == PAUSE for label in found]
        return cls(
            clip,
            tuple(s for s, pause in zip(stretches, pauses, strict=True) if not pause),
            path.stem,
            tuple(s for s, pause in zip(stretches, pauses, strict=True) if pause),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `name.wav` and, beside it, `name.labels.txt`, which `load` and Audacity read."""
        self.clip.save(path)
        spoken = [Label(*stretch, "utterance") for stretch in self.utterances]
        pauses = [Label(*stretch, PAUSE) for stretch in self.pauses]
        labels = sorted([*spoken, *pauses], key=lambda label: label.start_s)
        save_labels(Path(path).with_suffix(SUFFIX), labels)

    @classmethod
    def by_energy(cls, clip: Clip, name: str = "", *, turn_gap_s: float = TURN_GAP_S) -> Labelled:
        """Labels from loudness alone, for recordings of one voice in a quiet room.

        Speech are the 10 ms frames within 25 dB of the loud ones (`rtkit.levels`; 30 dB would take
        the room of many recordings for speech), less what is shorter than 50 ms. Silence of 0.1 s
        and more between them is a pause, and of `turn_gap_s` and more the end of an utterance.
        Such labels favour detectors that go by energy.
        """
        stretches = _joined(_loud(clip), SHORTEST_PAUSE_S)
        stretches = [s for s in stretches if s[1] - s[0] >= SHORTEST_SPEECH_S]
        utterances = _joined(stretches, turn_gap_s)
        gaps = [(a[1], b[0]) for a, b in pairwise(stretches)]
        pauses = [(start, end) for start, end in gaps if end - start < turn_gap_s]
        return cls(clip, tuple(utterances), name, tuple(pauses))

    @classmethod
    def folder(cls, path: str | os.PathLike[str]) -> list[Labelled]:
        """Each sound file of a folder: with its `name.labels.txt`, else labelled by energy."""
        found = []
        for sound in sorted(Path(path).iterdir()):
            if sound.suffix.lower() not in SOUNDS:
                continue
            if sound.with_suffix(SUFFIX).exists():
                found.append(cls.load(sound))
            else:
                found.append(cls.by_energy(Clip.load(sound), sound.stem))
        return found

    def __repr__(self) -> str:
        return (
            f"Labelled({self.name!r}, {len(self.utterances)} utterances, {len(self.pauses)} "
            f"pauses, {self.clip!r})"
        )


def _loud(clip: Clip) -> list[Stretch]:
    """Runs of loud enough 10 ms frames."""
    loud = speech_frames(clip.levels, SPEECH_RANGE_DB) & (clip.levels > QUIETEST_DB)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], loud, [False]]).astype(int)))
    times = np.minimum(edges / FRAMES_PER_SECOND, clip.duration)
    return [(float(start), float(end)) for start, end in times.reshape(-1, 2)]


def _joined(stretches: Iterable[Stretch], gap_s: float) -> list[Stretch]:
    """Without the gaps that are shorter than that."""
    found: list[Stretch] = []
    for start, end in stretches:
        if found and start - found[-1][1] < gap_s:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
