"""Exercises and questions of notebook 13, evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rtkit.errors import RtkitError

from .exercise import Case, Exercise, Trial, function, short
from .questionnaire import ask, no, yes

MOST = 0.05


def _high(calls: int) -> float | None:
    """The upper end of the interval of 0 of so many; None for too few to say anything."""
    from rtkit.evals import rate

    try:
        return rate(0, calls).high
    except (RtkitError, ValueError):
        return None


def _calls(answer: Any) -> Iterable[Trial]:
    if isinstance(answer, bool) or not isinstance(answer, int) or answer < 1:
        why = "A number of calls is a whole number."
        yield Trial("calls", "a whole number", short(answer), False, why)
        return
    asked = f"below {MOST:.0%}"
    for calls, below, why in (
        (answer, True, "None of so many may still be more than 5 %: more calls are needed."),
        (answer - 1, False, "It is enough, and one fewer would be, too: the *smallest* is asked."),
    ):
        high = _high(calls)
        yours = "nothing can be said" if high is None else f"up to {high:.1%}"
        right = (high is not None and high < MOST) is below
        yield Trial(f"0 of {calls}", asked if below else "not yet", yours, right, why)


def _listener(answer: Any) -> Iterable[Trial]:
    turns = getattr(answer, "turns", ())
    if not turns:
        yield Trial("listener", "a Caller", short(answer), False, "Hand over the caller.")
        return
    kinds = [step.kind for step in turns]
    why = "After asking, the caller gives a sign of listening: a Backchannel, which is no turn."
    right = len(kinds) == 2 and kinds[-1] == "backchannel"
    yield Trial("steps", "say, backchannel", ", ".join(kinds), right, why)
    at_ms = getattr(turns[-1], "at_ms", None)
    why = "`at_ms` is how long after the answer's first sound it comes."
    yield Trial("when", "700 ms", f"{at_ms} ms", at_ms == 700, why)
    kept = bool(turns[-1].expect.not_interrupted)
    why = "The assistant must go on: that is what this step has to expect."
    yield Trial("expects no interruption", "True", str(kept), kept, why)
    story = "story" in getattr(turns[0], "text", "").lower()
    why = "There must be something long to listen to: ask for a story first."
    yield Trial("asks for a story", "", str(story), story, why, hidden=True)


def _results(*waits: float | None) -> list[Any]:
    """A run for each wait, of which nothing was kept but that."""
    from rtkit.evals import Result

    return [
        Result(f"caller {n}", "default", 0, n, scores={"response_ms": wait})
        for n, wait in enumerate(waits)
    ]


def _shares() -> Sequence[Case]:
    some = _results(400.0, 600.0, 800.0, 1000.0)
    return (
        Case((some, 700), 0.5, "Two of four waits are at most 700 ms.", what="4 turns, 700 ms"),
        Case((some, 300), 0.0, "None of them is that quick.", what="4 turns, 300 ms"),
        Case((some, 800), 0.75, "*Within* 800 ms has 800 ms in it.", what="4 turns, 800 ms"),
        Case(
            (_results(400.0, None, 900.0, None), 500),
            0.5,
            "Of the *answered* turns: one without an answer has no wait, and does not count.",
            hidden=True,
            what="4 turns, 2 of them answered",
        ),
    )


EXERCISES = (
    Exercise(
        "13.1",
        "How many calls",
        _calls,
        "`evals.rate(0, n).high` falls with n. Look for where it crosses 0.05.",
    ),
    Exercise(
        "13.2",
        "A listener",
        _listener,
        "`rtkit.evals.Backchannel(at_ms=...)` stands in the list after the `Say`.",
    ),
    Exercise(
        "13.3",
        "A score of your own",
        function("in_time", _shares),
        "`evals.latencies(results)` is a list of waits in ms, of answered turns only.",
    ),
)

QUESTIONS = (
    ask(
        "Twenty scores are compared, and one is *surely better*. Is it?",
        no("Yes, that is what *surely* means", "One in twenty is called sure by chance."),
        yes("Perhaps: run again with other callers", "Or choose the score before you look."),
        no("No, one of twenty never is", "It may be; these runs cannot tell."),
    ),
    ask(
        "One caller, run a hundred times, was never interrupted. Is the rate below 4 %?",
        yes("For that caller", "Repeats show what varies between runs, not between people."),
        no("For everybody", "Other people pause in other ways: other callers are needed."),
        no("For nobody", "For this one a hundred runs do say something."),
    ),
    ask(
        "A comparison says *not shown*. What do you do?",
        no("Take the cheaper setting: they are equal", "Not shown is not the same as equal."),
        no("Take the one with the better mean", "That is what was not shown."),
        yes("Measure more, if it matters", "More callers make the interval narrower."),
    ),
)
