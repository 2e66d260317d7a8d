"""Percentiles that a sample can carry, with the interval that goes with them.

The method is numpy's default, "linear" (Hyndman and Fan 1996, type 7): of n sorted values the
p-th percentile lies at place (n - 1) p / 100, between two values in proportion. Beyond the largest
value a sample says nothing, so a percentile is refused when fewer than one value is expected
above it: p95 needs 20 values, p99 needs 100.

The interval runs from one of the sorted values to another (Conover, Practical Nonparametric
Statistics, 3rd edition 1999, section 3.2): how many values lie below the true percentile is
binomial, whatever the values are like. It is never too sure, also where a bootstrap is, whose
upper end cannot pass the largest value: the largest of 20 lies below the true p95 in 36 of 100
samples. Where no value is surely beyond it, that end is open.
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


@dataclass(frozen=True, slots=True)
class Percentile:
    """One percentile of `n` values: `p` in per cent, and the interval `low` to `high`.

    In at least 95 of 100 samples such an interval holds the true percentile. An end that `n` values
    cannot carry is open, -inf or inf: the upper end of p95 needs 72 values, the median's ends 6.
    """

    p: float
    value: float
    low: float
    high: float
    n: int

    def __repr__(self) -> str:
        return f"p{self.p:g} {self.value:g} ({self.interval()}, n={self.n})"

    def interval(self, digits: str = "g") -> str:
        """The interval in words: "12 to 20", "12 or more", "20 or less", "no interval"."""
        low, high = format(self.low, digits), format(self.high, digits)
        if math.isfinite(self.low) and math.isfinite(self.high):
            return f"{low} to {high}"
        if math.isfinite(self.low):
            return f"{low} or more"
        return f"{high} or less" if math.isfinite(self.high) else "no interval"


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
    ordered, n = np.sort(sample), len(sample)
    chance = _binomial(n, p / 100)  # of 0 to n values below the true percentile
    edge = (1 - SURENESS) / 2
    below = int(np.searchsorted(np.cumsum(chance), edge, side="right"))
    above = int(np.searchsorted(np.cumsum(chance[::-1]), edge, side="right"))
    low = ordered[below - 1] if below else -math.inf
    high = ordered[n - above] if above else math.inf
    return float(low), float(high)


def _binomial(n: int, share: float) -> NDArray[np.float64]:
    """The chances of 0 to n successes in n trials."""
    k = np.arange(1, n + 1, dtype=np.float64)
    steps = np.log((n - k + 1) / k) + math.log(share / (1 - share))
    logs = n * math.log1p(-share) + np.concatenate([[0.0], np.cumsum(steps)])
    chances: NDArray[np.float64] = np.exp(logs)
    return chances
