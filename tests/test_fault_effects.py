"""What faults and delays do to a session over a real socket, and what a user of rtkit then gets."""

import asyncio
import json
import logging
import re

import numpy as np
import pytest
import websockets
from openai import AsyncOpenAI
from serverstory import only, voiced
from socketstory import MODEL, connected, options, serving

import rtkit
from rtkit.errors import ConfigError, SessionClosed, SessionError
from rtkit.server.brain import Script
from rtkit.server.delays import Delays
from rtkit.server.local import ServerOptions

ANSWER = "Hello there my friend, how are you today?"
SILENCE = np.zeros(24_000)
MANUAL = {"audio": {"input": {"turn_detection": None, "transcription": {"model": "whisper-1"}}}}


async def asked(server, times=1, **fields):
    """What the questions lead to: turns, or the errors."""
    results = []
    async with rtkit.connect_async(server=server, record=False, reconnect=False) as session:
        for _ in range(times):
            try:
                results.append(await session.ask("hello", timeout=5, **fields))
            except rtkit.errors.RtkitError as error:
                results.append(error)
    return results


def ask(faults, times=1, **fields):
    server = options(Script(*[ANSWER] * 5), faults=faults, **fields)
    return asyncio.run(asked(server, times))


def struck(caplog):
    """The kinds of the faults that the log tells of."""
    return re.findall(r"session\.fault .*?fault=\W*(\w+)", caplog.text)


# ---- through rtkit's own client


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("drop", "1006"),
        ("drop:at=12", "1006"),
        ("close", "1011 .*server_error"),
        ("close:code=4321,reason=because", "4321 .*because"),
        ("expire", "1001 .*maximum duration"),
    ],
)
def test_a_session_that_ends_is_a_typed_error(fault, words, caplog):
    caplog.set_level(logging.INFO, "rtkit.server")
    (error,) = ask(fault)
    assert isinstance(error, SessionClosed)
    assert re.search(words, str(error)), str(error)
    assert struck(caplog) == [fault.split(":")[0]]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("rate_limit", "rate_limit_exceeded"),
        ("quota", "insufficient_quota"),
        ("fail:times=2", "server_error"),  # such a fault is asked about once more
        ("fail:after=response.output_audio.delta", "server_error"),
    ],
)
def test_a_failed_response_is_a_typed_error_and_the_next_question_is_answered(fault, code):
    error, turn = ask(fault, times=2)
    assert isinstance(error, SessionError)
    assert error.code == code
    assert turn.answer == ANSWER


@pytest.mark.parametrize(
    "fault",
    [
        "stall:seconds=0.3",
        "stall:after=response.output_audio.delta,seconds=0.3",
        "unknown_type:chance=0.3,seed=1",
        "extra_field:chance=0.5,seed=2",
        "duplicate:chance=1",
        "reorder:chance=0.7,places=3,seed=3",
        "binary:of=rate_limits.updated",
        "cut:of=rate_limits.updated",
        "cut",
        "delay:send_ms=30,jitter_ms=60,think_ms=50,speak_ms=50,seed=4",
    ],
)
def test_a_turn_survives_what_a_client_has_to_survive(fault, caplog):
    caplog.set_level(logging.INFO, "rtkit.server")
    turn, again = ask(fault, times=2)
    assert turn.answer == again.answer == ANSWER
    kind = fault.split(":")[0]
    assert kind in struck(caplog) or kind == "delay"


def test_a_stall_is_as_long_as_it_says():
    (turn,) = ask("stall:seconds=0.5")
    assert turn.latency.response_ms >= 450


def test_a_question_without_words_is_answered_all_the_same():
    async def story():
        server = options(Script(ANSWER), faults="no_transcript")
        config = {"audio": {"input": {"transcription": {"model": "whisper-1"}}}}
        clip = rtkit.Clip(voiced(700).astype(np.float32), 24_000)
        async with rtkit.connect_async(
            config, server=server, record=False, reconnect=False
        ) as session:
            turn = await session.ask(clip, timeout=10)
            return turn, {moment.type for moment in session.timeline}

    turn, types = asyncio.run(story())
    assert turn.answer == ANSWER
    assert "conversation.item.input_audio_transcription.failed" in types
    assert "conversation.item.input_audio_transcription.completed" not in types


# ---- by the URL


