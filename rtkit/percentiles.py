"""Percentiles that a sample can carry, with the interval that goes with them.

The method is numpy's default, "linear" (Hyndman and Fan 1996, type 7): of n sorted values the
p-th percentile lies at place (n - 1) p / 100, between two values in proportion. Beyond the largest
value a sample says nothing, so a percentile is refused when fewer than one value is expected
above it: p95 needs 20 values, p99 needs 100. The interval is a percentile bootstrap: the sample is
drawn again from itself, with a fixed seed, so that the same values always give the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .errors import DataError

USUAL = (50.0, 90.0, 95.0, 99.0)
SURENESS = 0.95
DRAWS = 2000
SEED = 20_261_122
MOST_AT_ONCE = 2_000_000
"""Values drawn in one go; larger samples are drawn in several."""


@dataclass(frozen=True, slots=True)
class Percentile:
    """One percentile of `n` values: `p` in per cent, and the interval `low` to `high`.

    In 95 of 100 samples such an interval would hold the true percentile, roughly.
    """

    p: float
    value: float
    low: float
    high: float
    n: int

    def __repr__(self) -> str:
        return f"p{self.p:g} {self.value:g} ({self.low:g} to {self.high:g}, n={self.n})"


def needed(p: float) -> int:
    """How many values percentile `p` needs: as many as put one above it, and two for the median.

    >>> [needed(p) for p in (50, 90, 95, 99)]
    [2, 10, 20, 100]
    """
    if not 0 < p < 100:
        raise ValueError(f"a percentile lies between 0 and 100, found {p!r}.")
    return math.ceil(round(100 / min(p, 100 - p), 9))


def percentile(values: Iterable[float], p: float) -> Percentile:
    """Percentile `p` of the values, as numpy's default gives it.

    DataError when there are fewer values than it needs, or one of them is not finite.
    """
    sample = _sample(values)
    if len(sample) < needed(p):
        raise DataError(
            f"p{p:g} needs {needed(p)} values, found {len(sample)}: with fewer it says nothing "
            "about what happens that rarely. Measure more, or ask for the median and the largest."
        )
    low, high = _interval(sample, p)
    return Percentile(p, float(np.percentile(sample, p)), low, high, len(sample))


def spread(values: Iterable[float], ps: Sequence[float] = USUAL) -> dict[float, Percentile]:
    """Those of the percentiles `ps` that the values can carry; the others are left out."""
    sample = _sample(values)
    return {p: percentile(sample, p) for p in ps if len(sample) >= needed(p)}


def _sample(values: Iterable[float]) -> NDArray[np.float64]:
    sample = np.asarray(values if isinstance(values, np.ndarray) else list(values), np.float64)
    if not np.isfinite(sample).all():
        raise DataError("the values hold NaN or infinity. Leave out what was not measured.")
    return sample


def _interval(sample: NDArray[np.float64], p: float) -> tuple[float, float]:
    chance = np.random.Generator(np.random.PCG64(SEED))
    rows = max(1, min(DRAWS, MOST_AT_ONCE // len(sample)))
    found: list[NDArray[np.float64]] = []
    for begin in range(0, DRAWS, rows):
        shape = (min(rows, DRAWS - begin), len(sample))
        drawn = sample[chance.integers(0, len(sample), shape)]
        found.append(np.percentile(drawn, p, axis=1))
    edge = 100 * (1 - SURENESS) / 2
    low, high = np.percentile(np.concatenate(found), [edge, 100 - edge])
    return float(low), float(high)
