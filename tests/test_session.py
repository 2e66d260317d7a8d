"""Sessions against a scripted server on loopback, and against the embedded one."""

import asyncio
import base64
import logging
import signal
import socket
import threading
import time

import numpy as np
import pytest
import scripted
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import Peer

import rtkit
from rtkit import background, events
from rtkit.audio import AudioFormat, decode
from rtkit.clip import Clip
from rtkit.errors import (
    AudioError,
    SessionClosed,
    SessionError,
    TargetError,
    TurnTimeout,
)
from rtkit.session import connect, connect_async
from rtkit.timeline import Timeline
from rtkit.turns import read_turns

KEY = "sk-proj-0123456789abcdefghijABCDEFGHIJ"
TONE = Clip(0.3 * np.sin(2 * np.pi * 440 * np.arange(7200) / 24000), 24000)  # 0.3 s
LONG = 400  # ms of an answer that can be interrupted
DICT = {"audio": {"output": {"voice": "coral"}}}


@pytest.fixture(autouse=True)
def _recordings(tmp_path, monkeypatch):
    monkeypatch.setenv("RTKIT_RECORDINGS", str(tmp_path / "recordings"))
    monkeypatch.delenv("RTKIT_TARGET", raising=False)


@pytest.fixture
def peer():
    with Peer() as peer:
        yield peer


@pytest.fixture
def session(peer):
    with connect(DICT, peer.url, record=False) as session:
        yield session


def types(timeline):
    return [f"{moment.source} {moment.type}" for moment in timeline]


def opened(peer, **options):
    return connect(options.pop("config", DICT), peer.url, record=False, **options)


def speaking(**options):
    async def answer(voice, event):
        await voice.speak(**options)

    return answer


def press_control_c():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def refusing(code, message):
    async def answer(voice, event):
        await voice.refuse(code, message, event["event_id"])

    return answer


# connecting


def test_a_session_is_open_when_its_configuration_took_effect(session, peer):
    assert types(session.timeline)[:4] == [
        "local session.opened",
        "server session.created",
        "client session.update",
        "server session.updated",
    ]
    assert session.effective["audio"]["output"]["voice"] == "coral"
    assert session.id == "sess_scripted"
    assert peer.paths == ["/v1/realtime?model=gpt-realtime-2.1"]


def test_without_a_configuration_the_default_one_is_sent(peer):
    with connect(target=peer.url, record=False):
        assert peer.received[0]["session"]["type"] == "realtime"


def test_a_configuration_that_the_server_refuses_is_an_error_with_its_words():
    answers = {"session.update": refusing("unknown_parameter", "Unknown parameter: 'x'.")}
    with Peer(answers) as peer, pytest.raises(SessionError, match=r"Unknown parameter: 'x'\."):
        opened(peer)


def test_a_dead_server_is_named_with_what_to_do():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"ws://127.0.0.1:{free.getsockname()[1]}/v1/realtime"
    with pytest.raises(TargetError, match=rf"no server answers at {url} .*rtkit serve"):
        connect(target=url, record=False)


@pytest.mark.parametrize(("status", "remedy"), [(401, "api_key"), (404, "/v1/realtime"), (500, "")])
def test_a_refused_upgrade_says_its_status_and_what_to_do(status, remedy):
    with Peer(refuse=status) as peer, pytest.raises(TargetError, match=f"{status}.*{remedy}"):
        opened(peer)


def test_what_is_no_websocket_server_is_called_so():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            client, _ = server.accept()
            client.recv(4096)
            client.sendall(b"220 mail.example.org ESMTP\r\n")
            client.close()

        threading.Thread(target=answer).start()
        with pytest.raises(TargetError, match="not a WebSocket server"):
            connect(target=f"ws://127.0.0.1:{server.getsockname()[1]}", record=False)


def test_a_wrong_scheme_says_what_is_allowed():
    with pytest.raises(TargetError, match="Allowed"):
        connect(target="ftp://127.0.0.1", record=False)


