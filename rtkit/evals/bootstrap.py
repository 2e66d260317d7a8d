"""What sums would be if the sample had been another: drawn again from itself, with a fixed seed.

A row holds what one run, or one pair of runs, adds to each sum; rows are drawn with replacement, as
many as there are, so that what belongs together stays together. The same rows always give the same
answer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rtkit.percentiles import SURENESS

DRAWS = 2000
SEED = 20_261_122
LEAST_ROWS = 6
"""Of five rows that all say the same, chance alone makes 2 in 32 do so: more than 1 in 20."""


def resampled_sums(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums over the rows [n, k] in `DRAWS` samples drawn from them: [DRAWS, k]."""
    chance = np.random.Generator(np.random.PCG64(SEED))
    times = chance.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), DRAWS)
    return np.asarray(times @ rows, np.float64)


def middle(values: NDArray[np.float64]) -> tuple[float, float]:
    """The interval that holds the middle 95 % of resampled values; NaN are left out."""
    edge = 100 * (1 - SURENESS) / 2
    low, high = np.nanpercentile(values, [edge, 100 - edge])
    return float(low), float(high)


def ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The first column over the second; NaN where that is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)
