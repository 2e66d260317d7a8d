"""A small realtime server on loopback that answers as a test tells it.

`Peer(answers={type: function(voice, event)})` overrides what is done about a type of client event.
It hears speech in any sample that is not zero. It runs on rtkit's own loop, in this process.
"""

import asyncio
import base64
import itertools
import json

import numpy as np
from websockets.asyncio.server import serve

from rtkit import background
from rtkit.clip import Clip
from rtkit.session import connect

SESSION = {
    "id": "sess_scripted",
    "type": "realtime",
    "audio": {
        "input": {
            "format": {"type": "audio/pcm", "rate": 24000},
            "turn_detection": {"type": "server_vad", "silence_duration_ms": 200},
            "transcription": None,
        },
        "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy"},
    },
}
KEY = "sk-proj-0123456789abcdefghijABCDEFGHIJ"
TONE = Clip(0.3 * np.sin(2 * np.pi * 440 * np.arange(7200) / 24000), 24000)  # 0.3 s
LONG = 8000  # ms of an answer that can be interrupted
DICT = {"audio": {"output": {"voice": "coral"}}}
MS = 48  # bytes of PCM16 at 24 kHz
SILENCE = {b"\0", b"\xff", b"\xd5"}  # in PCM16, mu-law and A-law


class Peer:
    def __init__(self, answers=None, session=SESSION, refuse=None):
        self.session, self.answers, self.refuse = session, {**ANSWERS, **(answers or {})}, refuse
        self.received, self.headers, self.paths = [], [], []

    def __enter__(self):
        self.server = background.run(self._start())
        port = self.server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{port}/v1/realtime"
        return self

    def __exit__(self, *_):
        background.run(self._stop())

    async def _start(self):
        return await serve(self._serve, "127.0.0.1", 0, process_request=self._admit, max_size=None)

    async def _stop(self):
        self.server.close()
        await self.server.wait_closed()

    def _admit(self, connection, request):
        self.headers.append(dict(request.headers))
        self.paths.append(request.path)
        return connection.respond(self.refuse, "refused") if self.refuse else None

    async def _serve(self, socket):
        voice = Voice(socket, self.session)
        try:
            await self.answers["hello"](voice, {})
            async for text in socket:
                event = json.loads(text)
                self.received.append(event)
                answer = self.answers.get(event["type"])
                if answer:
                    await answer(voice, event)
        except Exception as exc:  # the client may leave at any time
            self.fault = exc

    def types(self):
        return [event["type"] for event in self.received if "append" not in event["type"]]

    def sound(self):
        appended = (event["audio"] for event in self.received if "append" in event["type"])
        return b"".join(base64.b64decode(audio) for audio in appended)


