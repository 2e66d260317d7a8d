"""What waits to be sent to one client: in order, counted in bytes, so that it cannot grow at will.

Producers put without waiting and then ask for `room`; whoever makes much (a voice, a reader that
answers every event) stops there while the client is slow.
"""

from __future__ import annotations

import asyncio
from collections import deque

from rtkit.server.commands import Close

FULL = 1024 * 1024


class Outbox:
    """Texts on their way to the client, and at last the close frame."""

    def __init__(self, full: int = FULL) -> None:
        self._full = full
        self._waiting: deque[str | Close] = deque()
        self._bytes = 0
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def size(self) -> int:
        """Characters that wait."""
        return self._bytes

    def put(self, text: str | Close) -> None:
        """Add a text, or the close frame behind everything."""
        self._waiting.append(text)
        self._bytes += len(text) if isinstance(text, str) else 0
        self._filled.set()
        if self._bytes >= self._full:
            self._room.clear()

    async def room(self) -> None:
        """Wait until there is room again."""
        await self._room.wait()

    async def get(self) -> str | Close:
        """The next to be sent."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        text = self._waiting.popleft()
        self._bytes -= len(text) if isinstance(text, str) else 0
        if self._bytes < self._full:
            self._room.set()
        return text
