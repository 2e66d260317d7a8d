"""The player of a session whose loudspeaker is a page.

Sound goes out at most 3 s ahead of what the page says it has played: a long answer that is
interrupted must not stand in a slow connection in front of the flush that silences it.
Everything here runs on rtkit's loop.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rtkit.playback import Heard, Report

from .wire import RATE, Link, message, pack

AHEAD = 3 * RATE  # samples
PIECE_BYTES = 4800  # 100 ms
ACK_WITHIN = 1.0  # seconds; a page that has not clicked yet cannot play, nor answer

_numbers = itertools.count(1)  # of items, in every page of this process
_flush_ids = itertools.count(1)


@dataclass(slots=True)
class Item:
    """One item that is spoken, and the number it has in the page. Counts are samples."""

    item_id: str
    number: int
    sent: int = 0
    played: int = 0

    @property
    def played_ms(self) -> float:
        return round(self.played * 1000 / RATE, 3)


class BrowserPlayer:
    """A `rtkit.playback.Player` that plays in a page and reports what was really played there.

    Without a page sound is dropped and nothing is reported but 0 ms at a flush.
    """

    def __init__(self) -> None:
        self.underruns = 0
        self.link: Link | None = None
        self._items: dict[int, Item] = {}  # by number; those that may still sound
        self._queue: deque[tuple[Item, bytes | None]] = deque()  # None: the item is complete
        self._flushes: dict[int, asyncio.Future[list[tuple[int, int]]]] = {}
        self._report: Report = lambda fact: None

    def attach(self, report: Report) -> None:
        """Report to this session."""
        self._report = report

    def enter(self, link: Link) -> None:
        """Play in this page from now on."""
        self.exit()
        self.link = link

    def exit(self) -> None:
        """The page is gone: what it had played so far is all that was heard."""
        self.link = None
        for item in self._drop():
            self._tell("flushed", item)
        for waiting in self._flushes.values():
            if not waiting.done():
                waiting.set_result([])

    def play(self, item_id: str, pcm: bytes) -> None:
        """Play PCM16 at 24 kHz after what came before of the same item."""
        item = self._find(item_id) or self._begin(item_id)
        for start in range(0, len(pcm), PIECE_BYTES):
            self._queue.append((item, pcm[start : start + PIECE_BYTES]))
        self._pump()

    def finish(self, item_id: str) -> None:
        """No more will come for this item."""
        item = self._find(item_id)
        if item is not None:
            self._queue.append((item, None))
            self._pump()

    async def flush(self) -> Heard:
        """Silence the page now; of each item how many ms were played of it."""
        stopped = self._drop()
        if self.link is None or not stopped:
            return [(item.item_id, item.played_ms) for item in stopped]
        for number, played in await self._ask_page(self.link):
            for item in stopped:
                if item.number == number:
                    item.played = min(played, item.sent)
        return [(item.item_id, item.played_ms) for item in stopped]

    async def _ask_page(self, link: Link) -> list[tuple[int, int]]:
        number = next(_flush_ids)
        answer = self._flushes[number] = asyncio.get_running_loop().create_future()
        link.send(message("flush", id=number))
        try:
            return await asyncio.wait_for(answer, ACK_WITHIN)
        except TimeoutError:
            return []
        finally:
            del self._flushes[number]

    def hear(self, told: Mapping[str, Any]) -> None:
        """What the page's player tells: started, position, finished, flushed, underrun."""
        match told.get("type"):
            case "flushed":
                self._flushed(told)
            case "underrun":
                self.underruns = int(told.get("underruns", 0))
            case "started" | "position" | "finished" as what:
                self._progress(what, told)

    def _progress(self, what: str, told: Mapping[str, Any]) -> None:
        item = self._items.get(int(told.get("item", -1)))
        if item is None:
            return
        item.played = min(int(told.get("played", 0)), item.sent)
        if what == "finished":
            del self._items[item.number]
        self._tell(what, item)
        self._pump()

    def _flushed(self, told: Mapping[str, Any]) -> None:
        waiting = self._flushes.get(int(told.get("id", -1)))
        if waiting is not None and not waiting.done():
            waiting.set_result([(int(i["item"]), int(i["played"])) for i in told.get("items", [])])

    def _tell(self, what: str, item: Item) -> None:
        fact: dict[str, Any] = {"type": f"playback.{what}", "item_id": item.item_id}
        if what != "started":
            fact["played_ms"] = item.played_ms
        self._report(fact)

    def _find(self, item_id: str) -> Item | None:
        return next((i for i in self._items.values() if i.item_id == item_id), None)

    def _begin(self, item_id: str) -> Item:
        number = next(_numbers)
        item = self._items[number] = Item(item_id, number)
        return item

    def _drop(self) -> list[Item]:
        stopped = list(self._items.values())
        self._items.clear()
        self._queue.clear()
        return stopped

    def _pump(self) -> None:
        while self._queue and self._ahead() < AHEAD:
            item, pcm = self._queue.popleft()
            if pcm is not None:
                item.sent += len(pcm) // 2
            if self.link is not None:
                end = message("finish", item=item.number)
                self.link.send(end if pcm is None else pack(item.number, pcm))

    def _ahead(self) -> int:
        if self.link is None:
            return 0
        return sum(item.sent - item.played for item in self._items.values())
