"""Exercises and questions of notebook 13, evaluation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rtkit.evals.caller import Caller
from rtkit.evals.rates import LEAST, rate
from rtkit.evals.steps import Backchannel

from .exercise import Case, Exercise, Trial, function, short
from .questionnaire import ask, no, yes

MOST = 0.05

SHARES = (
    Case(([480.0, 520.0, 610.0, 950.0], 600), 0.5, "Two of four came within 600 ms."),
    Case(([480.0, 520.0, 610.0, 950.0], 520), 0.5, "520 ms is within 520 ms."),
    Case(([480.0, 520.0], 100), 0.0, "Nobody was answered so soon: a share of 0."),
    Case(([900.0], 2000), 1.0, "All of them is a share of 1, not of 100.", hidden=True),
)


def _enough(answer: Any) -> Iterable[Trial]:
    whole = isinstance(answer, int) and not isinstance(answer, bool)
    if not whole or answer <= LEAST:
        why = f"Hand over a whole number of calls, above {LEAST}."
        yield Trial("calls", "a whole number", short(answer), False, why)
        return
    high, before = rate(0, answer).high, rate(0, answer - 1).high
    what = f"0 of {answer}: at most"
    yield Trial(what, "below 5 %", f"{high:.2%}", high < MOST, "Too few: ask more callers.")
    what, why = f"0 of {answer - 1}: at most", "One call less would do as well: find the smallest."
    yield Trial(what, "5 % or more", f"{before:.2%}", before >= MOST, why)


def _listens(answer: Any) -> Iterable[Trial]:
    if not isinstance(answer, Caller):
        yield Trial("listener", "a Caller", short(answer), False, "Hand over a Caller.")
        return
    said = [step for step in answer.turns if isinstance(step, Backchannel)]
    why = "Nobody says mm-hmm yet: put a Backchannel after the question."
    yield Trial("says mm-hmm", "1 time", f"{len(said)} times", len(said) == 1, why)
    for step in said[:1]:
        why = "at_ms counts from the first sound of the answer."
        yield Trial("after", "700 ms", f"{step.at_ms:g} ms", step.at_ms == 700, why)
        goes_on = step.expect.not_interrupted
        why = "Expect(not_interrupted=True) is what a Backchannel expects if you say nothing else."
        yield Trial("expects that it goes on", "True", str(goes_on), goes_on, why)


EXERCISES = (
    Exercise(
        "13.1",
        "How many calls",
        _enough,
        "`evals.rate(0, n).high` falls with n. Look for where it crosses 0.05.",
    ),
    Exercise(
        "13.2",
        "A listener",
        _listens,
        "`Backchannel` is a step like `BargeIn`, and has an `at_ms`, too.",
    ),
    Exercise(
        "13.3",
        "A score of your own",
        function("in_time", SHARES),
        "Count the waits that are at most `ms`, and divide by how many there are.",
    ),
)

QUESTIONS = (
    ask(
        "Twenty scores are compared, and one is surely better. Is it?",
        no("Yes, the interval leaves out 0", "So does about one in twenty where nothing changed."),
        yes(
            "Perhaps: run again, and look at that one", "It was chosen after the look; now before."
        ),
        no("No, one of twenty is never true", "It may well be. It was not shown yet."),
    ),
    ask(
        "One caller, run a hundred times: none was interrupted. What is shown?",
        yes("That this caller is hardly ever interrupted", "Repeats vary the run, not the person."),
        no("That fewer than 4 % of callers are", "Other people pause elsewhere: ask others."),
        no("Nothing, callers have to differ", "Something is: whether this caller is flaky."),
    ),
    ask(
        "A difference of 30 ms is sure. Do you change the setting?",
        no("Yes, sure is sure", "Sure says that it is there, not that anybody notices."),
        no("No, 30 ms are noise", "They are not: the interval says so."),
        yes("Only if 30 ms are worth the price", "How large it is decides, once it is sure."),
    ),
)
