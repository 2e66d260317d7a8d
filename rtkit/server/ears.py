"""Runs the recogniser of one connection: one utterance after another, off the reader's way.

An utterance that begins while the one before is still being finished waits in the queue.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rtkit.server.commands import Finish, Forget, Listen

if TYPE_CHECKING:
    from rtkit.speech.recognition import Heard, Recogniser

log = logging.getLogger("rtkit.server")

BITE = 1600
"""Samples given to the recogniser at once; others get their turn in between."""


class Ears:
    """Carries out Listen, Finish and Forget. `new_recogniser` is called at the first need."""

    def __init__(
        self,
        new_recogniser: Callable[[], Recogniser],
        partial: Callable[[str, str], None],
        heard: Callable[[str, Heard], None],
        unheard: Callable[[str, str], None],
    ) -> None:
        self._new_recogniser = new_recogniser
        self._partial = partial
        self._heard = heard
        self._unheard = unheard
        self._queue: asyncio.Queue[Listen | Finish | Forget | None] = asyncio.Queue()
        self._recogniser: Recogniser | None = None
        self._current: str | None = None
        self._guess = ""
        self._busy = False
        self._failed: str | None = None  # why the recogniser is of no use for this utterance

    @property
    def idle(self) -> bool:
        """Whether everything that was asked has been done."""
        return self._queue.empty() and not self._busy

    def prepare(self) -> None:
        """Sound comes in: make the recogniser before somebody speaks."""
        self._queue.put_nowait(None)

    def put(self, command: Listen | Finish | Forget) -> None:
        """Queue a command; nothing waits."""
        self._queue.put_nowait(command)

    async def run(self) -> None:
        """Work until cancelled; the recogniser is closed at the end."""
        try:
            while True:
                command = await self._queue.get()
                self._busy = True
                await self._carry_out(command)
                self._busy = False
        finally:
            if self._recogniser is not None:
                self._recogniser.close()

    async def _carry_out(self, command: Listen | Finish | Forget | None) -> None:
        try:
            if command is None:
                await self._the_recogniser()
            elif isinstance(command, Listen):
                await self._listen(command.item_id, command.samples)
            elif isinstance(command, Finish):
                await self._finish(command.item_id)
            else:
                self._forget(command.item_id)
        except Exception as error:
            log.exception("the recogniser failed")
            self._failed = f"{type(error).__name__}: {error}"
            if isinstance(command, Finish):
                self._report_failure(command.item_id)

    async def _listen(self, item_id: str, samples: NDArray[np.int16]) -> None:
        recogniser = await self._the_recogniser()
        if item_id != self._current:
            if self._current is not None:
                recogniser.cancel()
            self._current, self._failed, self._guess = item_id, None, ""
            recogniser.begin()
        if self._failed is None:
            for at in range(0, len(samples), BITE):
                recogniser.feed(samples[at : at + BITE])
                await asyncio.sleep(0)
            self._tell_guess(item_id, recogniser.partial())

    async def _the_recogniser(self) -> Recogniser:
        if self._recogniser is None:
            self._recogniser = await asyncio.to_thread(self._new_recogniser)
        return self._recogniser

    def _tell_guess(self, item_id: str, guess: str) -> None:
        if guess != self._guess:
            self._guess = guess
            self._partial(item_id, guess)

    async def _finish(self, item_id: str) -> None:
        if self._recogniser is None or self._failed is not None or item_id != self._current:
            self._report_failure(item_id)
            return
        self._current = None
        self._heard(item_id, await self._recogniser.finish())

    def _report_failure(self, item_id: str) -> None:
        self._current = None
        self._unheard(item_id, self._failed or "nothing was heard")

    def _forget(self, item_id: str) -> None:
        if self._recogniser is not None and item_id == self._current:
            self._current = None
            self._recogniser.cancel()