@pytest.mark.parametrize(("code", "remedy"), [(3000, "api_key"), (4000, "model")])
def test_a_session_that_is_turned_away_tells_the_servers_reason_and_the_remedy(code, remedy):
    async def hello(voice, event):
        await voice.refuse("invalid", "You may not.")
        await voice.close(code, "invalid_request_error")

    with (
        Peer({"hello": hello}) as peer,
        pytest.raises(TargetError, match=rf"You may not\..*{remedy}"),
    ):
        opened(peer)


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr("rtkit.link.HELLO_SECONDS", 0.05)
    silent = {"hello": scripted.stall}
    with Peer(silent) as peer, pytest.raises(TargetError, match=r"no session\.created"):
        opened(peer)


def test_settings_of_the_embedded_server_do_not_go_with_another_target(peer):
    from rtkit.server.local import ServerOptions

    with pytest.raises(TargetError, match="settings of the embedded server"):
        connect(target=peer.url, server=ServerOptions())


# keys


def test_a_key_is_sent_in_its_header_and_seen_nowhere_else(tmp_path):
    async def betray(voice, event):
        await voice.refuse("invalid_api_key", f"Incorrect API key provided: {KEY}", None)
        await voice.close(3000, f"bad key {KEY}"[:100])

    with Peer({"response.create": betray}) as peer:
        session = connect(DICT, peer.url, api_key=KEY)
        with pytest.raises(SessionClosed) as caught:
            session.ask("hello")
        session.timeline.save(tmp_path / "talk.jsonl")
        session.close()
    assert peer.headers[0]["authorization"] == f"Bearer {KEY}"
    seen = f"{session!r} {session.target!r} {caught.value} {list(session.timeline)}"
    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert "Incorrect API key provided: ***" in seen
    assert KEY not in seen
    assert KEY.encode() not in written


def test_a_key_in_a_url_is_not_in_the_error():
    with Peer(refuse=401) as peer, pytest.raises(TargetError) as caught:
        connect(target=f"{peer.url}?api-key={KEY}", record=False)
    assert KEY not in str(caught.value)


# text


def test_a_text_leads_to_a_turn_with_words_and_sound(session, peer):
    turn = session.ask("What is the capital of France?")
    assert (turn.question, turn.answer) == ("What is the capital of France?", "Paris.")
    assert turn.audio.duration == pytest.approx(0.06)
    assert turn.status == "completed"
    assert session.turns == [turn]
    assert peer.types()[-2:] == ["conversation.item.create", "response.create"]


def test_an_error_is_raised_where_the_caller_waits():
    answers = {"conversation.item.create": refusing("invalid_value", "Bad item.")}
    with Peer(answers) as peer, opened(peer) as session:
        with pytest.raises(SessionError, match="Bad item") as caught:
            session.ask("hello")
        assert caught.value.code == "invalid_value"


def test_a_response_that_fails_is_an_error_and_the_session_goes_on():
    error = {"code": "insufficient_quota", "message": "You exceeded your quota"}
    failing = speaking(status="failed", error=error)
    with Peer({"response.create": failing}) as peer, opened(peer) as session:
        with pytest.raises(SessionError, match="exceeded your quota") as caught:
            session.ask("hello")
        assert caught.value.code == "insufficient_quota"
        assert not session.closed


def test_no_answer_in_time_is_a_timeout_and_the_session_stays_usable():
    with Peer({"response.create": scripted.hang}) as peer, opened(peer) as session:
        with pytest.raises(TurnTimeout, match=r"within 0\.05 s"):
            session.ask("hello", timeout=0.05)
        peer.answers["response.create"] = scripted.create_response
        assert session.ask("again").answer == "Paris."
        assert "response.cancel" in peer.types()


def test_an_interrupt_from_the_keyboard_leaves_the_session_usable():
    with Peer({"response.create": scripted.hang}) as peer, opened(peer) as session:
        threading.Timer(0.2, press_control_c).start()
        with pytest.raises(KeyboardInterrupt):
            session.ask("hello")
        peer.answers["response.create"] = scripted.create_response
        assert session.ask("again").answer == "Paris."