class Voice:
    """One connection: what the server says on it, and what it has heard."""

    def __init__(self, socket, session):
        self.socket, self.session = socket, json.loads(json.dumps(session))
        self.numbers = itertools.count(1)
        self.heard_ms = self.loud_ms = 0.0
        self.speaking, self.active, self.cancelled = False, None, False

    async def say(self, type_, **fields):
        event = {"type": type_, "event_id": f"event_{next(self.numbers)}", **fields}
        await self.socket.send(json.dumps(event))

    async def refuse(self, code, message, event_id=None, **fields):
        error = {"type": "invalid_request_error", "code": code, "message": message, **fields}
        await self.say("error", error={"param": None, **error, "event_id": event_id})

    async def close(self, code, reason=""):
        await self.socket.close(code, reason)

    async def speak(self, ms=60, words="Paris.", status="completed", error=None):
        """A whole response, faster than real time."""
        number = next(self.numbers)
        response, item = f"resp_{number}", f"item_{number}"
        ids = {"response_id": response, "item_id": item, "output_index": 0, "content_index": 0}
        await self.begin(response)
        message = {"id": item, "type": "message", "role": "assistant", "content": []}
        await self.say(
            "response.output_item.added", response_id=response, output_index=0, item=message
        )
        await self.say("conversation.item.added", item=message, previous_item_id=None)
        for _ in range(0, ms, 20):
            delta = base64.b64encode(b"\1\0" * (20 * MS // 2)).decode()
            await self.say("response.output_audio.delta", **ids, delta=delta)
        await self.say("response.output_audio_transcript.delta", **ids, delta=words)
        await self.say("response.output_audio.done", **ids)
        await self.say("response.output_audio_transcript.done", **ids, transcript=words)
        await self.end(response, status, error)
        return item

    async def begin(self, response):
        self.active = response
        body = {"id": response, "status": "in_progress", "conversation_id": "conv_1", "output": []}
        await self.say("response.created", response=body)

    async def end(self, response, status="completed", error=None):
        self.active = None
        details = {"type": status, "error": error} if error else None
        body = {"id": response, "status": status, "status_details": details, "output": []}
        await self.say("response.done", response=body)


async def hello(voice, event):
    await voice.say("session.created", session=voice.session)


async def update(voice, event):
    merge(voice.session, event["session"])
    await voice.say("session.updated", session=voice.session)


def merge(old, new):
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict) and key != "format":
            merge(old[key], value)
        else:
            old[key] = value


async def create_item(voice, event):
    item = {"id": f"item_{next(voice.numbers)}", **event["item"]}
    await voice.say("conversation.item.added", item=item, previous_item_id=None)
    await voice.say("conversation.item.done", item=item, previous_item_id=None)


async def create_response(voice, event):
    await voice.speak()


async def cancel(voice, event):
    if voice.active:
        await voice.end(voice.active, "cancelled")
    else:
        await voice.refuse("response_cancel_not_active", "none active", event["event_id"])


async def truncate(voice, event):
    fields = {key: event[key] for key in ("item_id", "content_index", "audio_end_ms")}
    await voice.say("conversation.item.truncated", **fields)


async def commit(voice, event):
    item = f"item_{next(voice.numbers)}"
    message = {"id": item, "type": "message", "role": "user", "content": [{"type": "input_audio"}]}
    await voice.say("input_audio_buffer.committed", item_id=item, previous_item_id=None)
    await voice.say("conversation.item.added", item=message, previous_item_id=None)
    await voice.say("conversation.item.done", item=message, previous_item_id=None)


async def append(voice, event):
    """Turn detection: sound is speech, and enough silence ends the turn."""
    detection = voice.session["audio"]["input"]["turn_detection"]
    data = base64.b64decode(event["audio"])
    width = MS if voice.session["audio"]["input"]["format"]["type"] == "audio/pcm" else 8
    voice.heard_ms += len(data) / width
    if any(data[at : at + 1] not in SILENCE for at in range(0, len(data), 16)):
        voice.loud_ms = voice.heard_ms
        if detection and not voice.speaking:
            voice.speaking = True
            await voice.say("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    window = (detection or {}).get("silence_duration_ms", 200)
    if voice.speaking and voice.heard_ms - voice.loud_ms >= window:
        voice.speaking = False
        end = int(voice.heard_ms)
        await voice.say("input_audio_buffer.speech_stopped", item_id="u", audio_end_ms=end)
        await commit(voice, event)
        if detection.get("create_response", True):
            await voice.speak()


async def clear(voice, event):
    voice.speaking = False
    await voice.say("input_audio_buffer.cleared")


async def stall(voice, event):
    """No answer at all."""


async def hang(voice, event):
    """A response that begins and never ends by itself."""
    await voice.begin(f"resp_{next(voice.numbers)}")


async def leave(voice, event):
    """Break the connection without a word."""
    await asyncio.sleep(0)
    voice.socket.transport.abort()


ANSWERS = {
    "hello": hello,
    "session.update": update,
    "conversation.item.create": create_item,
    "conversation.item.truncate": truncate,
    "response.create": create_response,
    "response.cancel": cancel,
    "input_audio_buffer.append": append,
    "input_audio_buffer.clear": clear,
    "input_audio_buffer.commit": commit,
}


def types(timeline):
    return [f"{moment.source} {moment.type}" for moment in timeline]


def opened(peer, **options):
    return connect(options.pop("config", DICT), peer.url, record=False, **options)


def speaking(**options):
    async def answer(voice, event):
        await voice.speak(**options)

    return answer


def refusing(code, message):
    async def answer(voice, event):
        await voice.refuse(code, message, event["event_id"])

    return answer
