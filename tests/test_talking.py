"""Turns that are found or pressed on this side, against the real embedded server."""

import numpy as np
import pytest
from socketstory import Parrot, options

import rtkit
from rtkit.audio import AudioFormat, encode
from rtkit.config import RealtimeSessionConfig, VADMode
from rtkit.rules import violations
from rtkit.server.brain import Script

CLIENT = RealtimeSessionConfig(vad_mode=VADMode.CLIENT, silence_duration_ms=300)
MANUAL = RealtimeSessionConfig(vad_mode=VADMode.MANUAL)
LONG = "one two three four five six seven eight nine ten " * 8


@pytest.fixture(scope="module")
def question():
    return rtkit.say("What is the capital of France?")


def talking(config, *replies):
    server = options(Script(*(replies or ["Paris."])))
    return rtkit.connect(config, server=server, record=False)


def told(session, type_):
    return [moment.event for moment in session.timeline if moment.type == type_]


def order(session, *types):
    return [moment.type for moment in session.timeline if moment.type in types]


def test_the_client_hears_the_turn_commits_it_and_asks(question):
    with talking(CLIENT) as session:
        assert session.effective["audio"]["input"]["turn_detection"] is None
        turn = session.ask(question)
        assert (turn.question, turn.answer) == ("hello", "Paris.")
        assert order(
            session, "turn.started", "turn.ended", "input_audio_buffer.commit", "response.create"
        ) == ["turn.started", "turn.ended", "input_audio_buffer.commit", "response.create"]
        assert told(session, "error") == []
        assert violations(moment.event for moment in session.timeline) == []
        assert len(session.turns) == 1


def test_the_wait_is_measured_from_the_end_of_speech(question):
    with talking(CLIENT) as session:
        latency = session.ask(question).latency
        names = [stage[0] for stage in latency.stages()]
        assert latency.wait_ms > 300  # the silence that ends the turn
        assert 250 < latency.silence_ms < 500
        assert latency.response_ms < latency.wait_ms - 250
        assert names


def test_a_clip_at_once_has_its_turn_too(question):
    with talking(CLIENT) as session:
        assert session.ask(question, pace=None).answer == "Paris."
        assert told(session, "turn.ended")[0]["end_of_speech_t"] is None


def test_speech_over_the_answer_interrupts_it(question):
    with talking(CLIENT, LONG, "Yes?") as session:
        session.ask("Tell me a story.")
        turn = session.ask(question, barge_in=True)
        assert turn.answer == "Yes?"
        (cut,) = told(session, "conversation.item.truncate")
        assert 0 < cut["audio_end_ms"] < 60 * len(LONG.split())
        assert session.turns[0].interrupted
        assert told(session, "error") == []


def test_the_ears_move_in_and_out_with_the_configuration(question):
    with talking(RealtimeSessionConfig(silence_duration_ms=300)) as session:
        session.ask(question)
        assert told(session, "turn.ended") == []
        session.update(CLIENT)
        session.ask(question)
        assert len(told(session, "turn.ended")) == 1
        session.update(RealtimeSessionConfig(silence_duration_ms=300))
        session.ask(question)
        assert len(told(session, "turn.ended")) == 1
        assert len(session.turns) == 3


def test_push_to_talk():
    with talking(MANUAL) as session:
        session.press()
        session.append(encode(np.full(12_000, 0.2), AudioFormat.PCM16))
        session.release()
        session.wait_for("response.done")
        assert session.turns[-1].answer == "Paris."
        (committed,) = told(session, "input_audio_buffer.committed")
        assert committed


def test_a_button_pressed_over_an_answer_interrupts_it():
    with talking(MANUAL, LONG, "Yes?") as session:
        session.send(rtkit.events.user_text("story"))
        session.send({"type": "response.create"})
        session.wait_for("playback.started")
        session.press()
        session.wait_for("playback.flushed")
        session.append(encode(np.full(12_000, 0.2), AudioFormat.PCM16))
        session.release()
        session.wait_for("response.done")  # the one that was cancelled
        session.wait_for("response.done")
        assert session.turns[-1].answer == "Yes?"
        assert session.turns[0].interrupted


def test_a_button_that_was_only_touched_makes_no_turn():
    with talking(MANUAL) as session:
        session.press()
        session.append(encode(np.zeros(1200), AudioFormat.PCM16))  # 50 ms
        session.release()
        session.release()  # once more is nothing
        session.wait_for("input_audio_buffer.cleared")
        assert told(session, "turn.dropped") == [
            {"type": "turn.dropped", "ms": 50.0, "shortest_ms": 100}
        ]
        assert order(session, "input_audio_buffer.commit", "error") == []


def test_where_turns_are_heard_there_is_no_button():
    with talking(CLIENT) as session, pytest.raises(ValueError, match="found by client_vad"):
        session.press()
    with talking(None) as session, pytest.raises(ValueError, match="found by server_vad"):
        session.press()


def test_the_server_hears_the_same_sound_either_way(question):
    heard = []

    class Listener(Parrot):
        def feed(self, samples):
            super().feed(samples)
            heard[-1] += len(samples)

    for config in (CLIENT, RealtimeSessionConfig(silence_duration_ms=300)):
        heard.append(0)
        server = options(Script("Paris."), recogniser=lambda grammar: Listener())
        with rtkit.connect(config, server=server, record=False) as session:
            session.ask(question, pace=4.0)
    assert heard[0] == pytest.approx(heard[1], abs=1600)  # of 16 kHz: a tenth of a second