def test_a_session_switches_faults_on_by_its_url_for_itself_alone(caplog):
    caplog.set_level(logging.INFO, "rtkit.server")

    async def story():
        async with serving(brain=Script(ANSWER, ANSWER)) as running:
            query = MODEL + "&fault=drop&fault=unknown_type:at=1"
            async with websockets.connect(running.url + query) as socket:
                await socket.send(json.dumps({"type": "response.create"}))
                await socket.wait_closed()
                assert socket.close_code == 1006
            async with connected(running) as client:
                await client.send("response.create")
                await client.until("response.done")
            url = running.url + "?fault=fail:times=2"
            async with rtkit.connect_async(None, url, record=False, reconnect=False) as session:
                with pytest.raises(SessionError, match="server had an error"):
                    await session.ask("hello")

    asyncio.run(story())
    assert struck(caplog) == ["unknown_type", "drop", "fail", "fail"]


async def everything(connection, came):
    async for event in connection:
        came.append(event)


def test_the_official_client_asks_for_faults_by_its_extra_query():
    async def story():
        async with serving(brain=Script(ANSWER)) as running:
            base = running.url.removesuffix("/realtime")
            client = AsyncOpenAI(api_key="local", websocket_base_url=base)
            query = {"fault": "rate_limit:reset=3; close:after=rate_limits.updated"}
            async with client.realtime.connect(model="m", extra_query=query) as connection:
                await connection.response.create()
                came = []
                with pytest.raises(websockets.ConnectionClosedError, match="1011"):
                    await everything(connection, came)
            done, limits = came[-2:]
            assert done.response.status_details.error.code == "rate_limit_exceeded"
            assert limits.rate_limits[0].remaining == 0
            assert limits.rate_limits[0].reset_seconds == 3

    asyncio.run(story())


@pytest.mark.parametrize(
    ("query", "allowed", "words"),
    [
        ("&fault=explode", True, "no fault is named 'explode'. Allowed: delay, stall"),
        ("&fault=drop:at=x", True, "at=x in the fault"),
        ("&fault=drop", False, "this server allows no faults by URL"),
    ],
)
def test_bad_faults_in_a_url_are_told_and_the_session_never_begins(query, allowed, words):
    async def story():
        async with (
            serving(allow_faults=allowed) as running,
            websockets.connect(running.url + MODEL + query) as socket,
        ):
            error = json.loads(await socket.recv())["error"]
            assert (error["code"], error["param"]) == ("invalid_fault", "fault")
            assert words in error["message"]
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            told = (closed.value.rcvd.code, closed.value.rcvd.reason)
            assert told == (4000, "invalid_request_error.invalid_fault")

    asyncio.run(story())


def test_bad_faults_of_a_server_are_a_config_error_before_it_starts():
    with pytest.raises(ConfigError, match="no fault is named 'explode'"):
        ServerOptions(faults="explode")


# ---- on the wire


def test_a_fault_with_a_time_strikes_in_a_quiet_session():
    async def story():
        async with serving(faults="close:time=0.3") as running, connected(running) as client:
            loop = asyncio.get_running_loop()
            begin = loop.time()
            await client.socket.wait_closed()
            assert client.socket.close_code == 1011
            assert 0.1 < loop.time() - begin < 2

    asyncio.run(story())


def test_a_failed_response_takes_brain_and_voice_with_it_and_closes_its_parts():
    async def story():
        fields = {"brain": Script(" ".join([ANSWER] * 50)), "pace": 2.0}
        fault = "rate_limit:after=response.output_audio.delta,nth=3,reset=9"
        async with serving(faults=fault, **fields) as running, connected(running) as client:
            await client.send("response.create")
            events = await client.until("rate_limits.updated")
            done = only(events, "response.done")["response"]
            assert done["output"][0]["status"] == "incomplete"
            assert done["status_details"]["error"]["code"] == "rate_limit_exceeded"
            assert (
                events[-1]["rate_limits"][0] | {"remaining": 0, "reset_seconds": 9.0}
                == (events[-1]["rate_limits"][0])
            )
            (visit,) = running._house.sessions.values()
            await asyncio.sleep(0.05)
            assert not visit._answers

    asyncio.run(story())


def test_without_faults_nothing_of_them_is_there():
    async def story():
        async with serving() as running, connected(running):
            (visit,) = running._house.sessions.values()
            assert visit._mischief is visit._line is visit._late_sound is visit._late_words is None
            names = {task.get_name() for task in asyncio.all_tasks()}
            assert not {name for name in names if "late" in name or "faults" in name}

    asyncio.run(story())


# ---- delays


