"""Whether the tools were called that should have been, with the right arguments.

A call is exact if its name is that of an expected call and every argument that is expected has the
expected value; arguments that are not named are free. So do tau2-bench (its action checks compare
the name and the arguments that a task names) and, for single calls, the syntax-tree check of the
Berkeley Function Calling Leaderboard. What a caller expects stands in its `caller.turn` moments, as
`calls`: [{"name": ..., "arguments": {...}}]; an empty list says that no tool may be called.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rtkit.timeline import Timeline

from .calls import ToolUse, read_call


@dataclass(frozen=True, slots=True)
class ToolScore:
    """How many calls were expected, how many of them were made exactly, how many others came."""

    expected: int
    exact: int
    stray: int


def read_expected(timeline: Timeline) -> dict[int, list[Mapping[str, Any]]]:
    """Turn -> the calls that are expected in it, for turns of which that is said."""
    told = (moment.event for moment in timeline if moment.type == "caller.turn")
    return {int(one["turn"]): list(one["calls"]) for one in told if one.get("calls") is not None}


def score_tools(timeline: Timeline) -> ToolScore | None:
    """The calls of the turns whose caller says what it expects; None if none does."""
    expected = read_expected(timeline)
    if not expected:
        return None
    made = {turn.number: turn.tools for turn in read_call(timeline) if turn.number in expected}
    exact = sum(_exact(made.get(turn, []), wanted) for turn, wanted in expected.items())
    wanted, came = (sum(map(len, calls.values())) for calls in (expected, made))
    return ToolScore(wanted, exact, came - exact)


def _exact(made: Sequence[ToolUse], expected: Iterable[Mapping[str, Any]]) -> int:
    left, count = list(made), 0
    for wanted in sorted(expected, key=lambda one: -len(one.get("arguments", {}))):
        match = next((one for one in left if _same(one, wanted)), None)
        if match is not None:
            left.remove(match)
            count += 1
    return count


def _same(made: ToolUse, wanted: Mapping[str, Any]) -> bool:
    given, arguments = made.arguments, wanted.get("arguments", {})
    return (
        made.name == wanted["name"]
        and isinstance(given, Mapping)
        and all(name in given and given[name] == value for name, value in arguments.items())
    )
