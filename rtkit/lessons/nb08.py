"""Exercises and questions of notebook 08, transcription."""

from __future__ import annotations

import math
from typing import Any

from .exercise import Case, Exercise, function
from .questionnaire import ask, no, yes


def _tokens(*logprobs: float) -> tuple[list[dict[str, Any]]]:
    return ([{"token": "word", "logprob": one} for one in logprobs],)


MEAN = "The mean of the `logprob`s first, then `exp` of it."
CONFIDENCES = (
    Case(_tokens(-0.1, -0.1), math.exp(-0.1), MEAN, what="logprobs -0.1 and -0.1"),
    Case(
        _tokens(-0.1, -2.1),
        math.exp(-1.1),
        "One word of which it is unsure weighs as much as the sure one: " + MEAN,
        what="logprobs -0.1 and -2.1",
    ),
    Case(_tokens(), None, "Nothing was told, so nothing is known: None, not 0.", what="none"),
    Case(_tokens(0.0), 1.0, "A logprob of 0 is certainty.", hidden=True, what="logprob 0"),
    Case(
        _tokens(*[-0.2] * 30),
        math.exp(-0.2),
        "A long text is not less sure than a short one: the mean, not the sum.",
        hidden=True,
        what="30 times -0.2",
    ),
)

DELTA = "conversation.item.input_audio_transcription.delta"
DONE = "conversation.item.input_audio_transcription.completed"


def _piece(item_id: str, words: str) -> dict[str, Any]:
    return {"type": DELTA, "item_id": item_id, "delta": words}


def _whole(item_id: str, words: str) -> dict[str, Any]:
    return {"type": DONE, "item_id": item_id, "transcript": words}


SCREENS = (
    Case(
        ([_piece("a", "what"), _piece("a", " is"), _piece("a", " it")], "a"),
        "what is it",
        "A piece continues what came before, and brings its own space.",
        what="three pieces",
    ),
    Case(
        ([_piece("a", "one"), _piece("b", "six"), _piece("a", " two")], "a"),
        "one two",
        "Two people's items come mixed: look at the `item_id`.",
        what="pieces of two items",
    ),
    Case(
        ([_piece("a", "six"), _piece("a", " times"), _whole("a", "Six times.")], "a"),
        "Six times.",
        "The completed text takes the place of the pieces.",
        what="two pieces, then the whole",
    ),
    Case(
        ([_piece("a", "one"), _whole("b", "Two.")], "a"),
        "one",
        "It was another item that was completed.",
        hidden=True,
        what="another item's whole",
    ),
    Case(([_piece("a", "x")], "c"), "", "Nothing yet of this item.", hidden=True, what="nothing"),
)

DOUBTS = (
    Case(([("snow", 0.9), ("fell", 0.3)], 0.5), "snow [fell]", "0.3 is below 0.5."),
    Case(([("one", 0.5)], 0.5), "one", "Less sure than 0.5 is doubted; 0.5 itself is not."),
    Case(([("hello", None)], 0.5), "hello", "None is unknown, which is no doubt (and no number)."),
    Case(([("a", 0.1), ("b", 0.8)], 0.9), "[a] [b]", "The threshold is yours.", hidden=True),
    Case(([("well", 0.0)], 0.5), "[well]", "0 is a confidence, and a low one.", hidden=True),
)

EXERCISES = (
    Exercise(
        "08.1",
        "One number for a text",
        function("confidence", CONFIDENCES),
        "sum by len, then math.exp; and without any there is nothing to divide by.",
    ),
    Exercise(
        "08.2",
        "What the screen shows",
        function("so_far", SCREENS),
        "Walk through the events of this item: a delta is added, a transcript replaces.",
    ),
    Exercise(
        "08.3",
        "Showing doubt",
        function("doubtful", DOUBTS),
        "`sure is not None and sure < below`, for each word by itself.",
    ),
)

QUESTIONS = (
    ask(
        "The transcript says *Italy*, the answer is about *Ireland*. Who is wrong?",
        no("The answer: it did not follow the transcript", "It never read it: it heard sound."),
        no("The transcript: the answer shows what was said", "It may be, but so may the answer."),
        yes("Only the sound can tell", "Both are opinions of it, by two models. Keep it."),
    ),
    ask(
        "A confidence is None. What do you know?",
        no("That it is certainly wrong", "That would be 0."),
        yes("Nothing", "Nobody asked for log probabilities, or the model has none."),
        no("That it is certainly right", "That would be 1."),
    ),
    ask(
        "Captions show only the last word of each sentence. What happened?",
        yes("Pieces were taken for the whole", "Each delta continues the text; join them."),
        no("The recogniser is slow", "Then words would come late, not alone."),
        no("Confidence was too low", "Nothing is left out for that; it is only told."),
    ),
)
