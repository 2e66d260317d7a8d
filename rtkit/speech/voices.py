"""The ten voices of the embedded server, as settings of espeak-ng 1.52.

The names are those of the hosted service, so that the same configuration runs on both; the sound
is espeak-ng's own and only has to be told apart. Pitch, range and rate are espeak-ng's units
(0-100, 0-100, words per minute). `f0` is the median fundamental frequency in Hz measured on
2026-11-22 over `SAMPLE` by `benchmarks/recognition.py --voices`. They are also chosen to be heard
well: of 44 hard sentences the recogniser got 42 from alloy at 150 words a minute, 38 at 165; of 25,
25 from en-us+f5 at pitch 60 (shimmer), 20 from en-us+linda.
"""

from __future__ import annotations

from dataclasses import dataclass

from rtkit.errors import ConfigError

SAMPLE = "The quick brown fox jumps over the lazy dog, and then it runs away into the woods."
SLOWEST, FASTEST = 0.25, 1.5


@dataclass(frozen=True, slots=True)
class SpeakingVoice:
    """One voice: an espeak-ng voice name with its settings, and the F0 it was measured to have."""

    espeak: str
    pitch: int
    range: int
    rate: int
    f0: int
    volume: int = 100


VOICES = {
    "alloy": SpeakingVoice("en-us", 50, 50, 150, f0=101),
    "ash": SpeakingVoice("en-us+m4", 44, 45, 165, f0=88),
    "ballad": SpeakingVoice("en-us", 70, 60, 150, f0=125),
    "coral": SpeakingVoice("en-us+f2", 52, 60, 170, f0=200),
    "echo": SpeakingVoice("en-us+adam", 50, 45, 165, f0=99),
    "sage": SpeakingVoice("en-us+f1", 40, 35, 155, f0=154),
    "shimmer": SpeakingVoice("en-us+f5", 60, 60, 165, f0=229),
    "verse": SpeakingVoice("en-us+klatt4", 56, 70, 165, f0=111, volume=85),
    "marin": SpeakingVoice("en-us+f5", 38, 55, 165, f0=180),
    "cedar": SpeakingVoice("en-us+adam", 28, 40, 150, f0=80),
}


def voice_named(name: str) -> SpeakingVoice:
    """The settings of a voice; `ConfigError` with the ten names when there is none so called."""
    try:
        return VOICES[name]
    except KeyError:
        raise ConfigError(
            f"no voice is named {name!r}. The voices are {', '.join(VOICES)}. Choose one of them."
        ) from None


def checked_speed(speed: float) -> float:
    """The speed when it is one that can be spoken, else `ConfigError`."""
    if not SLOWEST <= speed <= FASTEST:
        raise ConfigError(
            f"speed is {speed}. It may be {SLOWEST} to {FASTEST}, 1.0 being the voice's own."
        )
    return float(speed)
