"""Eight sessions at once of the official `openai` client, with `rtkit serve` as a process.

Each session reckons its own sums, typed and spoken, so that anything mixed up is seen.
"""

import asyncio
import base64
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from openai import AsyncOpenAI, OpenAI

import rtkit
from rtkit.server.phrases import number_to_words

TYPED = int(os.environ.get("RTKIT_LONG_TYPED", "20"))
SPOKEN = int(os.environ.get("RTKIT_LONG_SPOKEN", "5"))
SUMS = ((1, 2), (3, 4), (5, 6), (6, 4), (4, 9), (7, 8), (6, 3), (9, 9))
LETTERS = {"type": "realtime", "output_modalities": ["text"]}
SOUND = {
    "type": "realtime",
    "output_modalities": ["audio"],
    "audio": {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}}},
}
MODEL = "gpt-realtime-2.1"
FRAME = 4800  # bytes: 100 ms
EVERY_S = 0.05  # twice the pace of speech
TURN_S = 60
HEARD = "conversation.item.input_audio_transcription.completed"
ADDRESS = re.compile(r"ws://(127\.0\.0\.1:\d+)/v1")


@pytest.fixture(scope="module")
def base_url():
    """`rtkit serve` as a process of its own."""
    command = [sys.executable, "-m", "rtkit.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://{ADDRESS.search(process.stdout.readline()).group(1)}/v1"
        finally:
            process.terminate()
            assert process.wait(15) == 0


def typed(number, count):
    """The item that asks for a sum of session `number`, and the word that answers it."""
    a, b = 20 * number + count, number + 1
    text = f"What is {a} plus {b}?"
    content = [{"type": "input_text", "text": text}]
    return {"type": "message", "role": "user", "content": content}, number_to_words(a + b)


@cache
def spoken(number):
    """The question of session `number` as frames with silence after it, and what answers it."""
    a, b = map(number_to_words, SUMS[number])
    pcm = (rtkit.say(f"what is {a} plus {b}") + rtkit.Clip.silence(1.0)).to_pcm16()
    frames = [pcm[at : at + FRAME] for at in range(0, len(pcm), FRAME)]
    encoded = [base64.b64encode(frame).decode() for frame in frames]
    return encoded, f"what is {a} plus {b}", number_to_words(sum(SUMS[number]))


class Story:
    """What one session was told; says when a turn is over."""

    def __init__(self):
        self.written, self.said, self.heard = [], [], []
        self.sound = 0

    def take(self, event):
        """Whether the response is done."""
        assert event.type != "error", event
        match event.type:
            case "response.output_text.done":
                self.written.append(event.text)
            case "response.output_audio_transcript.done":
                self.said.append(event.transcript)
            case "response.output_audio.delta":
                self.sound += len(event.delta)
            case kind if kind == HEARD:
                self.heard.append(event.transcript)
        return event.type == "response.done"

    def check(self, number):
        """Every answer is that of this session's own questions, in their order."""
        answers = [typed(number, count)[1] for count in range(TYPED)]
        assert len(self.written) == TYPED
        for text, answer in zip(self.written, answers, strict=True):
            assert text.rstrip(".").endswith(f" is {answer}"), (number, text, answer)
        _, question, answer = spoken(number)
        assert self.heard == [question] * SPOKEN
        assert len(self.said) == SPOKEN
        assert all(text.rstrip(".").endswith(f" is {answer}") for text in self.said), self.said
        assert self.sound > SPOKEN * 24_000


def hold(url, number):
    """The talk of one session through the synchronous client."""
    story = Story()
    with (
        OpenAI(api_key="local", base_url=url) as client,
        client.realtime.connect(model=MODEL) as connection,
    ):
        connection.session.update(session=LETTERS)
        for count in range(TYPED):
            connection.conversation.item.create(item=typed(number, count)[0])
            connection.response.create()
            any(map(story.take, connection))
        connection.session.update(session=SOUND)
        for _ in range(SPOKEN):
            for frame in spoken(number)[0]:
                connection.input_audio_buffer.append(audio=frame)
                time.sleep(EVERY_S)
            any(map(story.take, connection))
    return story


async def hold_async(url, number):
    """The same through the asynchronous client."""
    story = Story()
    client = AsyncOpenAI(api_key="local", base_url=url)
    async with client, client.realtime.connect(model=MODEL) as connection:
        await connection.session.update(session=LETTERS)
        for count in range(TYPED):
            await connection.conversation.item.create(item=typed(number, count)[0])
            await connection.response.create()
            await until_done(connection, story)
        await connection.session.update(session=SOUND)
        for _ in range(SPOKEN):
            listening = asyncio.create_task(until_done(connection, story))
            for frame in spoken(number)[0]:
                await connection.input_audio_buffer.append(audio=frame)
                await asyncio.sleep(EVERY_S)
            await listening
    return story


async def until_done(connection, story):
    async with asyncio.timeout(TURN_S):
        async for event in connection:
            if story.take(event):
                return
    raise AssertionError("the server closed")


def test_eight_sessions_at_once_of_both_clients_are_not_mixed_up(base_url, record_property):
    async def half(numbers):
        return await asyncio.gather(*(hold_async(base_url, number) for number in numbers))

    for number in range(8):
        spoken(number)
    with ThreadPoolExecutor(5) as pool:
        threads = [pool.submit(hold, base_url, number) for number in range(4)]
        others = pool.submit(asyncio.run, half(range(4, 8)))
        stories = [thread.result(900) for thread in threads] + others.result(900)
    for number, story in enumerate(stories):
        story.check(number)
    record_property("sessions", len(stories))
    record_property("typed turns", sum(len(story.written) for story in stories))
    record_property("spoken turns", sum(len(story.said) for story in stories))


def test_one_session_after_the_other_leaves_the_server_empty(base_url):

    with OpenAI(api_key="local", base_url=base_url) as client:
        for _ in range(2 * TYPED):
            with client.realtime.connect(model=MODEL) as connection:
                assert connection.recv().type == "session.created"
    deadline = time.monotonic() + 10
    sessions = None
    while sessions != 0 and time.monotonic() < deadline:
        with urllib.request.urlopen(base_url.replace("/v1", "/health"), timeout=10) as answer:
            sessions = json.load(answer)["sessions"]
        time.sleep(0.1)
    assert sessions == 0
