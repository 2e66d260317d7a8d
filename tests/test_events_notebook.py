"""Notebook 06 by what can be said of it without running it: its measure, and its solutions.

That it runs, and prints what it prints, is seen by nbval.
"""

import pytest
from helpers import Story, talk
from lessonbook import Lesson

from rtkit.turns import read_turns

LESSON = Lesson("06_events")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=6)


def test_the_first_solution_measures_from_the_end_of_speech_to_the_first_sound():
    timeline = talk()
    wait = LESSON.solutions[0]["first_sound"](timeline)
    assert wait == pytest.approx(read_turns(timeline)[0].latency.response_ms / 1000)


def test_the_second_solution_puts_every_answer_together():
    timeline = talk()
    spoken = {turn.response_id: turn.answer for turn in read_turns(timeline) if turn.audio}
    assert len(spoken) == 3
    found = {id_: words.strip() for id_, words in LESSON.solutions[1]["answers"](timeline).items()}
    assert found == spoken


def test_the_third_solution_follows_the_event_id_to_the_item():
    story = Story().open()
    for number, item_id in enumerate(("item_1", "item_2", "item_3")):
        story.send("conversation.item.delete", item_id=item_id, event_id=f"event_c{number}")
    story.hear("error", error={"type": "invalid_request_error", "event_id": "event_c1"})
    assert LESSON.solutions[2]["blamed"](story.timeline) == "item_2"
