"""Who plays the assistant's voice, and how much of it was played.

A session hands sound to a player and learns from it, as facts, what was heard. Here: what a player
must do, the arithmetic of a queue that is played in real time (`Queue`, told the time), and the
player of a session without loudspeakers (`ClockPlayer`), which plays by the clock: in a script, a
test or a notebook run without a browser, interruption works as it does with ears.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from typing import Protocol as Interface

from .audio import decode
from .formats import PCM_RATE, AudioFormat
from .pcm import float_to_pcm16
from .resampling import StreamResampler

Fact = dict[str, Any]
Report = Callable[[Mapping[str, Any]], None]
Heard = list[tuple[str, float]]

POSITION_EVERY = 0.5  # seconds between two facts that say how far playback has come


class Player(Interface):
    """What a session needs of whoever plays. All calls come on the loop's thread.

    Sound is PCM16 mono at 24 kHz whatever the wire carries. Items are played one after the other.
    Facts go to `report`: `playback.started {item_id}`, `playback.position {item_id, played_ms}`,
    `playback.finished {item_id, played_ms}`; and `playback.flushed {item_id, played_ms}` for a
    flush that the session did not ask for (the page's own button).
    """

    def attach(self, report: Report) -> None:
        """Called once, before anything is played."""

    def play(self, item_id: str, pcm: bytes) -> None:
        """Play this after what came before."""

    def finish(self, item_id: str) -> None:
        """No more will come for this item."""

    def flush(self) -> Heard | Awaitable[Heard]:
        """Silence everything at once; item and played milliseconds of each that was cut off."""


@dataclass(slots=True)
class Item:
    """One item in the queue; lengths in samples."""

    item_id: str
    received: int = 0
    played: float = 0.0
    complete: bool = False
    started: bool = False
    position_told: float = 0.0
    dry_at: float | None = None  # when all that had come was played

    @property
    def played_ms(self) -> float:
        return self.played * 1000 / PCM_RATE


class Queue:
    """A queue of items that plays in real time. Every call is told `now` (seconds).

    `underruns` counts how often an item fell silent because more of it came too late.
    """

    def __init__(self) -> None:
        self.underruns = 0
        self._items: deque[Item] = deque()
        self._at = 0.0  # up to here playback is accounted for

    def __bool__(self) -> bool:
        return bool(self._items)

    def play(self, item_id: str, samples: int, now: float) -> list[Fact]:
        facts = self.advance(now)
        item = self._item(item_id)
        if samples and item.dry_at is not None:
            self.underruns += now - item.dry_at > 1 / PCM_RATE
            item.dry_at = None
        item.received += samples
        return facts + self.advance(now)

    def finish(self, item_id: str, now: float) -> list[Fact]:
        facts = self.advance(now)
        for item in self._items:
            if item.item_id == item_id:
                item.complete = True
        return facts + self.advance(now)

    def flush(self, now: float) -> tuple[list[Fact], Heard]:
        """What happened until now, and how much of each item that is cut off was played."""
        facts = self.advance(now)
        heard = [(item.item_id, item.played_ms) for item in self._items]
        self._items.clear()
        return facts, heard

    def advance(self, now: float) -> list[Fact]:
        """Play up to `now`; what there was to tell on the way, in order."""
        facts: list[Fact] = []
        left = max(0.0, now - self._at)
        while self._items:
            item = self._items[0]
            if item.received and not item.started:
                item.started = True
                facts.append({"type": "playback.started", "item_id": item.item_id})
            played = min(left * PCM_RATE, item.received - item.played)
            item.played += played
            left -= played / PCM_RATE
            if item.played < item.received or not item.complete:
                if item.started and item.played >= item.received and item.dry_at is None:
                    item.dry_at = now - left
                facts += self._position(item)
                break
            facts.append(_told("playback.finished", self._items.popleft()))
        self._at = max(self._at, now)
        return facts

    def next_wakeup(self) -> float | None:
        """When `advance` next has something to tell, if nothing else comes."""
        if not self._items:
            return None
        item = self._items[0]
        left = (item.received - item.played) / PCM_RATE
        if left <= 0:
            return None
        return self._at + min(left, POSITION_EVERY)

    def _item(self, item_id: str) -> Item:
        for item in self._items:
            if item.item_id == item_id:
                return item
        self._items.append(Item(item_id))
        return self._items[-1]

    @staticmethod
    def _position(item: Item) -> list[Fact]:
        if item.played - item.position_told < POSITION_EVERY * PCM_RATE:
            return []
        item.position_told = item.played
        return [_told("playback.position", item)]


def _told(type_: str, item: Item) -> Fact:
    return {"type": type_, "item_id": item.item_id, "played_ms": round(item.played_ms, 3)}


class ClockPlayer:
    """Plays to nobody, in real time by sample count on the loop's clock."""

    def __init__(self) -> None:
        self._queue = Queue()
        self._report: Report = lambda fact: None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def underruns(self) -> int:
        """How often an answer fell silent because more of it came too late."""
        return self._queue.underruns

    def attach(self, report: Report) -> None:
        self._report = report

    def play(self, item_id: str, pcm: bytes) -> None:
        self._tell(self._queue.play(item_id, len(pcm) // 2, self._now()))

    def finish(self, item_id: str) -> None:
        self._tell(self._queue.finish(item_id, self._now()))

    def flush(self) -> Heard:
        facts, heard = self._queue.flush(self._now())
        self._tell(facts)
        return heard

    def skip(self) -> None:
        """Listen no further to what is playing: it ends here, uninterrupted for the server."""
        for item_id, played_ms in self.flush():
            fact = {"type": "playback.finished", "item_id": item_id, "played_ms": played_ms}
            self._report(fact)

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _tell(self, facts: list[Fact]) -> None:
        self.close()
        for fact in facts:
            self._report(fact)
        wakeup = self._queue.next_wakeup()
        if wakeup is not None:
            self._timer = asyncio.get_running_loop().call_at(wakeup, self._wake)

    def _wake(self) -> None:
        self._tell(self._queue.advance(self._now()))


class Feed:
    """Gives a player what it understands: PCM16 at 24 kHz, from whatever the wire carries."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._resamplers: dict[str, StreamResampler] = {}

    def play(self, item_id: str, data: bytes, format: AudioFormat) -> None:
        """More of an item, in the format in which it came."""
        if format is not AudioFormat.PCM16:
            resampler = self._resamplers.setdefault(item_id, StreamResampler(format.rate, PCM_RATE))
            data = float_to_pcm16(resampler.push(decode(data, format)))
        if data:
            self._player.play(item_id, data)

    def finish(self, item_id: str) -> None:
        """No more will come of this item."""
        resampler = self._resamplers.pop(item_id, None)
        rest = float_to_pcm16(resampler.finish()) if resampler else b""
        if rest:
            self._player.play(item_id, rest)
        self._player.finish(item_id)

    def forget(self) -> None:
        """What was flushed has no rest to be played."""
        self._resamplers.clear()
