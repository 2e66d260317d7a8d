"""Exercises and questions of notebook 01, why realtime."""

from __future__ import annotations

from .exercise import Case, Exercise, function
from .questionnaire import ask, no, yes

WAITS = (
    Case(
        (300, 400, [250, 250, 250], False),
        1450,
        "Posted: nothing is heard before the *last* sentence is made.",
    ),
    Case((300, 400, [250, 250, 250], True), 950, "Streamed: the first sentence is enough."),
    Case((100, 200, [500], False), 800, "One sentence has to be made as well."),
    Case((100, 200, [500], True), 800, "With one sentence both ways are the same.", hidden=True),
    Case(
        (0, 100, [900, 10, 10], True),
        1000,
        "It is the *first* one that counts, not the shortest or the mean.",
        hidden=True,
    ),
)

WORTH = (
    Case((500, 250), 4, "500 ms of silence are 2 sentences of 250, and a tie is not faster: 4."),
    Case((500, 200), 4, "Of 4 sentences 3 are made while the first is heard: 600 ms gained."),
    Case((100, 250), 2, "Two will do, if a sentence takes longer than the silence."),
    Case((0, 250), 2, "Without any silence to wait for: with one sentence it is a tie."),
    Case((1000, 250), 6, "A tie is not faster.", hidden=True),
    Case((700, 300), 4, "Count the sentences that are made *after* the first.", hidden=True),
)

EXERCISES = (
    Exercise(
        "01.1",
        "Posted or streamed",
        function("wait", WAITS),
        "Both ways recognise and think. Then: the first sentence, or the sum of all.",
    ),
    Exercise(
        "01.2",
        "Worth the silence",
        function("worth_it", WORTH),
        "What is posted waits for n sentences, the stream for silence and one. When is n larger?",
    ),
)

QUESTIONS = (
    ask(
        "What is gained by streaming the *answer*?",
        no("Its sentences are made faster", "Each takes as long as before."),
        yes("The first is heard while the others are made", "So the wait does not grow with it."),
        no("The silence is saved", "That is saved by a button, or by a shorter setting."),
    ),
    ask(
        "Somebody publishes *latency: 300 ms*. What do you ask first?",
        no("Which network it was", "A good question, but the number means nothing yet."),
        no("How many tokens it was", "Tokens are no milliseconds."),
        yes(
            "From what to what",
            "The end of speech, and the server's own decision, lie half a second apart.",
        ),
    ),
    ask(
        "Why can a posted recording not be interrupted?",
        yes("Nothing is heard until all of it is made", "There is nothing left to stop."),
        no("HTTP forbids it", "A request can be broken off; that saves nobody any time."),
        no("The model would not notice", "It is done before anybody hears a word."),
    ),
)
