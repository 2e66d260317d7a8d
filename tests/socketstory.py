"""A real server on loopback with ears and a voice in memory, and a client that speaks JSON."""

import asyncio
import base64
import json
from contextlib import asynccontextmanager

import numpy as np
import websockets
from serverstory import OFFICIAL, Loudness, words_heard

from rtkit.rules import violations
from rtkit.server.brain import Script
from rtkit.server.local import ServerOptions
from rtkit.server.serve import start
from rtkit.speech.synthesis import Spoken

MODEL = "?model=gpt-realtime-2.1"


class Parrot:
    """A recogniser that always hears the same words, and remembers what it was asked."""

    rate = 16_000

    def __init__(self, text="hello", finish_s=0.0):
        self.text, self.finish_s = text, finish_s
        self.done, self.fed, self.closed = [], 0, False

    def begin(self):
        self.done.append("begin")

    def feed(self, samples):
        self.fed += len(samples)

    def partial(self):
        return self.text

    async def finish(self):
        await asyncio.sleep(self.finish_s)
        self.done.append("finish")
        return words_heard(self.text)

    def cancel(self):
        self.done.append("cancel")

    def close(self):
        self.closed = True


class _Job:
    cancelled = False

    def cancel(self):
        self.cancelled = True


class Tones:
    """A voice that makes 60 ms of sound per word, at once; keeps its jobs."""

    def __init__(self):
        self.asked = []
        self.jobs = []

    def speak(self, text, voice, speed, deliver):
        self.asked.append((text, voice, speed))
        at = 0
        for number, word in enumerate(text.split(" ")):
            deliver(Spoken(np.full(1440, 1000, np.int16), ((at, 60 * number),)))
            at += len(word) + 1
        deliver(None)
        self.jobs.append(_Job())
        return self.jobs[-1]


def options(brain=None, **fields):
    given = {
        "brain": brain or Script("Hello there."),
        "recogniser": lambda grammar: Parrot(),
        "detector": Loudness,
        "synthesiser": Tones(),
        "pace": None,
    }
    return ServerOptions(**{**given, **fields})


@asynccontextmanager
async def serving(**fields):
    running = await start(options=options(**fields))
    try:
        yield running
    finally:
        await running.close()


class Client:
    """The other end: sends events, and checks all that it gets."""

    def __init__(self, socket):
        self.socket = socket
        self.events = []

    async def send(self, type_, **fields):
        await self.socket.send(json.dumps({"type": type_, **fields}))

    async def append(self, samples):
        data = (np.asarray(samples) * 32767).astype("<i2").tobytes()
        for at in range(0, len(data), 9600):
            piece = base64.b64encode(data[at : at + 9600]).decode()
            await self.send("input_audio_buffer.append", audio=piece)

    async def type(self, text):
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send("conversation.item.create", item=item)

    async def until(self, type_):
        """The events up to the next of that type."""
        events = []
        async with asyncio.timeout(20):
            while not events or events[-1]["type"] != type_:
                events.append(json.loads(await self.socket.recv()))
                OFFICIAL.validate_python(events[-1])
        self.events += events
        assert [str(v) for v in violations(self.events)] == []
        return events


@asynccontextmanager
async def connected(running, query=MODEL, **fields):
    async with websockets.connect(running.url + query, max_size=None, **fields) as socket:
        client = Client(socket)
        await client.until("session.created")
        yield client
