"""What goes on in the process that listens, without the process."""

import io
import json

import numpy as np
import pytest
from test_recognition import pcm16k

from rtkit.speech.booth import Booth, Order, evidence_from, message, read_message

GRAMMAR = "#JSGF V1.0;\ngrammar g;\npublic <g> = tell me a story | what time is it ;\n"


class Answers(io.BytesIO):
    """A pipe in memory."""

    def lines(self):
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def keys(self, kind):
        return [line["key"] for line in self.lines() if kind in line]


@pytest.fixture
def sink():
    return Answers()


@pytest.fixture
def booth(sink):
    made = Booth(sink)
    made.order(Order.GRAMMAR, 1, GRAMMAR.encode())
    return made


def say(booth, key, sound, stop=True):
    booth.order(Order.BEGIN, key, (1).to_bytes(4, "little"))
    booth.order(Order.SOUND, key, sound.astype("<i2").tobytes())
    if stop:
        booth.order(Order.STOP, key, b"")


def work(booth, until):
    for _ in range(5000):
        if until():
            return
        booth.work_once()
    raise AssertionError("there is no end of it")


def test_a_message_is_read_as_it_was_written_and_a_half_one_is_the_end():
    whole = message(Order.SOUND, 70_000, b"abc")
    assert read_message(io.BytesIO(whole)) == (Order.SOUND, 70_000, b"abc")
    for cut in (0, 3, len(whole) - 1):
        assert read_message(io.BytesIO(whole[:cut])) is None


def test_an_utterance_is_heard_with_guesses_before_its_end(booth, sink):
    say(booth, 7, pcm16k("tell me a story"))
    work(booth, lambda: sink.keys("evidence"))
    *guesses, last = sink.lines()
    evidence = evidence_from(last["evidence"])
    assert (evidence.text, evidence.whole) == ("tell me a story", True)
    assert any(line["partial"] for line in guesses)


def test_one_with_a_long_recording_does_not_keep_the_others_waiting(booth, sink):
    sound = pcm16k("what time is it")
    booth.order(Order.WARM, 1, (2).to_bytes(4, "little"))
    say(booth, 7, np.concatenate([sound] * 5), stop=False)
    say(booth, 8, sound)
    booth.order(Order.STOP, 7, b"")
    work(booth, lambda: len(sink.keys("evidence")) == 2)
    assert sink.keys("evidence") == [8, 7]
    assert sink.keys("ready") == [1]


def test_who_has_ended_goes_before_those_who_speak(booth, sink):
    sound = pcm16k("what time is it")
    say(booth, 7, sound, stop=False)
    say(booth, 8, sound)
    work(booth, lambda: sink.keys("evidence"))
    assert len(booth._desks[7].steps) > len(sound) / 320 - 5


def test_what_is_forgotten_is_not_heard_to_its_end(booth, sink):
    say(booth, 7, pcm16k("tell me a story"), stop=False)
    booth.work_once()
    booth.order(Order.FORGET, 7, b"")
    say(booth, 8, np.zeros(3200, np.int16))
    work(booth, lambda: sink.keys("evidence"))
    assert sink.keys("evidence") == [8]
    assert list(booth._desks) == []


def test_a_grammar_that_cannot_be_heard_is_an_error_of_its_utterance(booth, sink):
    booth.order(Order.BEGIN, 7, (99).to_bytes(4, "little"))
    booth.order(Order.STOP, 7, b"")
    booth.work_once()
    booth.work_once()
    assert [line["key"] for line in sink.lines()] == [7]
    assert "KeyError" in sink.lines()[0]["error"]
