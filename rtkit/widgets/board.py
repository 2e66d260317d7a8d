"""What the page shows of a session: it takes the moments and sends the changes. On rtkit's loop."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from .costmeter import CostMeter
from .entryrows import Row, changed_from, row
from .screen import Screen, changes_lines
from .wire import Link, message

if TYPE_CHECKING:
    from rtkit.flow import Flow
    from rtkit.timeline import Moment, Timeline

    from .liveturn import LiveTurn

REFRESH = 0.05  # seconds between two drawings of the transcript, at least
SHARE = 0.1  # of the loop's time that reading the transcript may take


class Board:
    """One page's word, lines and notice; a page that comes later gets all of them at once."""

    def __init__(self) -> None:
        self.screen = Screen()
        self.notice = ""
        self.link: Link | None = None
        self._flow: Flow | None = None
        self.rows: list[Row] = []
        self._shown: dict[str, Any] = {"word": "ready"}
        self._expires_at: float | None = None  # as the page knows it
        self._timer: asyncio.TimerHandle | None = None
        self._gauges: tuple[CostMeter | LiveTurn, ...] = ()
        self._cost = 0.0  # seconds that the last reading of the transcript took

    def greet(self, link: Link) -> None:
        """Show a new page what there is."""
        self.link = link
        link.send(message("welcome", shown=self._shown, lines=self.rows, left=self._left()))
        if self.notice:
            self.say(self.notice)

    def begin(self, timeline: Timeline) -> None:
        """Show this timeline from now on."""
        from rtkit.flow import Flow

        from .liveturn import LiveTurn

        self.screen, self._flow = Screen(), Flow(timeline)
        self._gauges = (CostMeter(timeline), LiveTurn(timeline))
        for moment in timeline:
            self.screen.take(moment)
        for gauge in self._gauges:
            self.show(**gauge.now())
        self._show_left()
        self._draw()

    def take(self, moment: Moment) -> None:
        """One more moment."""
        self.screen.take(moment)
        for gauge in self._gauges:
            self.show(**gauge.take(moment))
        self.show(word=self.screen.word)
        self._show_left()
        if changes_lines(moment.type) and self._timer is None:
            wait = max(REFRESH, self._cost / SHARE)
            self._timer = asyncio.get_running_loop().call_later(wait, self._draw)

    def say(self, text: str, kind: str = "problem") -> None:
        """Show a plain sentence; "" takes it away."""
        self.notice = text
        self._send("notice", text=text, kind=kind)

    def show(self, **facts: Any) -> None:
        """Make these (as JSON knows them) part of the state that the page's regions draw."""
        changed = {k: v for k, v in facts.items() if k not in self._shown or self._shown[k] != v}
        self._shown |= changed
        if changed:
            self._send("show", shown=changed)

    def _show_left(self) -> None:
        if self.screen.expires_at != self._expires_at:
            self._expires_at = self.screen.expires_at
            self._send("left", seconds=self._left())

    def _left(self) -> float | None:
        """Seconds until the server ends the session; None where it told no end, or it is over."""
        left = (self.screen.expires_at or 0.0) - time.time()
        return left if left > 0 else None

    def _draw(self) -> None:
        self._timer = None
        if self._flow is None:
            return
        began = time.perf_counter()
        rows = [row(entry) for entry in self._flow.entries()]
        self._cost = time.perf_counter() - began
        first = changed_from(self.rows, rows)
        self.rows = rows
        if first is not None:
            self._send("lines", **{"from": first}, lines=rows[first:])
        self.show(word=self.screen.word)

    def _send(self, type: str, **fields: Any) -> None:
        if self.link is not None:
            self.link.send(message(type, **fields))
