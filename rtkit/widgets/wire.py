"""What travels between a console in the page and the kernel's process.

Text messages are JSON objects with a `type`; binary ones are sound: 4 bytes (little-endian number)
and then PCM16 at 24 kHz. From the page the number counts 20 ms frames since the microphone opened;
to the page it names the item that is spoken. No sockets, no clock here.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any, Protocol

RATE = 24_000
FRAME_BYTES = 960  # 20 ms
PATHS = ("direct", "proxy", "messages")
HELD_FRAMES = 25  # 0.5 s: how long a frame that came too early waits for those before it


class Link(Protocol):
    """One connected page. Both methods are called on rtkit's loop only."""

    path: str

    def send(self, data: str | bytes) -> None: ...
    def close(self) -> None: ...


class Guest(Protocol):
    """Whoever a page is connected to. All methods are called on rtkit's loop."""

    def arrive(self, link: Link) -> None: ...
    def receive(self, link: Link, data: str | bytes) -> None: ...
    def leave(self, link: Link) -> None: ...


def message(type: str, **fields: Any) -> str:
    """A text message.

    >>> message("finish", item=3)
    '{"type": "finish", "item": 3}'
    """
    return json.dumps({"type": type, **fields})


def parse(text: str | bytes) -> dict[str, Any]:
    """The object in a text message; {} when it holds none (a page may send anything)."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def pack(number: int, pcm: bytes) -> bytes:
    """A binary message.

    >>> pack(1, b"ab").hex(" ")
    '01 00 00 00 61 62'
    """
    return struct.pack("<I", number) + pcm


def unpack(data: bytes) -> tuple[int, bytes]:
    """Number and sound of a binary message; half a sample at the end is left out."""
    if len(data) < 4:
        return 0, b""
    pcm = data[4:]
    return struct.unpack_from("<I", data)[0], pcm[: len(pcm) // 2 * 2]


class Sequence:
    """Frames in the order of their numbers, whatever thread or message brought them.

    Kernel messages may be handled out of order. A frame that comes too early waits for those
    before it, but not for more than 0.5 s of sound; then they count as `lost`.
    `first` is the number of the first one.
    """

    def __init__(self, first: int = 0) -> None:
        self.expected = first
        self.lost = 0
        self._early: dict[int, bytes] = {}

    def push(self, number: int, pcm: bytes) -> Iterator[bytes]:
        """The sound that is next, as far as it is there. A frame that comes too late is dropped."""
        if number >= self.expected:
            self._early[number] = pcm
        yield from self._ready()
        if self._early and max(self._early) - self.expected >= HELD_FRAMES:
            self.lost += min(self._early) - self.expected
            self.expected = min(self._early)
            yield from self._ready()

    def rest(self) -> Iterator[bytes]:
        """All that still waits for frames before it; those will not come, and count as lost."""
        while self._early:
            self.lost += min(self._early) - self.expected
            self.expected = min(self._early)
            yield from self._ready()

    def _ready(self) -> Iterator[bytes]:
        while self.expected in self._early:
            pcm = self._early.pop(self.expected)
            self.expected += max(1, len(pcm) // FRAME_BYTES)
            yield pcm
