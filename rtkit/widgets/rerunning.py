"""The conversation so far, played once more in its console; then it goes on live.

Pauses in which nothing happened are passed over. Everything here runs on rtkit's loop.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rtkit.rerun import Replay
from rtkit.timeline import Timeline

from .sentences import NOTHING_SAID
from .speaker import BrowserPlayer

if TYPE_CHECKING:
    from .host import Host

LOOK = 0.2  # seconds between two looks at where it is
LONG_PAUSE, SHORT_PAUSE = 2.0, 0.5  # seconds: a longer one is cut to a shorter one
Told = Mapping[str, Any]


class Rerunning:
    """The replay of one console; `active` while one goes on."""

    def __init__(self, host: Host) -> None:
        self.player = BrowserPlayer()
        self._host = host
        self._replay: Replay | None = None
        self._times: list[float] = []
        self._timer: asyncio.TimerHandle | None = None

    @property
    def active(self) -> bool:
        return self._replay is not None

    def acts(self) -> dict[str, Callable[[Told], None]]:
        """What is done about which message of the page."""
        return {"replay": self._replay_or_stop}

    def _replay_or_stop(self, told: Told) -> None:
        timeline = self._host.whole()
        if not told.get("on"):
            self.stop()
        elif timeline is None:
            self._host.board.say(NOTHING_SAID, "hint")
        elif not self.active:
            self._begin(timeline)

    def _begin(self, timeline: Timeline) -> None:
        self._host.pause("a replay began")
        self._times = [moment.t for moment in timeline]
        replay = self._replay = Replay(timeline)
        if self._host.link is not None and not self._host.silent:
            self.player.enter(self._host.link)
        replay.attach(self.player)
        self._host.board.begin(replay.timeline)
        replay.subscribe(self._host.board.take)
        replay.play()
        self._look()

    def _look(self) -> None:
        """Show how far it is; pass over a pause; end it when all was shown."""
        replay = self._replay
        if replay is None:
            return
        position, end = replay.position, self._times[-1]
        if position >= end:
            self.stop()
            return
        self._host.board.show(replay={"position": round(position, 1), "duration": round(end, 1)})
        following = self._times[bisect_right(self._times, position)]
        if following - position > LONG_PAUSE:
            replay.seek(following - SHORT_PAUSE)
        self._timer = asyncio.get_running_loop().call_later(LOOK, self._look)

    def stop(self) -> None:
        """Back to the conversation itself."""
        replay, self._replay = self._replay, None
        if replay is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        replay.stop()
        self._host.board.show(replay=None)
        self._host.resume()
