"""What went through one session's socket: events, seconds of sound, responses, errors.

The frames are counted as they pass; none is kept, and sound is measured by the length of its
base64. Numbers only: nothing that was said or written is in them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import WSMessage, WSMsgType, web

BYTES_PER_S = {"audio/pcm": 48_000, "audio/pcmu": 8_000, "audio/pcma": 8_000}
HEAD = 200
"""Characters of a frame that we send in which its type stands."""
_TYPE = re.compile(r'"type": "([\w.]+)"')
_SOUND_IN = re.compile(r'"audio"\s*:\s*"([^"]*)"')
_SOUND_OUT = re.compile(r'"delta"\s*:\s*"([^"]*)"')
_APPEND = re.compile(r'"type"\s*:\s*"input_audio_buffer\.append"')


class Tally:
    """The counts of one session. `format_of` gives its wire format of "input" or "output"."""

    def __init__(self, format_of: Callable[[str], str]) -> None:
        self._format_of = format_of
        self.events_in = self.events_out = self.errors = 0
        self.audio_in_s = self.audio_out_s = 0.0
        self.responses: Counter[str] = Counter()

    def received(self, frame: str | bytes) -> None:
        """Count a frame of the client."""
        self.events_in += 1
        if isinstance(frame, str) and _APPEND.search(frame):
            self.audio_in_s += self._seconds(_SOUND_IN.search(frame), "input")

    def sent(self, frame: str) -> str | None:
        """Count a frame of ours; the code of the error when it is one ("" for none)."""
        self.events_out += 1
        found = _TYPE.search(frame, 0, HEAD)
        kind = found[1] if found else ""
        if kind == "response.output_audio.delta":
            self.audio_out_s += self._seconds(_SOUND_OUT.search(frame), "output")
        elif kind == "response.done":
            self.responses[_at(frame, "response", "status")] += 1
        elif kind == "error":
            self.errors += 1
            return _at(frame, "error", "code")
        return None

    def _seconds(self, sound: re.Match[str] | None, way: str) -> float:
        if sound is None:
            return 0.0
        size = sound.end(1) - sound.start(1)
        padding = sound[1][-2:].count("=")
        return (size * 3 // 4 - padding) / BYTES_PER_S.get(self._format_of(way), 48_000)

    def fields(self) -> dict[str, object]:
        """The counts, named for the log; responses that did not end well are named too."""
        others = {name: n for name, n in self.responses.items() if name != "completed"}
        return {
            "events_in": self.events_in,
            "events_out": self.events_out,
            "audio_in_s": self.audio_in_s,
            "audio_out_s": self.audio_out_s,
            "responses": self.responses.total(),
            **others,
            "errors": self.errors,
        }


def _at(frame: str, *names: str) -> str:
    """A text deep in a frame of ours; "" when it is not there (faults may garble frames)."""
    try:
        value: Any = json.loads(frame)
    except ValueError:
        return ""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


class CountedSocket(web.WebSocketResponse):
    """A WebSocket whose frames are counted once it has a tally; `on_error` gets error codes."""

    tally: Tally | None = None
    said: int | None = None
    """The close code that we sent; None while the client was the first to close."""
    on_error: Callable[[str], None] | None = None

    async def receive(self, timeout: float | None = None) -> WSMessage:
        """As aiohttp's."""
        message = await super().receive(timeout)
        if self.tally is not None and message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            self.tally.received(message.data)
        return message

    async def send_str(self, data: str, compress: int | None = None) -> None:
        """As aiohttp's."""
        await super().send_str(data, compress)
        code = self.tally.sent(data) if self.tally is not None else None
        if code is not None and self.on_error is not None:
            self.on_error(code)

    async def close(self, *, code: int = 1000, message: bytes = b"", drain: bool = True) -> bool:
        """As aiohttp's, which afterwards tells 1000 whatever was sent."""
        if not self.closed and self.close_code is None and self.said is None:
            self.said = int(code)
        return await super().close(code=code, message=message, drain=drain)

    def forget_compressor(self) -> None:
        """It is over: let go of 256 KB, which else stay until Python looks for rings of objects.

        aiohttp has no word for it; where its writer has another name, nothing happens.
        """
        writer: Any = getattr(self, "_writer", None)
        if hasattr(writer, "_compressobj"):
            writer._compressobj = None
