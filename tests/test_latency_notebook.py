"""Notebook 10 by what can be said of it without running it: its measure, and its solutions."""

import pytest
from helpers import Story
from lessonbook import Lesson

from rtkit.latency import Latency, measure
from rtkit.percentiles import needed

LESSON = Lesson("10_latency")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound_and_every_exercise_begins_unsolved():
    LESSON.check_outputs(pictures=7)


def test_the_first_solution_measures_spoken_and_typed_turns_as_rtkit_does():
    wait = LESSON.solutions[0]["wait"]
    story = Story().open()
    story.speak(1.0)
    story.answer("Paris.", 1.0)
    story.type("And of Peru?")
    story.answer("Lima.", 1.0)
    spoken, typed = measure(story.timeline)
    assert wait(spoken) == pytest.approx(spoken.wait_ms)
    assert wait(typed) == pytest.approx(typed.wait_ms)


@pytest.mark.parametrize("late", [0, 1, 2])
def test_the_second_solution_finds_the_stage_that_grew_however_long_it_was(late):
    steps = [0.5, 0.01, 0.2]
    usual, slow = (
        Latency(
            speech_end=0.0,
            turn_detected=steps[0] + more[0],
            committed=sum(steps[:2]) + sum(more[:2]),
            response_created=sum(steps) + sum(more),
        ).stages()
        for more in ([0.0] * 3, [0.3 * (n == late) for n in range(3)])
    )
    assert LESSON.solutions[1]["late_stage"](usual, slow) == usual[late][0]


@pytest.mark.parametrize("p", [50, 75, 90, 95, 98, 99])
def test_the_third_solution_needs_as_many_turns_as_rtkit(p):
    assert LESSON.solutions[2]["needed"](p) == needed(p)
