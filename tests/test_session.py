"""Sessions in any cell, interruption, and the embedded server with real ears and a real voice."""

import asyncio
import threading
import time

import pytest
import scripted
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import DICT, KEY, LONG, TONE, Peer, opened, speaking

import rtkit
from rtkit import events
from rtkit.audio import AudioFormat
from rtkit.errors import (
    SessionError,
)
from rtkit.session import connect, connect_async

pytestmark = pytest.mark.usefixtures("own_recordings")


def no_errors(session):
    return [m.event for m in session.timeline if m.type == "error"] == []


def test_the_answer_that_plays_is_truncated_to_what_was_played():
    with Peer({"response.create": speaking(ms=LONG)}) as peer, opened(peer) as session:
        session.ask("a long story")
        session.wait_for("playback.started")
        time.sleep(0.1)
        session.interrupt()
        truncated = session.wait_for("conversation.item.truncated").event["audio_end_ms"]
        [flushed] = [m for m in session.timeline if m.type == "playback.flushed"]
        assert 50 < truncated < LONG
        assert truncated == int(flushed.event["played_ms"])
        assert "response.cancel" not in peer.types()


def test_speaking_over_the_answer_truncates_it_when_barging_in():
    with Peer({"response.create": speaking(ms=5000)}) as peer, opened(peer) as session:
        session.ask("a long story")
        session.ask(TONE, barge_in=True)
        assert "conversation.item.truncate" in peer.types()


def test_a_player_of_ones_own_gets_pcm16_whatever_the_wire_carries():
    class Ear:
        def __init__(self):
            self.pcm, self.finished = b"", threading.Event()

        def attach(self, report):
            self.report = report

        def play(self, item_id, pcm):
            self.pcm += pcm

        def finish(self, item_id):
            self.finished.set()

        async def flush(self):
            return []

    ear, config = Ear(), {"audio": {"output": {"format": {"type": "audio/pcma"}}}}
    with Peer() as peer, opened(peer, config=config, player=ear) as session:
        session.ask("hello")
        assert ear.finished.wait(5)
    told = session.timeline.tracks["output"]
    assert told.format is AudioFormat.G711_ALAW
    assert len(ear.pcm) == pytest.approx(told.duration * 48000, abs=100)


def test_the_sync_session_works_while_a_loop_runs_in_the_callers_thread(peer):
    async def cell():
        with opened(peer) as session:
            return session.ask("hello").answer

    assert asyncio.run(cell()) == "Paris."


def test_the_async_session_works_in_the_callers_own_loop(peer):
    async def cell():
        async with connect_async(DICT, peer.url, record=False) as session:
            await session.update({"audio": {"output": {"voice": "sage"}}})
            session.send({"type": "response.create"})
            await session.wait_for("response.done")
            first, second = await asyncio.gather(session.ask("a"), session.ask("b"))
            return [first.answer, second.answer, session.effective["audio"]["output"]["voice"]]

    assert asyncio.run(cell()) == ["Paris.", "Paris.", "sage"]


def test_an_async_session_can_be_awaited_and_cancelled(peer):
    async def cell():
        session = await connect_async(DICT, peer.url, record=False)
        peer.answers["response.create"] = scripted.hang
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.ask("hello"), 0.1)
        peer.answers["response.create"] = scripted.create_response
        answer = (await session.ask("again")).answer
        await session.close()
        return answer, session.closed

    assert asyncio.run(cell()) == ("Paris.", True)


def test_the_embedded_server_answers_a_text_in_words_and_sound(embedded):
    turn = embedded.ask("What is the capital of France?")
    assert "Paris" in turn.answer
    assert turn.audio.duration > 0.5
    assert turn.audio.level_dbfs > -40
    assert no_errors(embedded)


def test_the_embedded_server_hears_a_spoken_question_in_real_time(embedded):
    began = len(embedded.turns)
    clip = rtkit.say("What is the capital of France?")
    turn = embedded.ask(clip)
    assert turn.question.startswith("what is the")
    assert turn.answer
    assert len(embedded.turns) == began + 1
    [ended] = [m for m in embedded.timeline if m.type == "input.ended"]
    assert turn.latency.speech_end == pytest.approx(ended.event["end_of_speech_t"])
    assert turn.latency.first_audio > turn.latency.committed > turn.latency.speech_end + 0.3
    assert no_errors(embedded)


def test_the_embedded_server_hears_a_clip_that_is_sent_at_once(embedded):
    turn = embedded.ask(rtkit.say("What is the capital of France?"), pace=None)
    assert turn.question.startswith("what is the")
    assert turn.answer


def test_a_spoken_question_interrupts_a_long_answer_of_the_embedded_server(embedded):
    story = threading.Thread(target=embedded.ask, args=("Tell me a story.",))
    story.start()
    embedded.wait_for("playback.started")
    turn = embedded.ask(rtkit.say("What is the capital of France?"), barge_in=True)
    story.join(10)
    assert turn.answer
    told = embedded.turns[-2]
    assert told.interrupted
    assert told.heard is not None
    assert len(told.heard) < len(told.answer)
    assert no_errors(embedded)


@given(st.lists(st.floats(0, 0.15), min_size=1, max_size=3))
@settings(max_examples=6, deadline=None)
def test_whenever_it_is_interrupted_the_embedded_server_has_nothing_to_complain_of(waits):
    with connect(target="embedded", record=False) as session:
        for wait in waits:
            session.send(events.user_text("Tell me a story."))
            session.send(events.create_response())
            session.wait_for("playback.started")
            time.sleep(wait)
            session.interrupt()
            session.wait_for("response.done")
        session.ask("hello")
        sent = {m.event["item_id"]: m for m in session.timeline if "truncate" in m.type}
        for item_id, moment in sent.items():
            played = [
                m.event["played_ms"]
                for m in session.timeline
                if m.type == "playback.flushed" and m.event["item_id"] == item_id
            ]
            assert abs(moment.event["audio_end_ms"] - max(played)) <= 20
        assert no_errors(session)


def test_a_configuration_reaches_the_embedded_server_or_is_refused_with_its_words(embedded):
    embedded.update({"instructions": "Be brief."})
    assert embedded.effective["instructions"] == "Be brief."
    with pytest.raises(SessionError, match="nobody"):
        embedded.update({"audio": {"output": {"voice": "nobody"}}})
    with pytest.raises(SessionError, match="Unknown parameter"):
        connect({"temperature": 0.8}, record=False)


def test_a_response_that_is_asked_for_at_once_does_not_wait_and_is_refused():
    with connect(record=False) as session:
        session.send(events.user_text("Tell me a long story."))
        session.send(events.create_response())
        key = session.send(events.create_response(), at_once=True)
        error = session.wait_for("error").event["error"]
        assert error["code"] == "conversation_already_has_active_response"
        assert error["event_id"] == key
        session.interrupt()
        assert session.ask("What is two plus two?").answer == "Two plus two is four."


def test_a_key_in_the_environment_opens_the_embedded_server_and_no_other(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with connect(record=False) as session:
        assert session.target.name == "embedded"
        assert KEY not in str(list(session.timeline))
