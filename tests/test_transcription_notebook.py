"""Notebook 08: its measure, and what it claims of transcripts, on a real server."""

import pytest
from helpers import Story
from lessonbook import Lesson

import rtkit
from rtkit.lessons import nb08
from rtkit.questions import confidence
from rtkit.transcript import SURE, read_transcript

LESSON = Lesson("08_transcription")
TOLD = " ".join(cell.source for cell in LESSON.prose)


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=4)


@pytest.mark.parametrize("case", nb08.CONFIDENCES, ids=lambda case: case.what)
def test_the_first_solution_reckons_as_rtkit_does(case):
    (logprobs,) = case.given
    assert LESSON.solved("08.1")(logprobs) == pytest.approx(confidence(logprobs))


def test_a_line_is_marked_where_the_notebook_says():
    assert f"below {SURE}" in TOLD


def test_the_second_solution_reads_a_timeline_as_the_transcript_does():
    story = Story().open()
    item_id = story.speak(1.0)
    where = {"item_id": item_id, "content_index": 0}
    for piece in ("what", " is", " it"):
        story.hear(nb08.DELTA, delta=piece, **where)
    told = [dict(m.event) for m in story.timeline.select("*input_audio_transcription*")]
    assert LESSON.solved("08.2")(told, item_id) == "what is it"
    assert read_transcript(story.timeline)[0].text == "what is it"


def test_an_answer_needs_no_transcript():
    silent = rtkit.RealtimeConfigBuilder().with_transcription(enabled=False).build()
    with rtkit.connect(silent, record=False) as session:
        turn = session.ask(rtkit.say("What is the capital of France?"), pace=None)
    assert not session.timeline.select("*input_audio_transcription*")
    assert "Paris" in turn.answer


def test_without_the_wish_no_confidence_is_told():
    plain = rtkit.RealtimeConfigBuilder().with_transcription(logprobs=False).build()
    with rtkit.connect(plain, record=False) as session:
        turn = session.ask(rtkit.say("Count to five."), pace=None)
    assert (turn.question, turn.question_confidence) == ("count to five", None)
