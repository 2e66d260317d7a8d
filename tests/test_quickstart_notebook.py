"""Notebook 00: its measure, and what its exercises claim of pauses and waits."""

import pytest
from helpers import Story
from lessonbook import Lesson

import rtkit
from rtkit.lessons import nb00
from rtkit.turns import read_turns

LESSON = Lesson("00_quickstart")


def test_it_keeps_the_measure_of_a_lesson():
    LESSON.check_measure()


def test_it_shows_pictures_and_sound():
    LESSON.check_outputs(pictures=6)


@pytest.mark.parametrize(("silence_ms", "turns"), [(300, 2), (500, 1)])
def test_the_server_finds_the_turns_that_the_exercise_foretells(silence_ms, turns):
    question = nb00.QUESTIONS_WITH_A_PAUSE[0]
    detection = {"type": "server_vad", "silence_duration_ms": silence_ms, "create_response": False}
    vad = {"audio": {"input": {"turn_detection": detection}}}
    with rtkit.connect(vad, record=False) as session:
        session.append(nb00.halting(*question).clip.to_pcm16())
        for _ in range(turns):
            session.wait_for("input_audio_buffer.speech_stopped")
    assert len(session.timeline.select("*.speech_started")) == turns
    foretold = rtkit.segment(nb00.halting(*question), detection)
    assert len(foretold.segments) == turns


def test_the_second_solution_takes_the_silence_out_of_a_measured_wait():
    story = Story(silence_ms=300).open()
    story.speak(1.0)
    story.answer("Paris.", 1.0)
    (turn,) = read_turns(story.timeline)
    work = LESSON.solved("00.2")(turn.latency)
    assert work == pytest.approx(turn.latency.wait_ms - turn.latency.silence_ms)
    assert 0 < work < turn.latency.wait_ms - 250
