"""Notebook 14: what it says of the lesson's manager, of pauses and of percentiles is so."""

import numpy as np
from lessonbook import Lesson

import rtkit
from rtkit import lessons

BOOK = Lesson("14_capstone")


def test_the_lessons_dict_is_refused_and_the_linter_tells_every_reason():
    names = {}
    exec(BOOK.code[1].source, names)
    found = rtkit.lint(names["lesson"])
    assert not found.ok
    paths = {one.path.removeprefix("session.") for one in found}
    assert {"voice", "input_audio_format", "turn_detection", "temperature"} <= paths
    with rtkit.connect(record=False) as session:
        session.send({"type": "session.update", "session": names["lesson"]})
        message = session.wait_for("error").event["error"]["message"]
    assert BOOK.printed(f"{message}\n") == 1


def test_the_pause_makes_two_turns_of_one_with_the_short_silence_only():
    assert BOOK.printed("[2, 1]\n") == 1


def test_what_the_lesson_calls_p95_is_the_mean_which_nobody_waited():
    waited = [200] * 18 + [5000]
    assert BOOK.printed(f"{np.mean(waited):.0f} ms\n") == 1
    assert not any(abs(wait - np.mean(waited)) < 100 for wait in waited)


def test_a_builder_and_a_talk_of_a_learner_work_together():
    builder, talk = BOOK.solved("14.4"), BOOK.solved("14.6")
    config = builder().for_use_case("phone").with_voice("ash").build()
    turns, pairs = talk(config, [rtkit.say("What is the capital of Italy?")])
    assert "Rome" in turns[0].answer
    assert "italy" in turns[0].question.lower()  # the builder asked for a transcription
    assert turns[0].audio.rate == 8000
    assert len(pairs) == 1
    summary = BOOK.solved("14.5")(pairs)
    assert (summary["turns"], summary["p95_ms"]) == (1, None)


def test_the_message_of_a_builder_that_gives_itself_away_says_copy():
    class Shared:
        session = {"type": "realtime", "audio": {"input": {}, "output": {}}}  # noqa: RUF012

        def for_use_case(self, name):
            return self

        with_voice = for_use_case

        def build(self):
            return self.session

    assert not lessons.check("14.4", Shared).passed
