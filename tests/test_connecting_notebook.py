"""Notebook 05 by what can be said of it without running it: its measure, and its solutions.

That it runs, and prints what it prints, is seen by nbval.
"""

import pytest
from lessonbook import Lesson

from rtkit.retries import AGAIN

LESSON = Lesson("05_connecting")
DONE = {"type": "response.done", "response": {"status": "completed"}}
CUT = {"type": "response.done", "response": {"status": "cancelled"}}
DELTA = {"type": "response.output_text.delta", "delta": "Paris"}


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=5)


def test_the_first_solution_tries_again_where_the_client_does():
    retry = LESSON.solutions[0]["retry"]
    assert {code for code, again in retry.items() if again} == set(AGAIN) & set(retry)


@pytest.mark.parametrize(
    ("messages", "verdict"),
    [([DELTA, DONE], True), ([DELTA], False), ([DELTA, CUT], False), ([DONE, DELTA], False)],
)
def test_the_second_solution_tells_a_whole_answer_from_a_part(messages, verdict):
    assert LESSON.solutions[1]["whole"](messages) is verdict


@pytest.mark.parametrize(("now", "verdict"), [(0, True), (970, True), (971, False), (1001, False)])
def test_the_third_solution_keeps_thirty_seconds(now, verdict):
    assert LESSON.solutions[2]["good_enough"]({"expires_at": 1000}, now) is verdict
