"""Those who watch a timeline grow, and those who wait for something to be true of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from .moments import Moment
from .timeline import Timeline

log = logging.getLogger("rtkit")
Watcher = Callable[[Moment], None]


class Audience:
    """Watchers and waiting conditions of one timeline; all on one loop."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._shown = len(timeline)
        self._watchers: list[Watcher] = []
        self._failing: list[Watcher] = []  # their fault was logged
        self._conditions: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    def watch(self, watcher: Watcher) -> None:
        """Show every moment from now on to `watcher`."""
        self._watchers.append(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """Show it nothing more."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)

    @contextmanager
    def watching(self, watcher: Watcher) -> Iterator[None]:
        """Show moments to `watcher` during a `with`."""
        self.watch(watcher)
        try:
            yield
        finally:
            self.unwatch(watcher)

    async def until(self, condition: Callable[[], bool], timeout: float | None) -> None:
        """Wait until a condition holds; it is asked again whenever something was shown."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (condition, future)
        self._conditions.append(entry)
        try:
            async with asyncio.timeout(timeout):
                await future
        finally:
            self._conditions.remove(entry)

    async def until_now(self, condition: Callable[[], bool], timeout: float | None) -> None:
        """As `until`, but not at all if it holds already."""
        if not condition():
            await self.until(condition, timeout)

    def show(self) -> None:
        """Show what is new, then see which conditions hold."""
        while self._shown < len(self._timeline):
            moment = self._timeline[self._shown]
            self._shown += 1
            for watcher in tuple(self._watchers):
                try:
                    watcher(moment)
                except Exception:  # a watcher's fault is not the session's
                    self._complain(watcher, moment)
        for condition, future in tuple(self._conditions):
            if not future.done() and condition():
                future.set_result(None)

    def _complain(self, watcher: Watcher, moment: Moment) -> None:
        """Log the fault of a watcher, its first one only: there is a moment every 20 ms."""
        if watcher not in self._failing:
            self._failing.append(watcher)
            log.exception("a subscriber of the session failed at %s", moment.type)

    def leave(self, error: Exception) -> None:
        """Nothing more will come: whoever waits gets this error."""
        fail([future for _, future in self._conditions], error)


class Complaints:
    """Those who want to know of errors that nobody waits for; without any, they are logged."""

    def __init__(self) -> None:
        self._handlers: list[Callable[[Exception], object]] = []

    def add(self, handler: Callable[[Exception], object]) -> None:
        """Tell this one too, from now on."""
        self._handlers.append(handler)

    def drop(self, handler: Callable[[Exception], object]) -> None:
        """Tell it nothing more."""
        if handler in self._handlers:
            self._handlers.remove(handler)

    def tell(self, error: Exception) -> None:
        """Hand an error to all; a handler that fails is logged with it."""
        if not self._handlers:
            log.warning("%s", error)
        for handler in tuple(self._handlers):
            try:
                handler(error)
            except Exception:  # a handler's fault is not the session's
                log.exception("a handler of errors failed at: %s", error)


def fail(futures: Iterable[asyncio.Future[Any]], error: Exception) -> None:
    """Give an error to whoever still waits for these."""
    for future in tuple(futures):
        if not future.done():
            future.set_exception(error)
            future.exception()  # its waiter may be gone: that is no complaint
