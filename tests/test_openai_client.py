"""The official `openai` Python client, unmodified, against the whole server as it is shipped."""

import asyncio
import base64
import contextlib
import itertools
import json
import threading
import time

import numpy as np
import pytest
from openai import AsyncOpenAI, OpenAI
from served import served

from rtkit.server.local import ServerOptions
from rtkit.server.serve import start
from rtkit.speech.synthesis import say

TEXT_ONLY = {"type": "realtime", "output_modalities": ["text"]}
QUESTION = {
    "type": "message",
    "role": "user",
    "content": [{"type": "input_text", "text": "What is the capital of France?"}],
}
WAIT_S = 30


def base_url(running):
    return running.url.replace("ws://", "http://").removesuffix("/realtime")


@contextlib.asynccontextmanager
async def conversation(**options):
    running = await start(options=ServerOptions(**options))
    client = AsyncOpenAI(api_key="local", base_url=base_url(running))
    try:
        async with (
            asyncio.timeout(WAIT_S),
            client.realtime.connect(model="gpt-realtime-2.1") as connection,
        ):
            yield connection
    finally:
        await client.close()
        await running.close()


async def until(connection, type_):
    events = []
    async for event in connection:
        assert event.type != "error", event
        events.append(event)
        if event.type == type_:
            return events
    raise AssertionError(f"the server closed before {type_}")


async def speak(connection, clip):
    """Send a clip as a caller would speak it, then silence until somebody stops us."""
    pcm = clip.to_pcm16()
    at = 0
    while True:
        data = pcm[at : at + 960].ljust(960, b"\0")
        await connection.input_audio_buffer.append(audio=base64.b64encode(data).decode())
        at += 960
        await asyncio.sleep(0.02)


@pytest.mark.client("openai", "text")
def test_a_text_turn():
    async def story():
        async with conversation() as connection:
            await connection.session.update(session=TEXT_ONLY)
            await connection.conversation.item.create(item=QUESTION)
            await connection.response.create()
            events = await until(connection, "response.done")
            text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
            assert "Paris" in text
            assert events[-1].response.status == "completed"

    asyncio.run(story())


@pytest.mark.client("openai", "voice")
def test_a_voice_turn_is_heard_and_answered_aloud():
    async def story():
        async with conversation() as connection:
            listening = {"transcription": {"model": "gpt-4o-mini-transcribe"}}
            session = {"type": "realtime", "audio": {"input": listening}}
            await connection.session.update(session=session)
            speaker = asyncio.create_task(speak(connection, say("What time is it?", voice="alloy")))
            events = await until(connection, "response.done")
            speaker.cancel()
        types = [event.type for event in events]
        completed = "conversation.item.input_audio_transcription.completed"
        heard = events[types.index(completed)]
        assert heard.transcript == "what time is it"
        assert "It is" in events[-1].response.output[0].content[0].transcript
        sound = b"".join(
            base64.b64decode(e.delta) for e in events if e.type == "response.output_audio.delta"
        )
        samples = np.frombuffer(sound, "<i2")
        assert len(samples) > 24_000 / 2
        assert np.abs(samples.astype(int)).max() > 3_000

    asyncio.run(story())


@pytest.mark.client("openai", "text")
def test_the_synchronous_client():
    async def story():
        running = await start()
        try:
            return await asyncio.to_thread(ask, base_url(running))
        finally:
            await running.close()

    def ask(url):
        with (
            OpenAI(api_key="local", base_url=url) as client,
            client.realtime.connect(model="gpt-realtime-2.1") as connection,
        ):
            connection.session.update(session=TEXT_ONLY)
            connection.conversation.item.create(item=QUESTION)
            connection.response.create()
            for event in connection:
                if event.type == "response.output_text.done":
                    return event.text

    assert "Paris" in asyncio.run(story())


def test_a_wrong_key_closes_the_connection():
    from websockets.exceptions import ConnectionClosedError

    async def story():
        async with conversation(api_key="secret") as connection:
            async for event in connection:
                assert event.type == "error"
                assert event.error.code == "invalid_api_key"

    with pytest.raises(ConnectionClosedError, match="3000"):
        asyncio.run(story())


# ---- what follows talks to `rtkit serve` as a process of its own, as a user would

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
MODEL = "gpt-realtime-2.1"


@pytest.fixture(scope="module")
def http(tmp_path_factory):
    """The base URL of a server that demands a key."""
    with served(tmp_path_factory.mktemp("served"), "--api-key", "local") as url:
        yield url.replace("ws://", "http://").removesuffix("/realtime")


@pytest.fixture
def client(http):
    with OpenAI(api_key="local", base_url=http, max_retries=0) as client:
        yield client


