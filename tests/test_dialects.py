"""Servers that speak almost the protocol: sessions with them, end to end on loopback."""

import time

import pytest
from foreign import LUMP, PEERS, WORDS, beta_peer, face_peer, xai_peer
from helpers import Story
from scripted import TONE, opened

from rtkit import events
from rtkit.dialects import (
    NAMES,
    audio_format,
    shape_of,
    transcription,
    turn_detection,
    usage_of,
)
from rtkit.errors import AudioError
from rtkit.formats import AudioFormat
from rtkit.testing import SESSION
from rtkit.turns import read_turns

both = pytest.mark.parametrize("name", PEERS)


def asked(name, *questions, **options):
    """The turns and the timeline of these questions."""
    with PEERS[name]() as peer, opened(peer, **options) as session:
        turns = [session.ask(question) for question in questions]
        assert [turn.response_id for turn in session.turns] == [turn.response_id for turn in turns]
        return turns, session


@both
def test_a_text_turn_works(name):
    [turn], session = asked(name, "hello")
    assert (turn.question, turn.answer, turn.status) == ("hello", "Paris.", "completed")
    assert turn.audio.duration == pytest.approx(0.06)
    assert [(line.speaker, line.text) for line in session.transcript] == [
        ("user", "hello"),
        ("assistant", "Paris."),
    ]


@both
def test_voice_turns_work_and_none_waits_longer_than_its_silence(name):
    began = time.monotonic()
    turns, session = asked(name, TONE + TONE + TONE, TONE)
    assert time.monotonic() - began < 3.0  # a turn whose end is not understood takes that alone
    assert [(turn.question, turn.answer) for turn in turns] == [(WORDS, "In Paris.")] * 2
    waits = [turn.latency.first_audio - turn.latency.speech_end for turn in turns]
    assert all(0.1 < wait < 1.0 for wait in waits)
    spoken = [line for line in session.transcript if line.speaker == "user"]
    assert spoken[0].start < spoken[0].end < spoken[1].start < spoken[1].end
    assert all(line.final for line in session.transcript)


@both
def test_a_clip_that_is_sent_at_once_is_answered(name):
    [turn], _ = asked(name, TONE)
    with PEERS[name]() as peer, opened(peer) as session:
        fast = session.ask(TONE, pace=None)
    assert (fast.question, fast.answer) == (turn.question, turn.answer)


@both
def test_nothing_of_it_is_an_error_and_every_event_is_on_the_timeline(name):
    _, session = asked(name, "hello", TONE)
    assert [moment for moment in session.timeline if moment.type == "error"] == []


@both
def test_an_answer_that_is_interrupted_is_cut_where_it_was_heard(name):
    async def long(voice, event):
        await voice.speak("one two three four", seconds=5)

    with PEERS[name](**{"response.create": long}) as peer, opened(peer) as session:
        session.ask("a story")
        session.wait_for("playback.started")
        time.sleep(0.2)
        session.interrupt()
        session.wait_for("playback.flushed")
        [turn] = session.turns
    assert turn.interrupted
    assert len(turn.heard) < len("one two three four")
    assert "conversation.item.truncate" in peer.types()


def test_the_usage_beside_the_response_is_counted_and_not_priced():
    [turn], session = asked("xai", "hello")
    assert [(line.direction, line.amount) for line in turn.cost.lines] == [
        ("input", LUMP["input_tokens"]),
        ("output", LUMP["output_tokens"]),
    ]
    assert turn.cost.usd is None
    assert session.cost.unpriced == ("grok-voice",)


def test_a_server_that_counts_no_tokens_has_a_bill_without_charges():
    [turn], _ = asked("beta", "hello")
    assert turn.cost.charges == ()


def test_a_server_that_names_no_cause_of_a_refusal_does_not_make_us_wait_for_ever():
    async def busy(voice, event):
        if not voice.active:
            voice.active = "resp_own"
            told = {"id": "resp_own", "status": "in_progress", "output": []}
            await voice.refuse("conversation_already_has_active_response", "busy")
            await voice.tell(events.RESPONSE_CREATED, response=told)
            await voice.end("resp_own")
        else:
            await voice.speak()

    async def once(voice, event):
        if not getattr(voice, "refused", False):
            voice.refused = True
            await busy(voice, event)
        else:
            await voice.speak()

    with face_peer(**{"response.create": once}) as peer, opened(peer) as session:
        with pytest.raises(Exception, match="busy"):
            session.ask("hello", timeout=5)
        assert session.ask("again", timeout=5).answer == "Paris."


