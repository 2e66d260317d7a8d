"""The state as a word, and the lines, told moment by moment."""

import pytest

from rtkit.moments import Moment
from rtkit.widgets.screen import Screen

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


HELD = [
    ("local", {"type": "microphone.opened"}, "listening"),
    ("local", {"type": "turn.started"}, "hearing"),
    ("local", {"type": "turn.ended"}, "thinking"),
    ("local", {"type": "turn.dropped", "ms": 20}, "listening"),
    ("local", {"type": "turn.started"}, "hearing"),
    ("local", {"type": "turn.ended"}, "thinking"),
    ("server", {"type": "response.created"}, "thinking"),
    ("server", {"type": "response.done"}, "listening"),
]
LOST = [
    ("local", {"type": "microphone.opened"}, "listening"),
    ("local", {"type": "reconnecting", "attempt": 1}, "reconnecting"),
    ("local", {"type": "reconnected"}, "listening"),
]


@pytest.mark.parametrize("told", [HELD, LOST])
def test_a_button_that_is_held_and_a_connection_that_is_lost_have_their_words(told):
    got, wanted = zip(*words(told), strict=True)
    assert got == wanted


def test_the_turn_detection_before_manual_turns_is_remembered():
    seen = Screen()
    for turns in ({"type": "semantic_vad"}, None):
        session = {"audio": {"input": {"turn_detection": turns}}}
        seen.take(Moment(0.0, "server", {"type": "session.updated", "session": session}))
    assert (seen.turns, seen.last_turns) == (None, {"type": "semantic_vad"})


def test_the_voice_counts_as_heard_from_the_first_sound():
    seen = Screen()
    assert not seen.voiced
    seen.take(Moment(0.0, "server", {"type": "response.output_audio.delta", "item_id": "a"}))
    assert seen.voiced
