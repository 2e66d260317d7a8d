"""Proportions that a sample can carry, with the interval that goes with them.

The interval is Wilson's (1927), which holds its 95 % also for few cases and for rates near 0 or 1,
where the textbook's plus-minus fails (Brown, Cai and DasGupta 2001). A rate of fewer than ten cases
is withheld, as on the leaderboard of tau-voice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rtkit.errors import RtkitError

LEAST = 10
"""A rate needs so many cases."""

Z = 1.959964
"""The normal distribution holds 95 % within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `n` cases; `low` to `high` is the interval of the rate."""

    count: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The rate, 0 to 1."""
        return self.count / self.n

    def __repr__(self) -> str:
        return f"{self.value:.0%} ({self.low:.0%} to {self.high:.0%}, {self.count} of {self.n})"


def rate(count: int, n: int) -> Rate:
    """The rate of so many of `n` cases, with its interval (Wilson, 95 %).

    RtkitError if there are fewer than `LEAST` cases.

    >>> rate(2, 20)
    10% (3% to 30%, 2 of 20)
    """
    if not 0 <= count <= n:
        raise ValueError(f"a count lies between 0 and its {n} cases, found {count}.")
    if n < LEAST:
        raise RtkitError(
            f"a rate needs {LEAST} cases, found {count} of {n}: one more would change it by "
            f"{1 / (n + 1):.0%}. Run more callers, or repeat them."
        )
    share, spread = count / n, Z * Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = math.sqrt(share * (1 - share) * spread + spread * spread / 4) / (1 + spread)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Rate(count, n, 0.0 if count == 0 else low, 1.0 if count == n else high)
