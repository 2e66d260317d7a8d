"""How much later than necessary each stage of a turn is done, to teach and to test."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from rtkit.errors import ConfigError
from rtkit.server.dice import Dice

LONGEST_MS = 60_000.0
STAGES = {
    "detect_ms": "turn detection tells late that speech began or ended",
    "recognise_ms": "the words of the question come late",
    "think_ms": "the brain begins late",
    "speak_ms": "the voice begins each sentence late",
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
    recognise_ms: float = 0.0
    think_ms: float = 0.0
    speak_ms: float = 0.0
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
