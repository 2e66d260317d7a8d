"""When a reply is first audible: a voice may begin with silence, which plays but is not heard.

This is read out of the sound itself, so that it stands apart from `rtkit.latency`: measuring a
timeline from disk reads no sound.
"""

from __future__ import annotations

from dataclasses import replace

from .latency import Latency
from .turns import Turn


def leading_silence(turn: Turn) -> float | None:
    """Seconds of silence before the first audible sample of a turn's answer, by
    `Clip.speech_start`; None if the answer has no sound, or only silence."""
    clip = turn.audio
    return clip.speech_start if clip is not None and clip.speech_end else None


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
