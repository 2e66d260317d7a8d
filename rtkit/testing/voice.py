"""One connection of the peer: what the server says on it, and what it has heard."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from websockets.asyncio.server import ServerConnection

from rtkit import events
from rtkit.audio import AudioFormat, duration_ms, encode

Event = Mapping[str, Any]
PIECE_S = 0.02
SILENCE = {b"\0", b"\xff", b"\xd5"}  # in PCM16, mu-law and A-law
USAGE: Event = {
    "total_tokens": 30,
    "input_tokens": 20,
    "output_tokens": 10,
    "input_token_details": {
        "text_tokens": 8,
        "audio_tokens": 12,
        "image_tokens": 0,
        "cached_tokens": 0,
        "cached_tokens_details": {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 2, "audio_tokens": 8},
}


class Voice:
    """The server's end of one connection. It hears speech in any sample that is not zero."""

    def __init__(self, socket: ServerConnection, session: Event, first: int = 1) -> None:
        self.socket = socket
        self.session: dict[str, Any] = json.loads(json.dumps(session))
        self.numbers = itertools.count(first)  # ids of one peer never come twice
        self.heard_ms = self.loud_ms = 0.0
        self.speaking: str | None = None  # the item of the person who speaks
        self.active: str | None = None  # the response under way
        self._last_item: str | None = None
        self._open: tuple[Event, str, str] | None = None  # a message that is not yet done

    async def tell(self, type_: str, **fields: Any) -> None:
        """Send one event, whatever is in it."""
        event = {"type": type_, "event_id": f"event_{next(self.numbers)}", **fields}
        await self.socket.send(json.dumps(event))

    async def refuse(
        self, code: str, message: str, event_id: str | None = None, **fields: Any
    ) -> None:
        """Send an error; with `event_id` it is about that event of the client."""
        error = {"type": "invalid_request_error", "code": code, "message": message, **fields}
        await self.tell("error", error={"param": None, **error, "event_id": event_id})

    async def close(self, code: int, reason: str = "") -> None:
        """Close the connection with a code, as a server does that has something to say."""
        await self.socket.close(code, reason)

    def drop(self) -> None:
        """Break the connection without a word."""
        self.socket.transport.abort()

    # responses

    async def speak(
        self,
        words: str = "Paris.",
        seconds: float = 0.06,
        status: str = "completed",
        error: Event | None = None,
        done: bool = True,
    ) -> str:
        """A whole response, faster than real time; its item. `done` False leaves it open.

        Without sound, in text, if the session's output is text.
        """
        response = await self.begin()
        part = "text" if self._modalities() == ["text"] else "audio"
        item = await self._begin_item(response, part)
        send = self._write if part == "text" else self._utter
        await send(item, words, seconds)
        self._open = (item, part, words)
        if done:
            await self.end(response, status, error)
        return str(item["item_id"])

    async def call(self, calls: Sequence[tuple[str, str, str]]) -> None:
        """A response of calls of tools, each (name, arguments as JSON, call id)."""
        response = await self.begin()
        for index, (name, arguments, call_id) in enumerate(calls):
            item = {"id": self._new("item"), "type": "function_call", "name": name}
            item |= {"call_id": call_id, "arguments": "", "status": "in_progress"}
            place = {"response_id": response, "output_index": index}
            await self.tell(events.OUTPUT_ITEM_ADDED, item=item, **place)
            await self._add(item)
            said = {**place, "item_id": item["id"], "call_id": call_id}
            await self.tell(events.CALL_DELTA, delta=arguments, **said)
            await self.tell(events.CALL_DONE, arguments=arguments, name=name, **said)
            whole = {**item, "arguments": arguments, "status": "completed"}
            await self.tell(events.ITEM_DONE, item=whole, previous_item_id=None)
            await self.tell(events.OUTPUT_ITEM_DONE, item=whole, **place)
        await self.end(response)

    async def begin(self, response: str | None = None) -> str:
        """A response is created; its id."""
        self.active = response or self._new("resp")
        body: dict[str, Any] = {
            "object": "realtime.response",
            "id": self.active,
            "status": "in_progress",
        }
        body |= {"conversation_id": "conv_1", "output": []}
        await self.tell(events.RESPONSE_CREATED, response=body)
        return self.active

    async def end(
        self, response: str, status: str = "completed", error: Event | None = None
    ) -> None:
        """A response is done, and with it the item that it was at."""
        self.active = None
        if self._open:
            await self._end_item(*self._open, status)
            self._open = None
        details = {"type": status, "error": error} if error else None
        body: dict[str, Any] = {"object": "realtime.response", "id": response, "status": status}
        body |= {"status_details": details, "conversation_id": "conv_1", "output": []}
        await self.tell(events.RESPONSE_DONE, response={**body, "usage": USAGE})

    def _modalities(self) -> object:
        return self.session.get("output_modalities", ["audio"])

    async def _begin_item(self, response: str, part: str) -> dict[str, Any]:
        item = {"id": self._new("item"), "type": "message", "role": "assistant", "content": []}
        item["status"] = "in_progress"
        place = {"response_id": response, "output_index": 0}
        await self.tell(events.OUTPUT_ITEM_ADDED, item=item, **place)
        await self._add(item)
        place |= {"item_id": item["id"], "content_index": 0}
        empty = {"type": part, "transcript" if part == "audio" else "text": ""}
        await self.tell(events.PART_ADDED, part=empty, **place)
        return place

    async def _utter(self, place: Event, words: str, seconds: float) -> None:
        await self._spell(events.TRANSCRIPT_DELTA, place, words)
        for piece in tone(seconds, self.format("output")):
            delta = base64.b64encode(piece).decode()
            await self.tell(events.AUDIO_DELTA, **place, delta=delta)

    async def _write(self, place: Event, words: str, seconds: float) -> None:
        await self._spell(events.TEXT_DELTA, place, words)

    async def _spell(self, type_: str, place: Event, words: str) -> None:
        for n, word in enumerate(words.split(" ")):
            await self.tell(type_, **place, delta=f" {word}" if n else word)

    async def _end_item(self, place: Event, part: str, words: str, status: str) -> None:
        if part == "audio":
            await self.tell(events.AUDIO_DONE, **place)
            await self.tell(events.TRANSCRIPT_DONE, **place, transcript=words)
        else:
            await self.tell(events.TEXT_DONE, **place, text=words)
        content = {"type": part, "transcript" if part == "audio" else "text": words}
        await self.tell(events.PART_DONE, part=content, **place)
        item = {"id": place["item_id"], "type": "message", "role": "assistant"}
        whole = "completed" if status == "completed" else "incomplete"
        item |= {"status": whole, "content": [{**content, "type": f"output_{part}"}]}
        await self.tell(events.ITEM_DONE, item=item, previous_item_id=None)
        ends = {key: place[key] for key in ("response_id", "output_index")}
        await self.tell(events.OUTPUT_ITEM_DONE, item=item, **ends)

    # what the client says

    async def listen(self, data: bytes, window_ms: float) -> bool:
        """Hear sound: whether so much silence after speech ends a turn with it."""
        self.heard_ms += duration_ms(len(data), self.format("input"))
        if any(data[at : at + 1] not in SILENCE for at in range(0, len(data), 16)):
            self.loud_ms = self.heard_ms
            if not self.speaking:
                self.speaking = self._new("item")
                start = int(self.heard_ms - duration_ms(len(data), self.format("input")))
                told = {"item_id": self.speaking, "audio_start_ms": start}
                await self.tell(events.SPEECH_STARTED, **told)
        return bool(self.speaking) and self.heard_ms - self.loud_ms >= window_ms

    async def stop_listening(self, words: str | None = None) -> str:
        """Speech is over: the item that it becomes, transcribed if there are words."""
        if self.speaking:
            told = {"item_id": self.speaking, "audio_end_ms": int(self.heard_ms)}
            await self.tell(events.SPEECH_STOPPED, **told)
        item_id = await self.commit()
        if words is not None:
            usage = {"type": "duration", "seconds": round(self.heard_ms / 1000, 3)}
            said = {"item_id": item_id, "content_index": 0, "transcript": words, "usage": usage}
            await self.tell(events.TRANSCRIPTION_COMPLETED, **said)
        return item_id

    async def commit(self) -> str:
        """What was heard becomes an item; its id."""
        item_id, self.speaking = self.speaking or self._new("item"), None
        message: dict[str, Any] = {
            "id": item_id,
            "type": "message",
            "role": "user",
            "status": "completed",
        }
        message["content"] = [{"type": "input_audio", "transcript": None}]
        await self.tell(events.COMMITTED, item_id=item_id, previous_item_id=self._last_item)
        await self.add(message)
        return item_id

    async def add(self, item: Event) -> None:
        """A whole item enters the conversation."""
        item = {"id": self._new("item"), **item}
        before = self._last_item
        await self._add(item)
        await self.tell(events.ITEM_DONE, item=item, previous_item_id=before)

    async def _add(self, item: Event) -> None:
        before, self._last_item = self._last_item, str(item["id"])
        await self.tell(events.ITEM_ADDED, item=item, previous_item_id=before)

    def _new(self, kind: str) -> str:
        return f"{kind}_{next(self.numbers)}"

    def format(self, side: str) -> AudioFormat:
        """The format of the session's "input" or "output"."""
        told = self.session.get("audio", {}).get(side, {}).get("format")
        return AudioFormat.from_wire(told) if told else AudioFormat.PCM16


def tone(seconds: float, format: AudioFormat) -> list[bytes]:
    """A soft tone in pieces of 20 ms."""
    t = np.arange(round(seconds * format.rate)) / format.rate
    data = encode((0.1 * np.sin(2 * np.pi * 220 * t)).astype(np.float32), format)
    size = round(PIECE_S * format.rate) * format.bytes_per_sample
    return [data[at : at + size] for at in range(0, len(data), size)]
