"""The scores of many runs as figures that they can carry: rates, medians, means, with intervals.

Shares are pooled: all that was missed over all that was asked, not a mean of rates. A proportion
has Wilson's interval (`rtkit.evals.rate`); a share that is none (word errors) and a mean have a
bootstrap over runs; a latency is the median over the turns of all runs (`rtkit.percentile`).
What is too little to say anything is withheld, and the figure says how much would be needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from rtkit.errors import RtkitError
from rtkit.percentiles import needed, percentile
from rtkit.timeline import Timeline

from .bootstrap import LEAST_ROWS, middle, ratio, resampled_sums
from .definitions import DEFINITIONS, Definition, definition
from .outcomes import Outcome, read_outcomes
from .rates import LEAST, rate
from .results import Result

PASSED = "passed"
"""Beside the scores: whether a run met every expectation of its caller."""

FLAKY = "flaky"
"""Whether a caller passes at times only, with the same configuration: the flake rate."""

OUTSIDE = {PASSED: "runs that passed", FLAKY: "callers that pass at times only"}
"""What is no score of a timeline, and how it is called."""

LATENCIES = ("response_ms", "yield_ms")


@dataclass(frozen=True, slots=True)
class Figure:
    """One score of several runs.

    `value`, `low` and `high` are in the score's unit (shares 0 to 1). `value` is None if it is
    withheld; the interval also where all runs were alike, which says nothing of their spread. `n`
    is how many cases it is made of, `told` what was found in words: "3 of 24", "41 turns".
    """

    score: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    told: str
    needed: int = 0

    @property
    def withheld(self) -> bool:
        """Whether there were too few cases for a value."""
        return self.value is None

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.told}: {self.needed} are needed" if self.n else "not measured"
        if self.low is None or self.high is None:
            return f"{shown(self.score, self.value)} ({self.told})"
        low, high = shown(self.score, self.low), shown(self.score, self.high)
        return f"{shown(self.score, self.value)} ({low} to {high}; {self.told})"


def shown(score: str, value: float) -> str:
    """A value of a score as people read it."""
    unit = "share" if score in OUTSIDE else definition(score).unit
    if unit == "share":
        digits = f"{100 * value:.{int(abs(value) < 0.1)}f}"
        return f"{digits.removesuffix('.0')} %"
    if unit == "ms":
        return f"{value:.0f} ms"
    return f"{value:.4f} USD" if unit == "USD" else f"{value:.2g}"


def title_of(score: str) -> str:
    """How a score is called where people read it."""
    return OUTSIDE[score] if score in OUTSIDE else definition(score).title


def measured(results: Iterable[Result]) -> list[str]:
    """The scores that these runs hold, in the order of their definitions."""
    found = {name for one in results for name, value in one.scores.items() if value is not None}
    return [name for name, row in DEFINITIONS.items() if row.headline and name in found]


def figure(results: Sequence[Result], score: str) -> Figure:
    """One score of these runs, which should be of one configuration.

    `score` is a key of `rtkit.evals.DEFINITIONS`, "passed" or "flaky" (the callers that pass at
    times only, of those that were repeated). ValueError if it is none of them.
    """
    if score == PASSED:
        return _proportion(score, sum(one.passed for one in results), len(results))
    if score == FLAKY:
        repeated = [runs for runs in _repeats(results) if len(runs) > 1]
        mixed = [runs for runs in repeated if len({one.passed for one in runs}) > 1]
        return _proportion(score, len(mixed), len(repeated))
    row = definition(score)
    if row.trials and row.parts:
        count, among = (int(_sum(results, part)) for part in row.parts)
        return _proportion(score, count, among)
    if score in LATENCIES:
        return _median(score, latencies(results, score))
    return _resampled(row, results)


def flaky(results: Iterable[Result]) -> list[tuple[str, str]]:
    """The caller and the configuration of every pair that passed in some runs and not in others."""
    runs = (one for one in _repeats(results) if len({run.passed for run in one}) > 1)
    return [(one[0].caller, one[0].config) for one in runs]


def _repeats(results: Iterable[Result]) -> list[list[Result]]:
    found: dict[tuple[str, str], list[Result]] = {}
    for one in results:
        found.setdefault((one.caller, one.config), []).append(one)
    return list(found.values())


def latencies(results: Iterable[Result], score: str = "response_ms") -> list[float]:
    """A latency in ms of every turn in which it was measured.

    Read from the timelines; of a run that has kept none, the mean of its turns counts as one.
    """
    found: list[float] = []
    for one in results:
        mean = one.scores.get(score)
        if mean is not None:
            found += _by_turn(one, score) or [mean]
    return found


def _by_turn(result: Result, score: str) -> list[float]:
    outcomes = [one for one in outcomes_of(result) if one.speech.asks]
    wanted = [one for one in outcomes if score == "response_ms" or one.yielded]
    return [value for one in wanted if (value := getattr(one, score)) is not None]


def outcomes_of(result: Result) -> tuple[Outcome, ...]:
    """What became of all that the caller said in a run; nothing if it has kept no timeline."""
    path = Path(result.timeline_path)
    if not result.timeline_path or not path.exists():
        return ()
    return _outcomes(path, path.stat().st_mtime_ns)


@lru_cache(4096)
def _outcomes(path: Path, changed_ns: int) -> tuple[Outcome, ...]:
    try:
        return tuple(read_outcomes(Timeline.load(path)))
    except RtkitError:
        return ()


def _sum(results: Iterable[Result], part: str) -> float:
    return sum(one.scores.get(part) or 0.0 for one in results)


def _proportion(score: str, count: int, among: int) -> Figure:
    told = f"{count} of {among}"
    if among < LEAST:
        return Figure(score, None, None, None, among, told, LEAST)
    found = rate(count, among)
    return Figure(score, found.value, found.low, found.high, among, told)


def _median(score: str, values: Sequence[float]) -> Figure:
    told = f"{len(values)} turn{'' if len(values) == 1 else 's'}"
    if len(values) < max(LEAST_ROWS, needed(50)):
        return Figure(score, None, None, None, len(values), told, LEAST_ROWS)
    found = percentile(values, 50)
    return Figure(score, found.value, found.low, found.high, len(values), told)


def _resampled(row: Definition, results: Sequence[Result]) -> Figure:
    """A pooled share, or a mean of one value for each run, with a bootstrap over the runs."""
    runs = [one for one in results if one.scores.get(row.name) is not None]
    rows = np.array([parts_of(one, row) for one in runs], np.float64).reshape(-1, 2)
    told = f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
    if len(runs) < LEAST_ROWS or not rows[:, 1].sum():
        return Figure(row.name, None, None, None, len(runs), told, LEAST_ROWS)
    value = float(rows[:, 0].sum() / rows[:, 1].sum())
    if len(np.unique(ratio(rows))) == 1:  # drawn again they would say the same, and prove nothing
        return Figure(row.name, value, None, None, len(runs), f"alike in {told}")
    return Figure(row.name, value, *middle(ratio(resampled_sums(rows))), len(runs), told)


def parts_of(result: Result, row: Definition) -> tuple[float, float]:
    """What a run adds to the two sums whose ratio a score is."""
    if row.parts:
        count, among = (result.scores.get(part) or 0.0 for part in row.parts)
        return count, among
    return result.scores[row.name] or 0.0, 1.0
