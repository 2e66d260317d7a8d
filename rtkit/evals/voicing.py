"""What a caller sounds like: every step as sound, made before the call begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from zlib import crc32

import numpy as np

from rtkit.clip import Clip
from rtkit.evals.caller import Caller
from rtkit.evals.steps import Burst, Heard, Play, Said
from rtkit.noises import noise
from rtkit.pcm import Samples
from rtkit.telephony import PhoneLine

BED_S = 8.0
"""So much background is made, and repeated."""
LEAD_MS = 1000
ROOM_DBFS = -28.0
"""The level of speech that a background is measured against where nothing is said."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One step as it is sent: samples, and how many seconds of them are what was said."""

    samples: Samples
    seconds: float


@dataclass(frozen=True, slots=True)
class Voicing:
    """The sounds of a caller at a rate: one for each step (None: it makes none), and the `bed`,
    which is the background between them, to be repeated (empty: silence). The caller is silent
    for `lead_ms` at first, by lot, as callers do not all begin at once."""

    rate: int
    sounds: tuple[Sound | None, ...]
    bed: Samples
    lead_ms: float = 0.0


def voiced(caller: Caller, rate: int, seed: int = 0) -> Voicing:
    """Make the sounds of a caller; the same seed gives the same noise, phone line and beginning.

    AudioError or ConfigError for a recording that cannot be read.
    """
    steps = [step if isinstance(step, Heard) else None for step in caller.steps]
    dry = [None if step is None else _dry(step, caller.voice, rate, seed) for step in steps]
    over = _background(caller, [clip for clip in dry if clip is not None], rate)
    carried = _line(caller.phone, rate, seed)

    def heard(number: int, clip: Clip) -> Sound:
        behind = over(clip, f"{seed} {number}")
        return Sound(carried(behind, number).samples, clip.duration)

    sounds = tuple(None if clip is None else heard(n, clip) for n, clip in enumerate(dry))
    bed = Clip.silence(BED_S if caller.background else 0.0, rate)
    if caller.background:
        bed = carried(over(bed, f"{seed} bed"), len(dry))
    return Voicing(rate, sounds, bed.samples, _number(f"{seed} lead") % LEAD_MS)


def _dry(step: Heard, voice: str, rate: int, seed: int) -> Clip:
    """A step's own sound, from the beginning to the end of what is said."""
    if isinstance(step, Said):
        clip = _spoken(step.text, step.voice or voice, step.speed)
    elif isinstance(step, Play):
        clip = step.clip if isinstance(step.clip, Clip) else Clip.load(step.clip)
        clip = clip.trimmed()
    else:
        assert isinstance(step, Burst)
        length, level = step.seconds, step.level_dbfs
        clip = noise(step.noise, length, level_dbfs=level, rate=rate, seed=_number(f"{seed}"))
    return clip.resampled(rate).gained(getattr(step, "gain_db", 0.0))


@lru_cache(maxsize=256)
def _spoken(text: str, voice: str, speed: float) -> Clip:
    from rtkit.speech.synthesis import say

    return say(text, voice, speed=speed).trimmed()


def _background(caller: Caller, dry: list[Clip], rate: int) -> Callable[[Clip, str], Clip]:
    """What puts a clip into the caller's background, drawn anew for each name."""
    behind = caller.background
    if behind is None:
        return lambda clip, name: clip
    levels = [level for clip in dry if np.isfinite(level := clip.speech_level_dbfs)]
    level = (float(np.mean(levels)) if levels else ROOM_DBFS) - behind.snr_db

    def over(clip: Clip, name: str) -> Clip:
        seconds = len(clip.samples) / rate
        sound = noise(behind.noise, seconds, level_dbfs=level, rate=rate, seed=_number(name))
        return clip.mixed(sound)

    return over


def _line(phone: PhoneLine | None, rate: int, seed: int) -> Callable[[Clip, int], Clip]:
    """What carries a clip over the caller's phone line, with lots of its own for each number."""
    if phone is None:
        return lambda clip, number: clip

    def carried(clip: Clip, number: int) -> Clip:
        lots = _number(f"{phone.seed} {seed} {number}")
        return replace(phone, seed=lots).carry(clip).heard.resampled(rate)

    return carried


def _number(name: str) -> int:
    """A seed from a name, the same in every process."""
    return crc32(name.encode())
