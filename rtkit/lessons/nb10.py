"""Exercises and questions of notebook 10, latency."""

from __future__ import annotations

from dataclasses import replace

from rtkit.latency import LEADING_SILENCE, MEANING, SILENCE_WAIT, Latency

from .exercise import Case, Exercise, function
from .questionnaire import ask, no, yes

ANSWERED = Latency(response_created=2.61, first_token=2.65, first_audio=2.66, playable=2.66)
SPOKEN = replace(ANSWERED, speech_end=2.0, turn_detected=2.6, committed=2.6)
WAITS = (
    Case(
        (replace(SPOKEN, playback_started=2.67),),
        670.0,
        "It begins when the speech ends, not when the server notices; and a second has 1000 ms.",
        what="spoken, and played",
    ),
    Case(
        (replace(SPOKEN, playback_started=2.67, audible=2.72),),
        720.0,
        "Here somebody looked into the sound: what plays before `audible` is silence.",
        what="spoken, 50 ms of silence",
    ),
    Case(
        (replace(ANSWERED, asked=2.5, committed=2.55),),
        160.0,
        "Nobody spoke: it begins when the question was `asked`, and nothing was played.",
        what="typed, not played",
    ),
    Case(
        (replace(SPOKEN, speech_end=None),),
        None,
        "Neither `speech_end` nor `asked` is known: there is nothing to measure from.",
        what="sent faster than speech",
    ),
    Case(
        (replace(SPOKEN, speech_end=0.0),),
        2660.0,
        "0.0 is an instant too: compare with `None`, not with what counts as false.",
        hidden=True,
        what="spoken up to second 0",
    ),
)


def _stages(start: float, **ms: float) -> list[tuple[str, float, float]]:
    """Stages one behind the other, by their last instants."""
    found, names = [], {"turn_detected": SILENCE_WAIT, "audible": LEADING_SILENCE}
    for name, length in ms.items():
        end = start + length / 1000
        found.append((names.get(name, MEANING[name]), start, end))
        start = end
    return found


USUAL = {"turn_detected": 600.0, "response_created": 5.0, "first_token": 40.0, "audible": 13.0}
GROWN = (
    Case(
        (_stages(2.0, **USUAL), _stages(9.0, **USUAL | {"first_token": 340.0})),
        MEANING["first_token"],
        "Which stage *grew* most, not which is longest: compare each with itself, by its length.",
        what="thinking 300 ms late",
    ),
    Case(
        (_stages(2.0, **USUAL), _stages(3.0, **USUAL | {"response_created": 255.0})),
        MEANING["response_created"],
        "All that come behind it end later as well; only this one takes longer.",
        what="the response 250 ms late",
    ),
    Case(
        (
            _stages(0.0, **USUAL),
            _stages(0.0, **{**USUAL, "turn_detected": 100.0, "audible": 213.0}),
        ),
        LEADING_SILENCE,
        "It grew by 200 ms, though the whole became shorter.",
        hidden=True,
        what="a shorter silence, a slow voice",
    ),
    Case(
        (
            _stages(0.0, turn_detected=600.0, first_token=40.0),
            _stages(0.0, turn_detected=620.0, tool_returned=350.0, first_token=45.0),
        ),
        MEANING["tool_returned"],
        "A stage that was not there before took 0 ms then.",
        hidden=True,
        what="with a tool",
    ),
)

TURNS = (
    Case((95,), 20, "5 of 100 lie beyond p95: of how many is that one?"),
    Case((99,), 100, "1 of 100 lies beyond p99."),
    Case((90,), 10, "10 of 100 lie beyond p90: of how many is that one?"),
    Case((50,), 2, "One on either side of the median."),
    Case((98,), 50, "2 of 100 lie beyond p98: of how many is that one?", hidden=True),
    Case((5,), 20, "Below p5 lie as few as above p95: the smaller side counts.", hidden=True),
    Case(
        (99.9,),
        1000,
        "100 - 99.9 is a little less than 0.1 in a computer: round to a whole number.",
        hidden=True,
    ),
)

EXERCISES = (
    Exercise(
        "10.1",
        "The wait by hand",
        function("wait", WAITS, within=0.01),
        "Two choices: where it begins (`speech_end`, else `asked`), and where it ends (`audible`, "
        "else `first_sound`).",
    ),
    Exercise(
        "10.2",
        "The stage that grew",
        function("late_stage", GROWN),
        "A dict of the lengths of `usual` by stage; then the largest difference in `slow`.",
    ),
    Exercise(
        "10.3",
        "Turns for a percentile",
        function("needed", TURNS),
        "How many of a hundred lie on its smaller side, and of how many turns is that one?",
    ),
)

QUESTIONS = (
    ask(
        "Somebody says: our assistant has a latency of 300 ms. What do you ask first?",
        no("On which machine?", "That matters, once you know what was measured."),
        yes("From which instant to which?", "The silence wait alone can be more than that."),
        no("Was it the mean or the median?", "Good to know, once you know of which difference."),
    ),
    ask(
        "Of twenty turns one stalled for three seconds. Which of these is a wait nobody had?",
        yes("The mean", "It lies between the nineteen and the one, where there was no turn."),
        no("The median", "Half of the turns were about as long."),
        no("The largest", "One person did wait that, and remembers it."),
    ),
    ask(
        "Medians of two settings: 610 ms (560 to 660) and 640 ms (590 to 700). What do you say?",
        no("The first is faster", "A difference of 30 ms between intervals of 100 may be chance."),
        no("They are equally fast", "That is not known either: they may differ by 100 ms."),
        yes("Too few turns to tell", "More turns make the intervals narrower, until they part."),
    ),
)
