"""Half-duplex: while the assistant sounds, and a little longer, the microphone hears nothing.

For loudspeakers whose sound comes back through the microphone: the assistant would take its own
voice for the person's, and interrupt itself. What is held back is replaced by as much silence, so
that positions in the input stay true. What the page tells and what its microphone hears come in
one order, over one link: no clock here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .wire import RATE

TAIL_MS = 300.0
"""Held on after the last sample was played: it still has to leave the loudspeaker, fade in the room
and come back. An echo test tells how long that takes."""
FADING_MS = 200.0  # of a room, beyond the delay that an echo test has found


class EchoGuard:
    """Lets the microphone's sound pass, or silence instead.

    `tail_ms` is how much of the microphone is held back after the assistant has stopped.
    """

    def __init__(self, on: bool = False, tail_ms: float = TAIL_MS) -> None:
        self.on = on
        self.tail_ms = tail_ms
        self._sounding: set[int] = set()
        self._left = 0  # samples of the tail

    @property
    def holding(self) -> bool:
        """Whether the microphone is held back now."""
        return self.on and (bool(self._sounding) or self._left > 0)

    def told(self, told: Mapping[str, Any]) -> None:
        """What the page's player tells: an item has started, has finished, or all were flushed."""
        match told.get("type"):
            case "started":
                self._sounding.add(int(told.get("item", -1)))
            case "finished":
                self._stop({int(told.get("item", -1))})
            case "flushed":
                self.hush()

    def hush(self) -> None:
        """Nothing sounds any more."""
        self._stop(set(self._sounding))

    def _stop(self, items: set[int]) -> None:
        if items & self._sounding:
            self._sounding -= items
            self._left = round(self.tail_ms * RATE / 1000)

    def passed(self, pcm: bytes) -> bytes:
        """These samples (PCM16 at 24 kHz), or as many of silence."""
        if self._sounding:
            return bytes(len(pcm)) if self.on else pcm
        held = min(self._left, len(pcm) // 2)
        self._left -= held
        return bytes(2 * held) + pcm[2 * held :] if self.on else pcm
