"""What a console does before and beside the talk so that the assistant does not hear itself.

An echo test, and the guard that holds the microphone back while the assistant speaks. Everything
here runs on rtkit's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rtkit.echo import Echo

from .echotest import EchoTest, echo_words
from .guard import FADING_MS, EchoGuard
from .sentences import NO_ECHO_TEST

if TYPE_CHECKING:
    from .host import Host

PATIENCE = 8.0  # seconds; a test takes 2.3
Told = Mapping[str, Any]


class Preflight:
    """The echo test and the guard of one console."""

    def __init__(self, host: Host, half_duplex: bool) -> None:
        self.guard = EchoGuard(half_duplex)
        self._host = host
        self._test: EchoTest | None = None
        self._timer: asyncio.TimerHandle | None = None
        host.board.show(half_duplex=half_duplex)

    def acts(self) -> dict[str, Callable[[Told], None]]:
        """What is done about which message of the page."""
        return {"echo": self._begin, "half_duplex": self._half_duplex}

    def hear(self, number: int, pcm: bytes) -> bool:
        """A frame of the microphone; whether it was meant for a test, or for nobody."""
        if self._test is not None and self._host.turns.live:
            self._finish({"running": False})  # the talk has begun
        if self._test is not None:
            self._test.hear(number, pcm)
        return not self._host.turns.live

    def told(self, told: Told) -> None:
        """What the page's player tells."""
        self.guard.told(told)
        if self._test is not None:
            self._test.told(told)

    def leave(self) -> None:
        """The page is gone."""
        self.guard.hush()
        if self._test is not None:
            self._finish({"running": False})

    def _begin(self, told: Told) -> None:
        link = self._host.link
        if link is None or self._test is not None or self._host.turns.live:
            return
        self._host.board.show(echo={"running": True})
        self._test = EchoTest(link, self._measured, first=int(told.get("first", 0)))
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._late)

    def _late(self) -> None:
        self._finish({"running": False, "verdict": "failed", "text": NO_ECHO_TEST})

    def _measured(self, echo: Echo) -> None:
        figures = {"level_db": echo.level_db, "delay_ms": echo.delay_ms}
        if echo.verdict == "heard" and echo.delay_ms is not None:
            self.guard.tail_ms = max(0.0, echo.delay_ms) + FADING_MS
        self._host.note("echo.measured", verdict=echo.verdict, **figures)
        self._finish({"running": False, "verdict": echo.verdict, "text": echo_words(echo)})

    def _finish(self, found: dict[str, Any]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._test = None
        self._host.board.show(echo=found)

    def _half_duplex(self, told: Told) -> None:
        self.guard.on = bool(told.get("on"))
        self._host.note("microphone.half_duplex", on=self.guard.on)
        self._host.board.show(half_duplex=self.guard.on)
