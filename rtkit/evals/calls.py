"""Whether the tools were called that should have been, with the right arguments.

A call is exact if its name is that of an expected call and every argument that is expected has the
expected value; arguments that are not named are free. So do tau2-bench (its action checks compare
the name and the arguments that a task names) and, for single calls, the syntax-tree check of the
Berkeley Function Calling Leaderboard. What a caller expects stands in its `caller.turn` moments, as
`calls`: [{"name": ..., "arguments": {...}}]; an empty list says that no tool may be called.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rtkit import events
from rtkit.timeline import Timeline

TURN = "caller.turn"
"""The moment that tells that a scripted caller begins a step."""


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made: of which tool, with which arguments (None if they are no JSON object),
    in which turn of the caller (0 before the first)."""

    turn: int
    name: str
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls were expected, how many of them were made exactly, how many others came."""

    expected: int
    exact: int
    stray: int


def read_made(timeline: Timeline) -> list[Made]:
    """The calls that the model made, in order; one that is told again is one."""
    turn, found = 0, dict[str, Made]()
    for moment in timeline:
        if moment.type == TURN:
            turn = int(moment.event.get("turn", turn))
        elif moment.type == events.OUTPUT_ITEM_DONE and moment.source == "server":
            item = moment.event.get("item")
            if isinstance(item, Mapping) and item.get("type") == "function_call":
                call = Made(turn, str(item.get("name", "")), _parsed(item.get("arguments")))
                found.setdefault(str(item.get("call_id")), call)
    return list(found.values())


def _parsed(text: object) -> Mapping[str, Any] | None:
    try:
        value = json.loads(str(text))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def read_expected(timeline: Timeline) -> dict[int, list[Mapping[str, Any]]]:
    """Turn -> the calls that are expected in it, for turns of which that is said."""
    told = (moment.event for moment in timeline if moment.type == TURN)
    return {int(one["turn"]): list(one["calls"]) for one in told if one.get("calls") is not None}


def count_calls(timeline: Timeline) -> Calls | None:
    """The calls of the turns whose caller says what it expects; None if none does."""
    expected = read_expected(timeline)
    if not expected:
        return None
    made = read_made(timeline)
    exact = {turn: _exact([m for m in made if m.turn == turn], expected[turn]) for turn in expected}
    wanted, right = sum(map(len, expected.values())), sum(exact.values())
    return Calls(wanted, right, sum(one.turn in expected for one in made) - right)


def _exact(made: Sequence[Made], expected: Iterable[Mapping[str, Any]]) -> int:
    left, count = list(made), 0
    for wanted in sorted(expected, key=lambda one: -len(one.get("arguments", {}))):
        match = next((one for one in left if _same(one, wanted)), None)
        if match is not None:
            left.remove(match)
            count += 1
    return count


def _same(made: Made, wanted: Mapping[str, Any]) -> bool:
    arguments = wanted.get("arguments", {})
    return (
        made.name == wanted["name"]
        and made.arguments is not None
        and all(
            name in made.arguments and made.arguments[name] == arguments[name] for name in arguments
        )
    )
