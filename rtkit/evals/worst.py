"""The turns that went worst: what is to be heard and seen first.

A turn is as bad as the worst that happened in it, in the order of `FAULTS`. Turns alike, of one
caller with one configuration, are told once, with how often it happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from .aggregates import outcomes_of
from .outcomes import Outcome
from .results import Result

BEFORE_S, LONGEST_S = 0.5, 12.0
"""A turn is shown from so much before it, and so much of it at most."""

FAULTS: Mapping[str, Callable[[Outcome], bool]] = {
    "no answer came": lambda one: one.missed,
    "the caller was interrupted": lambda one: one.interrupted,
    "the assistant went on when it was interrupted": lambda one: (
        one.speech.asks and one.spoken_over and one.settled and not one.yielded
    ),
    "what asked for nothing stopped the assistant": lambda one: (
        not one.speech.asks and one.yield_ms is not None
    ),
    "what asked for nothing was answered": lambda one: not one.speech.asks and one.replied,
    "an answer came that nobody asked for": lambda one: one.doubled > 0,
}
"""What can go wrong with something that the caller said, the worst first."""

UNMET, SLOW = len(FAULTS) + 1, len(FAULTS) + 2
"""The severity of an expectation that was not met, and of a turn in which all went well."""


@dataclass(frozen=True, slots=True)
class Case:
    """One turn of one run, and what went wrong in it, the worst first.

    `begin` and `end` are where it lies on the timeline (seconds); `severity` is 0 for a run that
    did not come to its end, then the place in `FAULTS`; `alike` counts the runs in which the same
    happened to the same caller with the same configuration.
    """

    result: Result
    turn: int
    faults: tuple[str, ...]
    severity: int
    response_ms: float | None
    begin: float
    end: float
    alike: int = 1

    @property
    def faulty(self) -> bool:
        """Whether anything went wrong; a case may merely be the slowest."""
        return self.severity <= UNMET

    def __str__(self) -> str:
        wait = "" if self.response_ms is None else f"; answered after {self.response_ms:.0f} ms"
        more = f" (in {self.alike} runs alike)" if self.alike > 1 else ""
        what = "; ".join(self.faults) or "nothing went wrong"
        where = f"{self.result.caller}, {self.result.config}, run {self.result.repeat + 1}"
        return f"{where}, turn {self.turn}: {what}{wait}{more}"


def worst_turns(results: Iterable[Result], most: int = 5) -> list[Case]:
    """The worst turns of these runs, at most `most`; turns without a fault follow by their wait.

    Runs that have kept no timeline have no turns to show.
    """
    cases = [case for one in results for case in _cases(one)]
    groups: dict[tuple[object, ...], list[Case]] = {}
    for case in sorted(cases, key=_badness):
        key = (case.result.caller, case.result.config, case.turn, case.severity)
        groups.setdefault(key, []).append(case)
    return [_told(alike) for alike in groups.values()][:most]


def _badness(case: Case) -> tuple[float, ...]:
    return (case.severity, -len(case.faults), -(case.response_ms or 0.0))


def _told(alike: list[Case]) -> Case:
    first = alike[0]
    count = len(alike) if first.faulty else 1
    return replace(first, alike=count)


def _cases(result: Result) -> list[Case]:
    turns: dict[int, list[Outcome]] = {}
    for outcome in outcomes_of(result):
        turns.setdefault(outcome.speech.turn, []).append(outcome)
    if not turns:
        return []
    last, over = max(turns), result.timeline.duration
    cases = [_case(result, over, turns, turn) for turn in turns]
    return [_broken(case) if result.error and case.turn == last else case for case in cases]


def _case(result: Result, over: float, turns: Mapping[int, list[Outcome]], turn: int) -> Case:
    own = turns[turn]
    found = {n: what for n, (what, is_so) in enumerate(FAULTS.items(), 1) if any(map(is_so, own))}
    unmet = [
        f"{one.kind}: expected {one.expected}, found {one.found}"
        for one in result.failures
        if one.turn == turn
    ]
    waits = [one.response_ms for one in own if one.response_ms is not None]
    start = own[0].speech.start
    later = [one.speech.start for n, out in turns.items() if n > turn for one in out]
    begin, end = max(0.0, start - BEFORE_S), min([*later, over])
    severity = min([*found, *([UNMET] if unmet else [SLOW])])
    faults = (*found.values(), *unmet)
    return Case(
        result=result,
        turn=turn,
        faults=faults,
        severity=severity,
        response_ms=max(waits, default=None),
        begin=begin,
        end=min(max(end, begin + 1.0), begin + LONGEST_S),
    )


def _broken(case: Case) -> Case:
    why = f"the run did not come to its end: {case.result.error}"
    return replace(case, severity=0, faults=(why, *case.faults))
