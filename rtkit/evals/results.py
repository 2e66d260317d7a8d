"""What came of runs of callers: one result for each run, and all of them as a list and a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rtkit.errors import MissingExtra
from rtkit.sheets import Sheet, Shown
from rtkit.timeline import Timeline

if TYPE_CHECKING:
    import pandas

HEAD = ("caller", "configuration", "run", "verdict", "what was found", "seconds")
LONGEST = 240  # characters of what was found


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a caller, and what was found: of turn `turn` (from 1), in words.

    `kind` is the name of the expectation: one of `rtkit.evals.KINDS`.
    """

    turn: int
    kind: str
    expected: str
    found: str
    passed: bool

    def __str__(self) -> str:
        return f"turn {self.turn}, {self.kind}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class Result:
    """One run of one caller against one configuration.

    `repeat` counts from 0, `seed` is what the run was begun with, `error` says why it did not come
    to its end (None if it did), `scores` are those of `rtkit.evals.scores`, `seconds` is how long
    it took, and `timeline_path` is where its timeline lies ("" if none was kept).
    """

    caller: str
    config: str
    repeat: int
    seed: int
    error: str | None = None
    checks: tuple[Check, ...] = ()
    scores: Mapping[str, float | None] = field(default_factory=dict)
    seconds: float = 0.0
    timeline_path: str = ""

    @property
    def timeline(self) -> Timeline:
        """The timeline, read from its file; RtkitError if there is none."""
        return Timeline.load(self.timeline_path)

    @property
    def passed(self) -> bool:
        """Whether the run came to its end and every expectation was met."""
        return self.error is None and all(check.passed for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The expectations that were not met."""
        return tuple(check for check in self.checks if not check.passed)

    def row(self) -> dict[str, Any]:
        """The result as one flat row: its fields, how many checks passed, and each score."""
        return {
            "caller": self.caller,
            "config": self.config,
            "repeat": self.repeat,
            "seed": self.seed,
            "passed": self.passed,
            "error": self.error,
            "checks": len(self.checks),
            "checks_failed": len(self.failures),
            "seconds": self.seconds,
            **self.scores,
            "timeline_path": self.timeline_path,
        }

    def _cells(self) -> list[str]:
        found = self.error or "; ".join(map(str, self.failures))
        short = found if len(found) <= LONGEST else f"{found[:LONGEST]} ..."
        verdict = "error" if self.error else "passed" if self.passed else "failed"
        run = str(self.repeat + 1)
        return [self.caller, self.config, run, verdict, short, f"{self.seconds:.1f}"]


class Results(list[Result], Shown):
    """The results of `rtkit.evals.run`, in the order callers, configurations, repeats: a list.

    It shows itself as a table.
    """

    __slots__ = ()

    def by(self, *, config: str | None = None, caller: str | None = None) -> Results:
        """The results of one configuration, of one caller, or of both."""
        return Results(
            one
            for one in self
            if (config is None or one.config == config) and (caller is None or one.caller == caller)
        )

    def frame(self) -> pandas.DataFrame:
        """A row for each result (see `Result.row`); MissingExtra without pandas."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas (tables of results)", "evals") from None
        return pandas.DataFrame([one.row() for one in self])

    def sheet(self) -> Sheet:
        """A line for each result, under how many passed."""
        passed = sum(one.passed for one in self)
        errors = sum(one.error is not None for one in self)
        title = f"{len(self)} runs: {passed} passed, {len(self) - passed - errors} failed"
        title += f", {errors} did not come to their end." if errors else "."
        return Sheet(HEAD, [one._cells() for one in self], title, "No run was made.")

    def __repr__(self) -> str:
        return f"Results({len(self)} runs, {sum(one.passed for one in self)} passed)"
