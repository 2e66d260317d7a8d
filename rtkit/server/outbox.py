"""What waits to be sent to one client: in order, counted in bytes, so that it cannot grow at will.

Producers put without waiting and then ask for `room`; whoever makes much (a voice, a reader that
answers every event) stops there while the client is slow. So no more waits than `FULL` and what
one client event or one portion of sound brings.
"""

from __future__ import annotations

import asyncio
from collections import deque

from rtkit.server.commands import Close
from rtkit.server.mischief import HangUp, Pause

FULL = 1024 * 1024


Letter = str | bytes | Close | Pause | HangUp


class Outbox:
    """Texts (and, by a fault, binary frames) on their way to the client, and at last the close."""

    def __init__(self, full: int = FULL) -> None:
        self._full = full
        self._waiting: deque[tuple[Letter, float]] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._closed = False
        self.largest = 0

    @property
    def size(self) -> int:
        """Bytes that wait (the texts are ASCII)."""
        return self._bytes

    def put(self, letter: Letter, due: float = 0.0) -> None:
        """Add something to send, not before `due`; dropped once nobody sends any more."""
        if self._closed:
            return
        self._waiting.append((letter, due))
        self._bytes += _size(letter)
        self.largest = max(self.largest, self._bytes)
        self._filled.set()
        if self._bytes >= self._full:
            self._room.clear()

    async def room(self) -> None:
        """Wait until there is room again, or nobody sends any more."""
        await self._room.wait()

    async def get(self) -> Letter:
        """The next to be sent."""
        return (await self.get_timed())[0]

    async def get_timed(self) -> tuple[Letter, float]:
        """The next to be sent, and when it is due."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        letter, due = self._waiting.popleft()
        self._bytes -= _size(letter)
        if self._bytes < self._full:
            self._room.set()
        return letter, due

    def close(self) -> None:
        """Nobody sends any more: what waits is dropped, and nobody is kept waiting."""
        self._closed = True
        self._waiting.clear()
        self._bytes = 0
        self._room.set()


def _size(letter: Letter) -> int:
    return len(letter) if isinstance(letter, str | bytes) else 0
