"""A conversation as one stereo sound: the user on the left, the assistant on the right.

Everything sounds where it was heard (`rtkit.sounds`): speech where it was spoken, answers where
they were played and only as far as they were heard. A question that was sent faster than it can be
spoken has no place of its own in time. It ends where it was sent; where that leaves no room for it,
room is made, and all that follows comes later by that much. In a conversation that was held in real
time nothing is moved.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import AudioError
from .formats import PCM_RATE
from .sounds import Sound, read_sounds
from .timeline import Timeline
from .wav import write_wav

CHANNELS = {"user": 0, "assistant": 1}
RATE = PCM_RATE


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound, and the second of the stereo sound at which it begins."""

    sound: Sound
    start: float


def place_sounds(timeline: Timeline) -> list[Placed]:
    """Where each sound lies in the stereo sound of a timeline, in the order of beginning.

    Second 0 is the beginning of the timeline.
    """
    return list(_placed(sorted(read_sounds(timeline), key=lambda sound: _anchor(sound))))


def _anchor(sound: Sound) -> float:
    """What keeps its place: the end of what came at once, else the beginning."""
    return sound.start if sound.live else sound.end


def _placed(sounds: list[Sound]) -> Iterator[Placed]:
    moved, busy_until = 0.0, 0.0  # seconds by which all is late; where the last sound ended
    for sound in sounds:
        start = sound.start + moved
        if not sound.live and start < busy_until:
            start, moved = busy_until, moved + busy_until - start
        yield Placed(sound, start)
        busy_until = max(busy_until, start + sound.heard_until - sound.start)


def mix_stereo(timeline: Timeline) -> NDArray[np.float32]:
    """The conversation as float32[n, 2] at 24 kHz: left the user, right the assistant."""
    placed = place_sounds(timeline)
    parts = [(p, p.sound.clip.resampled(RATE).samples) for p in placed]
    end = max((p.start + p.sound.heard_until - p.sound.start for p in placed), default=0.0)
    mixed = np.zeros((round(end * RATE) + 1, 2), np.float32)
    for p, samples in parts:
        if p.sound.heard_s is not None:
            samples = samples[: round(p.sound.heard_s * RATE)]
        first = round(p.start * RATE)
        samples = samples[max(0, -first) :][: len(mixed) - max(0, first)]
        at = max(0, first)
        mixed[at : at + len(samples), CHANNELS[p.sound.speaker]] += samples
    return mixed


def export_wav(timeline: Timeline, path: str | os.PathLike[str]) -> Path:
    """Write the conversation as a WAV file, 24 kHz, 16 bit, stereo, and return its path.

    Left the user, right the assistant, each where it was heard; sample n is second n / 24000 of
    the timeline. AudioError if the path does not end in .wav, or the timeline holds no sound.
    """
    path = Path(path)
    if path.suffix.lower() != ".wav":
        raise AudioError(
            f"a conversation is exported as WAV, found the name {path.name!r}. "
            f"Export it as {path.with_suffix('.wav').name!r}."
        )
    if not any(len(track) for track in timeline.tracks.values()):
        raise AudioError(
            f"{timeline!r} holds no sound to export. Ask with a Clip, or with the microphone."
        )
    path.write_bytes(write_wav(mix_stereo(timeline), RATE))
    return path
