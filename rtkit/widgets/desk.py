"""The kernel's side of one inspector's pages: what each looks at, and what is new.

Everything but `_tick` runs in the bench's worker, so that a search through a long timeline keeps
no sound waiting. A timeline says to nobody that it has grown: while a page is there, its length is
looked at ten times a second.
"""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rtkit.listing import Choice, Listing
from rtkit.matching import Search
from rtkit.timeline import Timeline

from .bench import Bench
from .details import Details
from .wire import Link

EVERY_S = 0.1
Told = dict[str, Any]


@dataclass(slots=True)
class Look:
    """What one page looks at: its choice, the places that fit, and the number it gave that."""

    choice: Choice = field(default_factory=Choice)
    number: int = -1
    shown: list[int] = field(default_factory=list)
    seen: int = 0  # events that were looked at


class Desk(Bench):
    """Shows what `source()` is at the time; `live` if it is expected to grow."""

    def __init__(self, source: Callable[[], Timeline], search: str, live: bool) -> None:
        super().__init__(self._answer, "inspector")
        self._source, self._search, self._live = source, search, live
        self._looks: dict[Link, Look] = {}
        self._listing = Listing(source())
        self._details = Details(self._listing)
        self._growing = False
        self._timer: asyncio.TimerHandle | None = None
        self.selected: int | None = None

    # pages; on rtkit's loop

    def arrive(self, link: Link) -> None:
        """A page has come; it asks for what it shows."""
        super().arrive(link)
        if self._timer is None:
            self._tick()

    def leave(self, link: Link) -> None:
        """The connection of a page is gone; with the last one the looking ends."""
        self._looks.pop(link, None)
        super().leave(link)

    def _tick(self) -> None:
        self._timer = None
        if not self.links:
            return
        self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._tick)
        timeline, known = self._source(), self._listing
        if not self._growing and (timeline is not known.timeline or len(timeline) != len(known)):
            self._growing = True
            self.submit(self._grow)

    # in the worker

    def _grow(self) -> None:
        try:
            timeline = self._source()
            if timeline is not self._listing.timeline:
                self._begin(timeline)
                return
            if self._listing.read_on() and self._looks:
                self._live = True
                for link, look in list(self._looks.items()):
                    self._find(look)
                    self._tell_shown("grown", link, look)
        finally:
            self._growing = False

    def _begin(self, timeline: Timeline) -> None:
        """A console has begun a new session: another timeline."""
        self._listing = Listing(timeline)
        self._details, self.selected = Details(self._listing), None
        for link, look in list(self._looks.items()):
            look.shown, look.seen = [], 0
            self.tell("begun", to=link)

    def _answer(self, told: Told, link: Link) -> None:
        act = ASKED.get(str(told.get("type")))
        if act is not None:
            act(self, told, link)

    def _asked_start(self, _: Told, link: Link) -> None:
        target = self._listing.timeline.target
        self.tell("start", to=link, search=self._search, target=target)

    def _asked_look(self, told: Told, link: Link) -> None:
        """The page has another choice; `selected` is an event, whose place in it is told."""
        if link not in self.links:
            return  # it has gone in the meantime
        self._listing.read_on()
        choice = Choice(
            Search.parse(str(told["text"])), frozenset(told["kinds"]), bool(told["pieces"])
        )
        self._search = str(told["text"])
        look = self._looks[link] = Look(choice, int(told["number"]))
        self._find(look)
        self._tell_shown("shown", link, look, at=_at(look.shown, told.get("selected")))

    def _find(self, look: Look) -> None:
        look.shown += self._listing.matches(look.choice, look.seen)
        look.seen = len(self._listing)

    def _tell_shown(self, type: str, link: Link, look: Look, **more: Any) -> None:
        listing = self._listing
        self.tell(
            type,
            to=link,
            number=look.number,
            count=len(look.shown),
            total=len(listing),
            counts=dict(listing.counts),
            violations=len(listing.violations),
            live=self._live,
            **more,
        )

    def _asked_rows(self, told: Told, link: Link) -> None:
        look = self._looks.get(link)
        if look is None or look.number != told["number"]:
            return
        first = int(told["first"])
        rows = self._listing.rows(look.shown, first, int(told["last"]))
        lists = [
            [r.index, r.t, r.since_ms, r.source, r.type, r.summary, r.group, r.violation, r.audio_s]
            for r in rows
        ]
        self.tell("rows", to=link, number=look.number, first=first, rows=lists)

    def _asked_event(self, told: Told, link: Link) -> None:
        look = self._looks.get(link, Look())
        index = self._wanted(told, look)
        if index is None:
            self.tell("event", to=link, seq=told["seq"], index=None, why=_why(told))
            return
        self.selected = index
        at = _at(look.shown, index)
        details = self._details.of(index)
        self.tell("event", to=link, seq=told["seq"], number=look.number, at=at, **details)

    def _wanted(self, told: Told, look: Look) -> int | None:
        """Which event is meant: by its place in the list, itself, or from another one."""
        if "at" in told:
            at = int(told["at"])
            return look.shown[at] if 0 <= at < len(look.shown) else None
        if "violation" in told:
            step, near = int(told["violation"]), int(told["near"])
            return self._listing.next_violation(near, step, look.shown)
        if "any" in told:
            found = [int(index) for index in told["any"]]
            return next((i for i in found if _at(look.shown, i) is not None), found[0])
        index = int(told["index"])
        if "partner" in told:
            return self._partner(index, int(told["partner"]))
        return index if 0 <= index < len(self._listing) else None

    def _partner(self, index: int, step: int) -> int | None:
        partners = self._listing.partners(index)
        if not partners:
            return None
        return partners[(partners.index(index) + step) % len(partners)]

    def _asked_sound(self, told: Told, link: Link) -> None:
        data = self._details.sound(str(told["key"]))
        if data is not None:
            self.tell("sound", data, to=link, key=told["key"])


ASKED: Mapping[str, Callable[[Desk, Told, Link], None]] = {
    "start": Desk._asked_start,
    "look": Desk._asked_look,
    "rows": Desk._asked_rows,
    "event": Desk._asked_event,
    "sound": Desk._asked_sound,
}
"""What a page may ask for."""


def _at(shown: list[int], index: object) -> int | None:
    """The place of an event among those that are shown; None if it is hidden."""
    if not isinstance(index, int):
        return None
    at = bisect_left(shown, index)
    return at if at < len(shown) and shown[at] == index else None


def _why(told: Told) -> str:
    """Why there is no such event."""
    if "violation" in told:
        return "No event breaks a rule of order."
    return "This event has no partner." if "partner" in told else "There is no such event."


def timeline_of(of: object) -> tuple[Callable[[], Timeline], bool]:
    """Where the timeline of an inspector comes from, and whether it is expected to grow.

    TypeError for what has none; RtkitError for a file that holds none.
    """
    if isinstance(of, Timeline):
        return lambda: of, False
    if isinstance(of, str | os.PathLike):
        loaded = Timeline.load(of)
        return lambda: loaded, False
    if isinstance(getattr(of, "timeline", None), Timeline):
        return lambda: of.timeline, not getattr(of, "closed", False)  # type: ignore[attr-defined]
    raise TypeError(
        f"an inspector shows a timeline, found {of!r} ({type(of).__name__}). Allowed: a Timeline, "
        "a session, a Replay, a LiveConsole, or the path of a saved timeline or a recording."
    )