def test_questions_of_several_threads_are_put_one_after_the_other(session):
    answers = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(session.ask(f"{n}?").question))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["0?", "1?", "2?", "3?"]
    assert [turn.answer for turn in session.turns] == ["Paris."] * 4


@pytest.mark.parametrize(
    ("question", "error", "words"),
    [
        ("  ", ValueError, "the question is empty"),
        (b"pcm", TypeError, "takes a text .* or a Clip, found bytes"),
        (None, TypeError, "found NoneType"),
        (Clip.silence(0), AudioError, "the clip is empty"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_it_is_sent(session, peer, question, error, words):
    with pytest.raises(error, match=words):
        session.ask(question)
    assert "response.create" not in peer.types()


# speech


def test_a_clip_is_spoken_in_real_time_and_then_silence_until_the_turn_ends(session, peer):
    began = time.monotonic()
    turn = session.ask(TONE)
    assert time.monotonic() - began > 0.3 + 0.2 - 0.05
    assert turn.answer == "Paris."
    sound = decode(peer.sound(), AudioFormat.PCM16)
    assert np.allclose(sound[:7200], TONE.samples, atol=1e-4)
    assert not sound[7200:].any()
    assert 0.45 < len(sound) / 24000 < 1.0


def test_frames_do_not_drift_and_the_end_of_speech_is_marked_when_it_was_sent(session):
    session.ask(TONE)
    frames = [m for m in session.timeline if m.type == "input_audio_buffer.append"][:15]
    [ended] = [m for m in session.timeline if m.type == "input.ended"]
    lags = np.diff([m.t for m in frames]) - 0.02
    assert abs(frames[-1].t - frames[0].t - 14 * 0.02) < 0.03, lags
    assert {m.audio.count for m in frames} == {480}
    assert frames[-1].t <= ended.event["end_of_speech_t"] < frames[-1].t + 0.01


def test_a_clip_at_once_is_one_turn_and_its_end_of_speech_has_no_time(session, peer):
    began = time.monotonic()
    assert session.ask(TONE, pace=None).answer == "Paris."
    assert time.monotonic() - began < 0.3
    assert "input.ended" not in [m.type for m in session.timeline]
    assert len(session.turns) == 1


def test_a_clip_of_another_rate_and_a_telephone_session_are_converted():
    config = {"audio": {"input": {"format": {"type": "audio/pcmu"}}}}
    with Peer() as peer, opened(peer, config=config) as session:
        assert session.ask(TONE.resampled(16000), pace=None).answer == "Paris."
        sound = decode(peer.sound(), AudioFormat.G711_ULAW)
        assert np.argmax(np.abs(np.fft.rfft(sound[:2400]))) == pytest.approx(132, abs=2)
        assert session.timeline.tracks["input"].format is AudioFormat.G711_ULAW


def test_with_manual_turns_the_clip_is_committed_and_an_answer_asked_for():
    config = {"audio": {"input": {"turn_detection": None}}}
    with Peer() as peer, opened(peer, config=config) as session:
        assert session.ask(TONE, pace=4.0).answer == "Paris."
        assert peer.types()[-2:] == ["input_audio_buffer.commit", "response.create"]
        assert len(peer.sound()) == 2 * 7200


def test_where_the_server_does_not_answer_by_itself_it_is_asked_to():
    detection = {"type": "server_vad", "silence_duration_ms": 200, "create_response": False}
    config = {"audio": {"input": {"turn_detection": detection}}}
    with Peer() as peer, opened(peer, config=config) as session:
        assert session.ask(TONE, pace=None).answer == "Paris."
        assert peer.types()[-1] == "response.create"


@pytest.mark.parametrize("pace", [20.0, None])
def test_a_clip_without_speech_says_so_soon(session, monkeypatch, pace):
    monkeypatch.setattr("rtkit.spoken.GRACE", 0.2)
    with pytest.raises(TurnTimeout, match=r"heard no speech in Clip\(0\.50 s.*threshold"):
        session.ask(Clip.silence(0.5), pace=pace)
    assert session.ask("still there?").answer == "Paris."


def test_a_clip_with_a_pause_gives_the_answer_to_its_last_part(session):
    clip = TONE + Clip.silence(0.5) + TONE
    turn = session.ask(clip, pace=4.0)
    assert turn.response_id == session.turns[-1].response_id
    assert len([m for m in session.timeline if m.type == "response.created"]) == 2


# interruption


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


def test_a_new_question_ends_the_playback_of_the_last_answer_but_does_not_cut_it():
    with Peer({"response.create": speaking(ms=5000)}) as peer, opened(peer) as session:
        session.ask("a long story")
        session.ask("another")
        assert "conversation.item.truncate" not in peer.types()
        assert [turn.interrupted for turn in session.turns] == [False, False]


def test_ask_can_wait_until_the_answer_was_heard(session):
    began = time.monotonic()
    session.ask("hello", wait_for_playback=True)
    assert time.monotonic() - began >= 0.06
    assert session.timeline[-1].type == "playback.finished"


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


# changing, sending, waiting, watching


def test_an_update_takes_effect_or_is_refused_as_a_whole():
    with Peer() as peer, opened(peer) as session:
        session.update({"audio": {"output": {"voice": "sage"}}})
        assert session.effective["audio"]["output"]["voice"] == "sage"
        peer.answers["session.update"] = refusing("cannot_update_voice", "Cannot update a voice")
        with pytest.raises(SessionError, match="Cannot update") as caught:
            session.update({"audio": {"output": {"voice": "alloy"}}})
        assert caught.value.code == "cannot_update_voice"
        assert session.effective["audio"]["output"]["voice"] == "sage"


def test_events_can_be_sent_and_waited_for_by_hand(session):
    event_id = session.send({"type": "response.create"})
    done = session.wait_for("response.done")
    assert done.event["response"]["status"] == "completed"
    assert event_id in [m.event.get("event_id") for m in session.timeline]
    with pytest.raises(TimeoutError, match=r"no response\.done came within 0\.01 s"):
        session.wait_for("response.done", timeout=0.01)


def test_a_refused_event_that_nobody_waits_for_is_logged(caplog):
    answers = {"conversation.item.delete": refusing("item_delete_invalid_item_id", "No such item")}
    with Peer(answers) as peer, opened(peer) as session, caplog.at_level(logging.WARNING, "rtkit"):
        session.send({"type": "conversation.item.delete", "item_id": "x"})
        session.wait_for("error")
        assert session.ask("hello").answer == "Paris."
    assert "No such item" in caplog.text


def test_subscribers_see_every_moment_until_they_leave_and_cannot_break_the_session(session):
    seen = []

    def watch(moment):
        seen.append(moment)
        raise ZeroDivisionError

    leave = session.subscribe(watch)
    session.ask("hello")
    count = len(seen)
    leave()
    session.ask("hello again")
    assert [m.type for m in seen[:2]] == ["conversation.item.create", "response.create"]
    assert len(seen) <= count + 8  # playback of the first answer may have ended in between


def test_appended_sound_is_checked_at_the_call(session):
    with pytest.raises(AudioError, match="found 3 bytes"):
        session.append(b"abc")
    with pytest.raises(TypeError, match="found str"):
        session.append("abc")
    with pytest.raises(ValueError, match="`type`"):
        session.send({"audio": ""})


def test_what_the_server_says_wrong_is_recorded_and_the_session_goes_on():
    async def mumble(voice, event):
        await voice.socket.send("{not json")
        await voice.socket.send(b"\xff\x00")
        await voice.say("response.output_audio.delta", delta=3)
        await voice.say("response.dreamt")
        await voice.speak()

    with Peer({"response.create": mumble}) as peer, opened(peer) as session:
        assert session.ask("hello").answer == "Paris."
        assert [m.type for m in session.timeline].count("error") == 3


# the end


def test_a_connection_that_breaks_in_mid_turn_says_where_the_record_is():
    with Peer({"response.create": scripted.leave}) as peer:
        session = connect(DICT, peer.url)
        with pytest.raises(SessionClosed, match="Its record is in ") as caught:
            session.ask("hello")
        folder = str(caught.value).rpartition("Its record is in ")[2].rstrip(".")
    assert "1006" in str(caught.value)
    assert [turn.question for turn in session.turns] == ["hello"]
    assert [turn.question for turn in read_turns(Timeline.load(folder))] == ["hello"]
    assert session.timeline[-1].type == "session.closed"
    with pytest.raises(SessionClosed):
        session.ask("still there?")


def test_an_expired_session_tells_the_servers_words():
    async def expire(voice, event):
        await voice.refuse(
            "session_expired", "Your session hit the maximum duration of 60 minutes."
        )
        await voice.close(1001)

    words = r"1001 \(Your session hit the maximum.*open a new"
    with (
        Peer({"response.create": expire}) as peer,
        opened(peer) as session,
        pytest.raises(SessionClosed, match=words),
    ):
        session.ask("hello")


def test_closing_twice_is_closing_once_and_use_after_it_says_so(peer):
    session = opened(peer)
    session.close()
    session.close()
    for use in (
        lambda: session.ask("hello"),
        lambda: session.append(b""),
        lambda: session.send({"type": "response.create"}),
        lambda: session.update({}),
        lambda: session.wait_for("response.done"),
    ):
        with pytest.raises(SessionClosed, match="Open a new one"):
            use()
    assert "closed" in repr(session)
    session.interrupt()
    assert session.turns == []


def test_sessions_leave_no_task_and_no_thread_behind():
    async def tasks():
        return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}

    with Peer() as peer:
        with opened(peer) as session:
            session.ask("warm up")
        before, threads = background.run(tasks()), threading.active_count()
        for _ in range(3):
            with opened(peer) as session:
                session.ask("hello")
                session.ask(TONE, pace=None)
        deadline = time.monotonic() + 5
        while len(background.run(tasks())) > len(before) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(background.run(tasks())) <= len(before)
        assert threading.active_count() == threads


# any cell


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


def test_what_is_sent_is_base64_of_the_input_format(session, peer):
    session.append(b"\1\0\2\0")
    session.send({"type": "input_audio_buffer.commit"})
    session.wait_for("input_audio_buffer.committed")
    [event] = [e for e in peer.received if e["type"] == "input_audio_buffer.append"]
    assert base64.b64decode(event["audio"]) == b"\1\0\2\0"


# the embedded server: real ears, a real voice


@pytest.fixture(scope="module")
def embedded():
    """One session for the tests below; the engines take a moment to load."""
    with connect(target="embedded", record=False) as session:
        yield session


def no_errors(session):
    return [m.event for m in session.timeline if m.type == "error"] == []


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
    assert turn.question == "what is the capital of france"
    assert "Paris" in turn.answer
    assert len(embedded.turns) == began + 1
    [ended] = [m for m in embedded.timeline if m.type == "input.ended"]
    assert turn.latency.speech_end == pytest.approx(ended.event["end_of_speech_t"])
    assert turn.latency.first_audio > turn.latency.committed > turn.latency.speech_end + 0.3
    assert no_errors(embedded)


def test_the_embedded_server_hears_a_clip_that_is_sent_at_once(embedded):
    turn = embedded.ask(rtkit.say("What is the capital of France?"), pace=None)
    assert "Paris" in turn.answer


def test_a_spoken_question_interrupts_a_long_answer_of_the_embedded_server(embedded):
    story = threading.Thread(target=embedded.ask, args=("Tell me a story.",))
    story.start()
    embedded.wait_for("playback.started")
    turn = embedded.ask(rtkit.say("What is the capital of France?"), barge_in=True)
    story.join(10)
    assert "Paris" in turn.answer
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


def test_a_key_in_the_environment_opens_the_embedded_server_and_no_other(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with connect(record=False) as session:
        assert session.target.name == "embedded"
        assert KEY not in str(list(session.timeline))