def test_words_that_come_all_over_again_are_no_more_words():
    story = Story().open()
    item = story.speak(0.5)
    for words in ("where", "where is", "where is it"):
        name = "conversation.item.input_audio_transcription.updated"
        story.hear(name, item_id=item, transcript=words)
    assert read_turns(story.timeline)[0].question == "where is it"


def test_a_session_in_a_sound_that_we_have_none_for_is_told_and_goes_on():
    async def strange(voice, event):
        fine = voice.session
        rate = {"format": {"type": "audio/pcm", "rate": 16000}}
        await voice.tell(events.SESSION_UPDATED, session={**fine, "audio": {"input": rate}})

    with beta_peer(**{"session.update": strange}) as peer, opened(peer) as session:
        [told] = [m.event["message"] for m in session.timeline if m.type == "error"]
        assert "16000" in told
        assert session.ask("hello").answer == "Paris."


def test_events_that_nobody_knows_and_errors_of_another_shape_are_never_fatal():
    async def odd(voice, event):
        await voice.tell("transcription.delta", delta="a")
        await voice.tell("model_load_error", error="none")
        await voice.tell("error", error="a text, not an object")
        await voice.tell("session.updated")
        await voice.speak()

    with xai_peer(**{"response.create": odd}) as peer, opened(peer) as session:
        assert session.ask("hello").answer == "Paris."


def test_a_server_of_another_protocol_is_said_to_have_sent_no_greeting(monkeypatch):
    async def other(voice, event):
        await voice.tell("ready")

    monkeypatch.setattr("rtkit.link.HELLO_SECONDS", 0.2)
    with xai_peer(hello=other) as peer, pytest.raises(ConnectionError, match=r"session\.created"):
        opened(peer)


# ---- the tables


def test_each_name_of_the_beta_stands_for_an_event_of_ga():
    assert set(NAMES.values()) <= set(events.SERVER_EVENTS)


@pytest.mark.parametrize(
    ("session", "shape"),
    [
        (SESSION, "GA"),
        ({"modalities": ["text"], "voice": "a", "input_audio_format": "pcm16"}, "beta"),
        ({"audio": {}, "voice": "eve"}, "GA with voice at the top"),
        ({"voice": "eve"}, "voice at the top"),
        ({}, ""),
    ],
)
def test_the_shape_of_a_session_is_told(session, shape):
    assert shape_of(session) == shape


def test_the_parts_of_a_session_are_found_wherever_they_are():
    ga = {"audio": {"input": {"turn_detection": None, "transcription": {"model": "a"}}}}
    top = {"turn_detection": {"type": "server_vad"}, "audio": {"input": {}, "output": None}}
    none = {"turn_detection": {"type": None}, "input_audio_transcription": {"model": "b"}}
    assert turn_detection({**ga, "turn_detection": {"type": "server_vad"}}) is None
    assert turn_detection(top) == {"type": "server_vad"}
    assert turn_detection(none) is None
    assert [transcription(one) for one in (ga, none)] == [{"model": "a"}, {"model": "b"}]
    assert transcription(top) is None
    assert audio_format(top, "output") is AudioFormat.PCM16
    assert audio_format({"output_audio_format": "g711_alaw"}, "output") is AudioFormat.G711_ALAW
    told = {"format": {"type": "audio/pcm", "rate": 16000}}
    with pytest.raises(AudioError, match="16000"):
        audio_format({"audio": {"input": told}}, "input")


def test_the_usage_is_found_in_the_response_first():
    assert usage_of({"response": {"usage": {"a": 1}}, "usage": {"b": 2}}) == {"a": 1}
    assert usage_of({"response": {"usage": {}}, "usage": {"b": 2}}) == {"b": 2}
    assert usage_of({"response": None, "usage": 7}) == {}


@both
def test_a_connection_that_breaks_is_made_again_and_the_conversation_goes_on(name):
    calls = []

    async def drop_the_second(voice, event):
        calls.append(event)
        if len(calls) == 2:
            voice.drop()
        else:
            await voice.speak("Paris.")

    with PEERS[name](**{"response.create": drop_the_second}) as peer, opened(peer) as session:
        assert session.ask("hello").answer == "Paris."
        assert session.ask("again", timeout=15).answer == "Paris."
        assert [m.type for m in session.timeline if m.type == "reconnected"] == ["reconnected"]
