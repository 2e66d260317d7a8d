"""Notebook 10 by what can be said of it without running it: its measure, and its solutions."""

import pytest
from helpers import Story
from lessonbook import Lesson

from rtkit.latency import measure
from rtkit.lessons.nb10 import TURNS, WAITS
from rtkit.percentiles import needed

LESSON = Lesson("10_latency")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
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


def test_what_the_first_exercise_asks_is_what_rtkit_measures():
    asked = [case.asked for case in WAITS]
    assert asked == [wait and pytest.approx(wait) for wait in (c.given[0].wait_ms for c in WAITS)]


@pytest.mark.parametrize("p", [case.given[0] for case in TURNS])
def test_the_third_solution_needs_as_many_turns_as_rtkit(p):
    assert LESSON.solutions[2]["needed"](p) == needed(p)
