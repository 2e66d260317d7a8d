"""A microphone that stays open: what it hears while nobody says the next thing.

Sound is put in with its time and sent by the clock, 20 ms at a time. While somebody speaks, or is
waited for to be understood, it is taken from here by whoever sends (`used`), so that there is one
stream.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .ambience import Murmur
from .audio import bytes_for_ms, encode
from .formats import AudioFormat

if TYPE_CHECKING:
    from .link import Link

FRAME_MS = 20


def silence(ms: float, format: AudioFormat) -> bytes:
    """This much digital silence, as the wire carries it."""
    return encode([0.0] * (bytes_for_ms(ms, format) // format.bytes_per_sample), format)


class Room:
    """The room of one session. `pace` 1.0 is real time; None: everything is sent at once."""

    def __init__(self, link: Link, pace: float | None = 1.0) -> None:
        self._link, self._pace = link, pace
        self._frames: deque[tuple[float, bytes]] = deque()  # when it is to be sent
        self._put = asyncio.Event()
        self._used = False

    @property
    def quiet(self) -> bool:
        """Whether all that was put in has been sent."""
        return not self._frames

    def put(self, murmurs: Iterable[Murmur], after: float = 0.0) -> None:
        """Let these be heard, counted from so many seconds after now."""
        format, now = self._link.protocol.input_format, self._link.now
        size = bytes_for_ms(FRAME_MS, format)
        for murmur in murmurs:
            data = encode(murmur.clip.resampled(format.rate).samples, format)
            for number, at in enumerate(range(0, len(data), size)):
                seconds = after + murmur.at + number * FRAME_MS / 1000
                due = now if self._pace is None else now + seconds / self._pace
                self._frames.append((due, data[at : at + size]))
        self._put.set()

    def clear(self) -> None:
        """Forget what was not sent yet."""
        self._frames.clear()

    def take(self) -> bytes:
        """The next 20 ms: what is to be heard now, else silence."""
        format = self._link.protocol.input_format
        if self._frames and self._frames[0][0] <= self._link.now:
            data = self._frames.popleft()[1]
            return data + silence(FRAME_MS, format)[len(data) :]
        return silence(FRAME_MS, format)

    @contextmanager
    def used(self) -> Iterator[None]:
        """During a `with` the caller sends, and takes from here what is heard beside it."""
        self._used = True
        try:
            yield
        finally:
            self._used = False
            self._put.set()

    async def run(self) -> None:
        """Send what is due, until cancelled or the session is over."""
        while self._link.ended is None:
            if self._used or not self._frames:
                self._put.clear()
                await self._put.wait()
                continue
            due = self._frames[0][0]
            if due > self._link.now:
                await asyncio.sleep(min(due - self._link.now, FRAME_MS / 1000))
            else:
                self._link.append_wire(self._frames.popleft()[1])
                await asyncio.sleep(0)
