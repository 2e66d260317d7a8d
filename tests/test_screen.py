"""The state as a word, and the lines, told moment by moment."""

import doctest

import pytest

from rtkit.moments import Moment
from rtkit.transcript import Line
from rtkit.widgets import screen
from rtkit.widgets.screen import Screen, changed_from, row

TURN = [
    ("local", {"type": "microphone.opened"}, "listening"),
    ("server", {"type": "input_audio_buffer.speech_started"}, "hearing"),
    ("server", {"type": "input_audio_buffer.speech_stopped"}, "thinking"),
    ("server", {"type": "response.created"}, "thinking"),
    ("local", {"type": "playback.started", "item_id": "a"}, "speaking"),
    ("server", {"type": "response.done"}, "speaking"),
    ("local", {"type": "playback.finished", "item_id": "a", "played_ms": 1}, "listening"),
    ("local", {"type": "microphone.closed", "reason": "turned off"}, "ready"),
]
BARGE_IN = [
    ("local", {"type": "microphone.opened"}, "listening"),
    ("local", {"type": "playback.started", "item_id": "a"}, "speaking"),
    ("server", {"type": "input_audio_buffer.speech_started"}, "hearing"),
    ("local", {"type": "playback.flushed", "item_id": "a", "played_ms": 1}, "hearing"),
    ("server", {"type": "input_audio_buffer.speech_stopped"}, "thinking"),
    ("server", {"type": "error", "error": {}}, "listening"),
]


def test_the_end_of_a_session_is_known_until_it_breaks_and_anew_after_that():
    screen, ends = Screen(), []
    for source, event in (
        ("server", {"type": "session.created", "session": {"expires_at": 1000}}),
        ("server", {"type": "session.updated", "session": {"expires_at": 1000}}),
        ("local", {"type": "reconnecting"}),
        ("server", {"type": "session.created", "session": {"expires_at": 2000}}),
        ("local", {"type": "session.closed"}),
    ):
        screen.take(Moment(0.0, source, event))
        ends.append(screen.expires_at)
    assert ends == [1000, 1000, None, 2000, None]


BREAK = [
    ("local", {"type": "microphone.opened"}, "listening"),
    ("server", {"type": "response.created"}, "thinking"),
    ("local", {"type": "reconnecting"}, "listening"),
    ("local", {"type": "reconnected", "again": ["resp_1"]}, "thinking"),
    ("server", {"type": "response.created"}, "thinking"),
    ("server", {"type": "response.done"}, "listening"),
]


def words(told):
    seen = Screen()
    for t, (source, event, word) in enumerate(told):
        seen.take(Moment(float(t), source, event))
        yield seen.word, word


@pytest.mark.parametrize("told", [TURN, BARGE_IN, BREAK])
def test_the_word_follows_the_conversation(told):
    got, wanted = zip(*words(told), strict=True)
    assert got == wanted


@pytest.mark.parametrize("turns", [None, {"type": "server_vad", "create_response": False}])
def test_nobody_thinks_when_the_server_does_not_answer_by_itself(turns):
    session = {"audio": {"input": {"turn_detection": turns}}}
    told = [
        ("server", {"type": "session.updated", "session": session}, "ready"),
        ("server", {"type": "input_audio_buffer.speech_started"}, "hearing"),
        ("server", {"type": "input_audio_buffer.speech_stopped"}, "ready"),
    ]
    got, wanted = zip(*words(told), strict=True)
    assert got == wanted


def test_a_session_that_ends_leaves_nothing_behind():
    seen = Screen()
    seen.take(Moment(0.0, "local", {"type": "microphone.opened"}))
    seen.take(Moment(0.0, "local", {"type": "playback.started", "item_id": "a"}))
    seen.take(Moment(0.0, "local", {"type": "session.closed", "reason": "gone"}))
    assert seen.word == "ready"


def test_words_of_low_confidence_are_marked_with_their_figure():
    assert row(Line("user", "hello", "a", confidence=0.9))["unsure"] is None
    assert row(Line("user", "hello", "a", confidence=0.2))["unsure"].endswith("20%")


def test_speech_without_words_says_why():
    assert row(Line("user", "", "a", error="unintelligible"))["text"] == "(unintelligible)"


def test_only_rows_that_changed_are_sent():
    old = [{"text": "a"}, {"text": "b"}]
    assert changed_from(old, [{"text": "a"}, {"text": "b"}]) is None
    assert changed_from(old, [{"text": "a"}, {"text": "c"}]) == 1
    assert changed_from(old, [{"text": "a"}]) == 1
    assert doctest.testmod(screen).failed == 0
