"""Whether one configuration is better than another: run against run, with a paired bootstrap.

Both configurations were given the same callers, as often: run k of a caller with one is paired with
run k of the same caller with the other, so that hard callers do not count as bad configurations.
Pairs are drawn again from themselves; what 95 % of those samples say is the interval of the
difference. It speaks of these callers: that others would do alike is an assumption.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .aggregates import PASSED, parts_of, shown, title_of
from .bootstrap import LEAST_ROWS, middle, ratio, resampled_sums
from .definitions import definition
from .results import Result

MINUS = "\u2212"
Verdict = Literal["surely better", "surely worse", "not shown"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changes in a score from configuration `a` to `b`.

    `difference` is b - a in the score's unit (None if nothing was measured in both), `low` to
    `high` its interval, None where `n` pairs are too few for one. `differences` are those of the
    single pairs (callers, and the run in the order of the pairs).
    """

    score: str
    a: str
    b: str
    difference: float | None
    low: float | None
    high: float | None
    differences: tuple[float, ...] = ()

    @property
    def n(self) -> int:
        """How many pairs of runs there are."""
        return len(self.differences)

    @property
    def verdict(self) -> Verdict:
        """ "surely better" or "surely worse" if the whole interval lies on one side of 0."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return "not shown"
        return "surely better" if (self.high < 0) == self.less_is_better else "surely worse"

    @property
    def less_is_better(self) -> bool:
        """Which way the score improves."""
        return self.score != PASSED and definition(self.score).better == "lower"

    @property
    def size(self) -> str:
        """The difference with its sign and unit; "" if there is none to tell of."""
        return "" if self.difference is None else _signed(self.score, self.difference)

    @property
    def change(self) -> str:
        """The difference and its interval in words."""
        if self.difference is None:
            return "measured in no pair of runs"
        pairs = f"{self.n} pair{'' if self.n == 1 else 's'} of runs"
        if self.low is None or self.high is None:
            return f"{self.size} in {pairs}, and {LEAST_ROWS} are needed"
        low, high = _signed(self.score, self.low), _signed(self.score, self.high)
        return f"{self.size} (95 % interval {low} to {high}, {pairs})"

    def __str__(self) -> str:
        head = f"{title_of(self.score)}, {self.b} against {self.a}"
        return f"{head}: {self.verdict}; {self.change}."

    __repr__ = __str__


def compare(results: Iterable[Result], a: str, b: str, score: str = PASSED) -> Comparison:
    """What changes in a score from configuration `a` to `b`, and whether that is sure.

    `score` is "passed" or a key of `rtkit.evals.DEFINITIONS`. ValueError for a score that there is
    not, and for a configuration that was not run.
    """
    if score != PASSED:
        definition(score)
    results = list(results)
    sides = [_runs(results, config) for config in (a, b)]
    keys = [key for key in sides[0] if key in sides[1]]
    pairs = [[_parts(side[key], score) for side in sides] for key in keys]
    kept = [(*one, *other) for one, other in pairs if one and other]
    rows = np.array(kept, np.float64).reshape(-1, 4)
    if not len(rows) or not (rows[:, 1].sum() and rows[:, 3].sum()):
        return Comparison(score, a, b, None, None, None)
    difference = float(_difference(rows.sum(axis=0, keepdims=True))[0])
    each = tuple(float(one) for one in _difference(rows))
    if len(rows) < LEAST_ROWS:
        return Comparison(score, a, b, difference, None, None, each)
    return Comparison(score, a, b, difference, *middle(_difference(resampled_sums(rows))), each)


def _runs(results: Iterable[Result], config: str) -> dict[tuple[str, int], Result]:
    results = list(results)
    found = {(one.caller, one.repeat): one for one in results if one.config == config}
    if not found:
        names = ", ".join(dict.fromkeys(repr(one.config) for one in results)) or "none"
        raise ValueError(f"no run of a configuration {config!r}. There are runs of: {names}.")
    return found


def _parts(result: Result, score: str) -> tuple[float, float] | None:
    """What a run adds to the two sums whose ratio a score is; None if it was not measured."""
    if score == PASSED:
        return float(result.passed), 1.0
    return None if result.scores.get(score) is None else parts_of(result, definition(score))


def _difference(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return ratio(sums[:, 2:]) - ratio(sums[:, :2])


def _signed(score: str, value: float) -> str:
    sign, size = "+" if value > 0 else MINUS if value < 0 else "", shown(score, abs(value))
    return sign + (size.replace("%", "points") if size.endswith("%") else size)
