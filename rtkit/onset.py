"""When a reply is first audible: a voice may begin with silence, which plays but is not heard.

This is read out of the sound itself, so that it stands apart from `rtkit.latency`: measuring a
timeline from disk reads no sound.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .latency import Latency
from .turns import Turn

if TYPE_CHECKING:
    from .clip import Clip

AUDIBLE = 0.01
"""A sample can be heard that has this share of the loudest: within 40 dB of it."""
QUIETEST = 1e-4
"""Of full scale; a sound whose loudest sample is below that (-80 dBFS) is silence."""


def first_audible(clip: Clip) -> float | None:
    """Seconds until the first sample that can be heard; None in silence."""
    loud = np.abs(clip.samples)
    loudest = float(loud.max(initial=0.0))
    return int(np.argmax(loud >= AUDIBLE * loudest)) / clip.rate if loudest > QUIETEST else None


def leading_silence(turn: Turn) -> float | None:
    """Seconds of silence before the first audible sample of a turn's answer; None if the answer
    has no sound, or only silence."""
    clip = turn.audio
    return None if clip is None else first_audible(clip)


def audible(turn: Turn) -> Latency | None:
    """The latency of a turn with its instant `audible`; it reads the sound of the answer.

    As it was measured if the answer has no sound, or was cut off before it could be heard.
    """
    latency, silence = turn.latency, leading_silence(turn)
    if latency is None or silence is None or latency.first_sound is None:
        return latency
    heard = latency.first_sound + silence
    if latency.ended is not None and latency.ended <= heard:
        return latency
    return replace(latency, audible=heard)
