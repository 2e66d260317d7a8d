"""The official `openai` Python client, unmodified, against the whole server as it is shipped."""

import asyncio
import base64
import contextlib

import numpy as np
import pytest
from openai import AsyncOpenAI, OpenAI

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
