"""How much later than necessary each stage of a turn is done, to teach and to test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from rtkit import events
from rtkit.errors import ConfigError
from rtkit.server.dice import Dice

LONGEST_MS = 60_000.0
STAGES = {
    "detect_ms": "turn detection tells late that speech began or ended",
    "commit_ms": "what was said becomes an item late",
    "create_ms": "a response begins late",
    "recognise_ms": "the words of the question come late",
    "think_ms": "the brain begins late",
    "speak_ms": "the voice begins each sentence late",
    "sound_ms": "the first sound of a response comes later than its words",
    "lead_ms": "the voice begins each response with silence",
    "send_ms": "every event is sent late, as on a long line",
    "jitter_ms": "up to so much more for each event, by chance; their order stays",
}
"""Field of `Delays` -> what is late."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Extra milliseconds per stage, 0 to 60,000 each; see `STAGES`. `seed` repeats the jitter.

    ConfigError for a number outside that range.
    """

    detect_ms: float = 0.0
    commit_ms: float = 0.0
    create_ms: float = 0.0
    recognise_ms: float = 0.0
    think_ms: float = 0.0
    speak_ms: float = 0.0
    sound_ms: float = 0.0
    lead_ms: float = 0.0
    send_ms: float = 0.0
    jitter_ms: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in STAGES:
            found = getattr(self, name)
            if not (math.isfinite(found) and 0 <= found <= LONGEST_MS):
                raise ConfigError(
                    f"{name} is {found!r}. Allowed: 0 to {LONGEST_MS:.0f} milliseconds. Give "
                    "one of those, or leave it out."
                )

    def __add__(self, other: Delays) -> Delays:
        """Both, one after the other; the seed is that of the first, unless it is 0."""
        summed = {name: getattr(self, name) + getattr(other, name) for name in STAGES}
        return Delays(
            **{name: min(ms, LONGEST_MS) for name, ms in summed.items()},
            seed=self.seed or other.seed,
        )

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self) if field.name in STAGES)


NO_DELAYS = Delays()


class Line:
    """When things that take `delay_ms` and some jitter come out of a line: in order, told time."""

    def __init__(self, delay_ms: float, jitter_ms: float = 0.0, seed: int = 0) -> None:
        self._delay, self._jitter = delay_ms / 1000, jitter_ms / 1000
        self._dice = Dice(seed)
        self._last = -math.inf

    def due(self, now: float) -> float:
        """When what goes in at `now` (seconds) comes out; never before what went in earlier."""
        jitter = self._jitter * self._dice.roll() if self._jitter else 0.0
        self._last = max(self._last, now + self._delay + jitter)
        return self._last


HELD = {
    "commit_ms": events.COMMITTED,
    "create_ms": events.RESPONSE_CREATED,
    "sound_ms": events.AUDIO_DELTA,
}
"""Field of `Delays` -> the event that is held back, and with it all that comes behind."""


class Holding:
    """Events that are held back, and all behind them; `until` is when they may go (seconds)."""

    def __init__(self, delays: Delays) -> None:
        given = {type_: getattr(delays, name) / 1000 for name, type_ in HELD.items()}
        self._seconds = {type_: seconds for type_, seconds in given.items() if seconds}
        self._sounding: str | None = None  # the response whose sound has begun
        self.until = -math.inf

    def take(self, event: Mapping[str, Any], now: float) -> None:
        """An event is about to be sent at `now`; of the sound of a response only the first."""
        type_ = event["type"]
        if type_ == events.AUDIO_DELTA:
            if event["response_id"] == self._sounding:
                return
            self._sounding = event["response_id"]
        if type_ in self._seconds:
            self.until = max(self.until, now) + self._seconds[type_]
