"""Whether a call went as its caller expected, read from its timeline alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

from rtkit.evals.caller import Caller
from rtkit.evals.calls import CalledTurn, ToolUse, read_call
from rtkit.evals.expectation import KINDS, Expect
from rtkit.evals.results import Check
from rtkit.timeline import Timeline

NO_ANSWER = "no answer"
Found = tuple[str, str, bool]
"""What was expected, what was found, and whether that is enough."""


def check(caller: Caller, timeline: Timeline) -> tuple[Check, ...]:
    """Every expectation of the caller, turn by turn; of turns that were never reached, none."""
    expected = {number: step.expected for number, step in enumerate(caller.turns, 1)}
    return tuple(
        Check(turn.number, kind, *LOOK[kind](expected[turn.number], turn))
        for turn in read_call(timeline)
        if turn.number in expected
        for kind in _kinds(expected[turn.number])
    )


def _kinds(expect: Expect) -> Iterator[str]:
    return (kind for kind in KINDS if getattr(expect, kind))


def _words(expect: Expect, turn: CalledTurn) -> Found:
    answer = f" {_plain(turn.text)} "
    missing = [word for word in expect.words if f" {_plain(word)} " not in answer]
    found = _answered(turn) + (f" (without {', '.join(map(repr, missing))})" if turn.text else "")
    return ", ".join(map(repr, expect.words)), found if missing else _answered(turn), not missing


def _pattern(expect: Expect, turn: CalledTurn) -> Found:
    pattern = expect.pattern or ""
    passed = bool(turn.text) and re.search(pattern, turn.text, re.IGNORECASE) is not None
    return f"/{pattern}/", _answered(turn), passed


def _tool(expect: Expect, turn: CalledTurn) -> Found:
    wanted = expect.arguments
    fits = [
        use
        for use in turn.tools
        if use.name == expect.tool and (wanted is None or use.arguments == wanted)
    ]
    expected = expect.tool if wanted is None else _shown(ToolUse(str(expect.tool), wanted))
    found = ", ".join(map(_shown, turn.tools)) or "no tool was called"
    return str(expected), found, bool(fits)


def _silence(expect: Expect, turn: CalledTurn) -> Found:
    return "no answer", _answered(turn), not turn.answers


def _answers(expect: Expect, turn: CalledTurn) -> Found:
    count = len(turn.answers)
    texts = "; ".join(repr(one.text) for one in turn.answers)
    found = f"{count} ({texts})" if count else NO_ANSWER
    return str(expect.answers), found, count == expect.answers


def _answered_within(expect: Expect, turn: CalledTurn) -> Found:
    limit = expect.answered_within_ms or 0.0
    expected = f"at most {limit:g} ms"
    if turn.first_sound is None or turn.spoken_until is None:
        return expected, NO_ANSWER, False
    ms = 1000 * (turn.first_sound - turn.spoken_until)
    if ms < 0:
        return expected, f"{-ms:.0f} ms before the end of the question", False
    return expected, f"{ms:.0f} ms", ms <= limit


def _interrupted_within(expect: Expect, turn: CalledTurn) -> Found:
    limit = expect.interrupted_within_ms or 0.0
    expected = f"silent within {limit:g} ms"
    if not turn.sounding or turn.spoken_from is None:
        return expected, "the assistant was silent already", False
    if turn.silent_since is None:
        return expected, "the assistant spoke on to the end of the call", False
    ms = 1000 * (turn.silent_since - turn.spoken_from)
    return expected, f"silent after {ms:.0f} ms", ms <= limit


def _not_interrupted(expect: Expect, turn: CalledTurn) -> Found:
    expected = "the assistant goes on"
    if turn.answers:
        return expected, f"it was answered: {turn.text!r}", False
    if not turn.sounding:
        silent = turn.kind == "noise"  # which may come while nobody speaks
        return expected, "the assistant was silent already", silent
    if any(one.cut_off for one in turn.sounding) and turn.silent_since is not None:
        ms = 1000 * (turn.silent_since - (turn.spoken_from or turn.begin))
        return expected, f"it stopped after {ms:.0f} ms", False
    return expected, "it went on", True


LOOK: Mapping[str, Callable[[Expect, CalledTurn], Found]] = {
    "words": _words,
    "pattern": _pattern,
    "tool": _tool,
    "silence": _silence,
    "answers": _answers,
    "answered_within_ms": _answered_within,
    "interrupted_within_ms": _interrupted_within,
    "not_interrupted": _not_interrupted,
}
"""Kind of expectation -> how it is looked at."""


def _answered(turn: CalledTurn) -> str:
    return repr(turn.text) if turn.text else NO_ANSWER


def _shown(use: ToolUse) -> str:
    arguments = use.arguments
    if not isinstance(arguments, Mapping):
        return f"{use.name}({arguments})"
    pairs = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in arguments.items())
    return f"{use.name}({', '.join(pairs)})"


def _plain(text: str) -> str:
    """The words of a text, in small letters, with one blank between them."""
    return " ".join(re.findall(r"[\w']+", text.casefold()))