async def timed(client, type_):
    """When an event of that type comes, and the event."""
    event = (await client.until(type_))[-1]
    return asyncio.get_running_loop().time(), event


async def spoken_turn(running):
    """Times of speech_stopped, the words, the first event of the answer, its first sound."""
    async with connected(running) as client:
        transcription = {"transcription": {"model": "gpt-4o-mini-transcribe"}}
        session = {"type": "realtime", "audio": {"input": transcription}}
        await client.send("session.update", session=session)
        await client.until("session.updated")
        await client.append([*voiced(600), *SILENCE])
        begin = asyncio.get_running_loop().time()
        stopped, event = await timed(client, "input_audio_buffer.speech_stopped")
        words, _ = await timed(client, "conversation.item.input_audio_transcription.completed")
        added, _ = await timed(client, "response.output_item.added")
        sound, _ = await timed(client, "response.output_audio.delta")
        await client.until("rate_limits.updated")
    return np.array([stopped, words, added, sound]) - begin, event["audio_end_ms"]


@pytest.mark.parametrize(
    ("stage", "first_late"),
    [
        *(("detect_ms", 0), ("commit_ms", 1), ("create_ms", 1), ("recognise_ms", 1)),
        *(("think_ms", 2), ("speak_ms", 3), ("sound_ms", 3), ("send_ms", 0)),
    ],
)
def test_a_delay_begins_at_its_stage_and_not_before(stage, first_late):
    async def story():
        async with serving(brain=Script(ANSWER)) as quick:
            _, end_ms = await spoken_turn(quick)
        async with serving(brain=Script(ANSWER), delays=Delays(**{stage: 700})) as slow:
            late, late_end_ms = await spoken_turn(slow)
        assert late_end_ms == end_ms
        assert all(late[first_late:] > 0.69)
        assert all(late[:first_late] < 0.69)

    asyncio.run(story())


def test_late_detection_keeps_nobody_from_asking_in_words():
    async def story():
        fields = {"brain": Script(ANSWER), "delays": Delays(detect_ms=60_000)}
        async with serving(**fields) as running, connected(running) as client:
            await client.append([*voiced(600), *SILENCE])
            await client.type("hello")
            await client.send("response.create")
            events = await client.until("response.done")
            assert "input_audio_buffer.speech_started" not in {e["type"] for e in events}

    asyncio.run(story())


def test_sound_of_a_manual_turn_is_not_late():
    async def story():
        fields = {"brain": Script(ANSWER), "delays": Delays(detect_ms=60_000)}
        async with serving(**fields) as running, connected(running) as client:
            await client.send("session.update", session={"type": "realtime", **MANUAL})
            await client.until("session.updated")
            await client.append(voiced(300))
            await client.send("input_audio_buffer.commit")
            await client.until("input_audio_buffer.committed")

    asyncio.run(story())


def test_jitter_keeps_the_order():
    async def story():
        delays = Delays(jitter_ms=40, seed=3)
        async with serving(brain=Script(ANSWER), delays=delays) as running:
            for _ in range(3):
                async with connected(running) as client:
                    await client.send("response.create")
                    await client.until("rate_limits.updated")  # the rules of order are checked

    asyncio.run(story())


# ---- what a client cannot see, and an evaluation measures


def test_one_question_gets_two_answers(caplog):
    caplog.set_level(logging.INFO, "rtkit.server")

    async def story():
        server = options(Script(ANSWER, "And once more."), faults="again")
        async with rtkit.connect_async(server=server, record=False) as session:
            await session.ask("hello", timeout=5)
            await session.wait_for("response.done", timeout=5)
            await session.wait_for("response.done", timeout=5)
            return [m.event["response"] for m in session.timeline if m.type == "response.done"]

    first, second = asyncio.run(story())
    assert (first["status"], second["status"]) == ("completed", "completed")
    assert second["output"][0]["content"][0]["transcript"] == "And once more."
    assert struck(caplog) == ["again"]


def test_a_deaf_server_answers_all_the_same():
    async def story():
        server = options(Script(ANSWER), faults="deaf:times=always")
        async with rtkit.connect_async(server=server, record=False) as session:
            turn = await session.ask(rtkit.Clip(voiced(400), 24_000), timeout=5)
            return turn.answer, [m.type for m in session.timeline]

    answer, types = asyncio.run(story())
    assert answer == ANSWER
    assert "input_audio_buffer.speech_stopped" in types
    assert "input_audio_buffer.speech_started" not in types