def events_until(connection, type_):
    """The synchronous client's events up to the next of that type; none is an error."""
    events = []
    deadline = time.monotonic() + WAIT_S
    while not events or events[-1].type != type_:
        assert time.monotonic() < deadline, f"no {type_}: {[event.type for event in events]}"
        events.append(connection.recv())
        assert events[-1].type != "error", events[-1]
    return events


@contextlib.contextmanager
def speaking(connection, words):
    """A thread that sends the words, then silence, at twice the pace of speech."""
    pcm = say(words, voice="alloy").to_pcm16()
    pieces = (pcm[at : at + 960].ljust(960, b"\0") for at in range(0, len(pcm), 960))
    enough = threading.Event()

    def run():
        for piece in itertools.chain(pieces, itertools.repeat(bytes(960))):
            if enough.wait(0.01):
                return
            connection.input_audio_buffer.append(audio=base64.b64encode(piece).decode())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


@pytest.mark.client("openai", "tool")
def test_a_tool_turn_of_the_synchronous_client(client):
    with client.realtime.connect(model=MODEL) as connection:
        connection.session.update(session={**TEXT_ONLY, "tools": [WEATHER]})
        content = [{"type": "input_text", "text": "What is the weather in Paris?"}]
        connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": content}
        )
        connection.response.create()
        [call] = events_until(connection, "response.done")[-1].response.output
        assert (call.type, call.name, json.loads(call.arguments)) == (
            "function_call",
            "get_weather",
            {"city": "Paris"},
        )
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "snow"}
        connection.conversation.item.create(item=result)
        connection.response.create()
        [message] = events_until(connection, "response.done")[-1].response.output
        assert message.content[0].text == "The result is: snow."


@pytest.mark.client("openai", "voice")
def test_a_voice_turn_of_the_synchronous_client(client):
    with client.realtime.connect(model=MODEL) as connection:
        listening = {"transcription": {"model": "gpt-4o-mini-transcribe"}}
        connection.session.update(session={"type": "realtime", "audio": {"input": listening}})
        with speaking(connection, "What time is it?"):
            events = events_until(connection, "response.done")
    heard = [e for e in events if e.type == "conversation.item.input_audio_transcription.completed"]
    assert [event.transcript for event in heard] == ["what time is it"]
    assert events[-1].response.output[0].content[0].transcript.startswith("It is")


@pytest.mark.client("openai", "interruption")
def test_speech_over_an_answer_cancels_it_and_a_truncation_is_confirmed(client):
    with client.realtime.connect(model=MODEL) as connection:
        content = [{"type": "input_text", "text": "Tell me a story"}]
        connection.conversation.item.create(
            item={"type": "message", "role": "user", "content": content}
        )
        connection.response.create()
        item_id = events_until(connection, "response.output_audio.delta")[-1].item_id
        with speaking(connection, "Stop it please"):
            events_until(connection, "input_audio_buffer.speech_started")
            connection.conversation.item.truncate(
                item_id=item_id, content_index=0, audio_end_ms=200
            )
            events = events_until(connection, "conversation.item.truncated")
            answer = "response.output_audio_transcript.done"
            events += events_until(connection, answer) + events_until(connection, "response.done")
    done = [event.response.status for event in events if event.type == "response.done"]
    assert done == ["cancelled", "completed"]
    [truncated] = [event for event in events if event.type == "conversation.item.truncated"]
    assert (truncated.item_id, truncated.audio_end_ms) == (item_id, 200)


@pytest.mark.client("openai", "transcription")
def test_a_transcription_session(client):
    intent = {"intent": "transcription"}
    with client.realtime.connect(extra_query=intent) as connection:
        listening = {"transcription": {"model": "gpt-transcribe"}}
        listening["turn_detection"] = {"type": "server_vad"}
        session = {"type": "transcription", "audio": {"input": listening}}
        connection.session.update(session=session)
        completed = "conversation.item.input_audio_transcription.completed"
        with speaking(connection, "What is the capital of France?"):
            events = events_until(connection, completed)
    assert events[-1].transcript == "what is the capital of france"
    assert not [event.type for event in events if event.type.startswith("response")]


def test_an_ephemeral_key_of_the_clients_own_making_opens_a_session(client, http):
    session = {"type": "realtime", "model": MODEL, "instructions": "Be brief."}
    secret = client.realtime.client_secrets.create(session=session)
    assert secret.value.startswith("ek_")
    assert secret.expires_at > time.time()
    with (
        OpenAI(api_key=secret.value, base_url=http) as page,
        page.realtime.connect(model=MODEL) as connection,
    ):
        [created] = events_until(connection, "session.created")
        assert created.session.instructions == "Be brief."
