"""Notebook 07 by what can be said of it without running it: its measure, and its solutions.

That it runs, and prints what it prints, is seen by nbval.
"""

import pytest
from helpers import Story
from lessonbook import Lesson

from rtkit.formats import AudioFormat
from rtkit.interruption import Speaking

LESSON = Lesson("07_conversation")
PCM_MS = 48  # bytes of 24 kHz PCM16


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=8)


@pytest.mark.parametrize("played_ms", [0, 0.4, 1, 900.7, 1999.9, 2040])
def test_the_first_solution_cuts_where_the_client_cuts(played_ms):
    speaking = Speaking()
    event = {"item_id": "item", "response_id": "resp", "content_index": 0}
    speaking.hear(event, bytes(2000 * PCM_MS), AudioFormat.PCM16)
    cut = speaking.cut("item", played_ms)
    assert LESSON.solutions[0]["cut_at"](played_ms, 2000) == (cut and cut["audio_end_ms"])


@pytest.mark.parametrize(
    ("types", "open_"),
    [
        ([], True),
        (["playback.started"], False),
        (["playback.started", "playback.position", "turn.started"], False),
        (["playback.started", "playback.finished", "turn.started"], True),
        (["playback.started", "playback.flushed", "playback.started"], False),
    ],
)
def test_the_second_solution_opens_the_microphone_while_nothing_is_played(types, open_):
    assert LESSON.solutions[1]["may_send"](types) is open_


def test_the_third_solution_counts_what_was_received_beyond_the_cut():
    story = Story().open()
    whole = story.answer("Paris.", 1.0)
    cut, _ = story.interrupted_answer("one two three", samples=8.0, heard_s=2.0)
    wasted = LESSON.solutions[2]["wasted_ms"]
    assert wasted(story.timeline, whole) == 0
    assert wasted(story.timeline, cut) == pytest.approx(6000)
