"""Lines in which frames and words wait for their time, when stages are delayed on purpose."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from rtkit.server.delays import Line
from rtkit.server.naps import sleep_until

T = TypeVar("T")
FULL = 32 * 1024 * 1024
APPEND = "input_audio_buffer.append"
SOUND = ("input_audio_buffer.", "session.update")


class Waiting(Generic[T]):
    """Things that come out in order, each when it is due; bounded by their sizes."""

    def __init__(self, line: Line, clock: Callable[[], float], full: int = FULL) -> None:
        self._line, self._clock, self._full = line, clock, full
        self._things: deque[tuple[T, int, float]] = deque()
        self._held = 0
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._things)

    def put(self, thing: T, size: int = 0) -> None:
        """Let a thing of that many bytes wait."""
        self._things.append((thing, size, self._line.due(self._clock())))
        self._held += size
        self._changed.set()

    async def room(self) -> None:
        """Wait until less is held than allowed."""
        while self._held >= self._full:
            self._changed.clear()
            await self._changed.wait()

    async def get(self) -> T:
        """The next thing, when it is due."""
        while not self._things:
            self._changed.clear()
            await self._changed.wait()
        thing, size, due = self._things[0]
        await sleep_until(due, self._clock)
        self._things.popleft()
        self._held -= size
        self._changed.set()
        return thing


def type_about_sound(frame: str | bytes) -> str:
    """The type of a client event that changes what is heard, else ""."""
    try:
        event = json.loads(frame)
    except (ValueError, RecursionError):
        return ""
    type_ = event.get("type") if isinstance(event, dict) else None
    return type_ if isinstance(type_, str) and type_.startswith(SOUND) else ""
