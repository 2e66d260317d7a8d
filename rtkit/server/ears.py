"""Runs the recogniser of one connection: one utterance after another, off the reader's way.

A recogniser that says of itself that it `overlaps` hears the next utterance while those before it
are still being finished, whose words then come in any order. With any other the next one waits.
What can pile up is bounded: with MOST_UNHEARD utterances unfinished, a new one is not heard, and of
one that is forgotten nothing stays in the queue.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
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
MOST_UNHEARD = 16
TOO_MANY = (
    f"{MOST_UNHEARD} utterances of this session are still waiting for their words, which is as "
    "many as may. Wait for their transcripts before you say more."
)


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
        self._queue: deque[Listen | Finish | Forget | None] = deque()
        self._filled = asyncio.Event()
        self._recogniser: Recogniser | None = None
        self._over = False  # a recogniser that comes to be now is closed at once
        self._making = threading.Lock()
        self._current: str | None = None
        self._guess = ""
        self._busy = False
        self._begun: str | None = None  # the item of the command under way
        self._failed: str | None = None  # why the recogniser is of no use for this utterance
        self._unfinished: set[str] = set()  # of which sound or an end was accepted
        self._refused: set[str] = set()
        self._finishing: dict[str, asyncio.Task[None]] = {}

    @property
    def idle(self) -> bool:
        """Whether everything that was asked has been done."""
        return not self._queue and not self._busy and not self._finishing

    def prepare(self) -> None:
        """Sound comes in: make the recogniser before somebody speaks."""
        self._add(None)

    def put(self, command: Listen | Finish | Forget) -> None:
        """Queue a command; nothing waits."""
        item_id = command.item_id
        if isinstance(command, Forget):
            self._drop(item_id)
            if item_id in (self._current, self._begun) or item_id in self._finishing:
                self._add(command)
            return
        if item_id not in self._unfinished | self._refused:
            if len(self._unfinished) < MOST_UNHEARD:
                self._unfinished.add(item_id)
            else:
                self._refused.add(item_id)
        if not (isinstance(command, Listen) and item_id in self._refused):
            self._add(command)

    def _add(self, command: Listen | Finish | Forget | None) -> None:
        self._queue.append(command)
        self._filled.set()

    def _drop(self, item_id: str) -> None:
        """Nothing more will be done for this item; the sound that waits for it is let go."""
        self._unfinished.discard(item_id)
        self._refused.discard(item_id)
        kept = [other for other in self._queue if other is None or other.item_id != item_id]
        self._queue = deque(kept)

    async def _next(self) -> Listen | Finish | Forget | None:
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        return self._queue.popleft()

    async def run(self) -> None:
        """Work until cancelled; the recogniser is closed at the end."""
        try:
            while True:
                command = await self._next()
                self._busy, self._begun = True, command.item_id if command else None
                await self._carry_out(command)
                self._busy, self._begun = False, None
        finally:
            for task in self._finishing.values():
                task.cancel()
            await asyncio.gather(*self._finishing.values(), return_exceptions=True)
            with self._making:
                self._over = True
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
                self._unfinished.discard(self._current)
            self._current, self._failed, self._guess = item_id, None, ""
            recogniser.begin()
        if self._failed is None:
            for at in range(0, len(samples), BITE):
                recogniser.feed(samples[at : at + BITE])
                await asyncio.sleep(0)
            self._tell_guess(item_id, recogniser.partial())

    async def _the_recogniser(self) -> Recogniser:
        if self._recogniser is None:
            await asyncio.to_thread(self._make)
        assert self._recogniser is not None
        return self._recogniser

    def _make(self) -> None:
        """In a thread of its own, which may take longer than the session lasts."""
        made = self._new_recogniser()
        with self._making:
            if not self._over:
                self._recogniser = made
                return
        made.close()

    def _tell_guess(self, item_id: str, guess: str) -> None:
        if guess != self._guess:
            self._guess = guess
            self._partial(item_id, guess)

    async def _finish(self, item_id: str) -> None:
        if self._recogniser is None or self._failed is not None or item_id != self._current:
            self._report_failure(item_id)
            return
        self._current = None
        finishing = asyncio.create_task(
            self._report(item_id, self._recogniser), name=f"rtkit words of {item_id}"
        )
        self._finishing[item_id] = finishing
        finishing.add_done_callback(lambda _: self._finishing.pop(item_id, None))
        if getattr(self._recogniser, "overlaps", False):
            await asyncio.sleep(0)  # it takes its utterance before another begins
        else:
            await asyncio.wait([finishing])

    async def _report(self, item_id: str, recogniser: Recogniser) -> None:
        try:
            heard = await recogniser.finish()
        except Exception as error:
            log.exception("the recogniser failed")
            self._unfinished.discard(item_id)
            self._unheard(item_id, f"{type(error).__name__}: {error}")
        else:
            self._unfinished.discard(item_id)
            self._heard(item_id, heard)

    def _report_failure(self, item_id: str) -> None:
        if item_id == self._current:
            self._current = None
        self._unfinished.discard(item_id)
        refused = TOO_MANY if item_id in self._refused else None
        self._refused.discard(item_id)
        self._unheard(item_id, refused or self._failed or "nothing was heard")

    def _forget(self, item_id: str) -> None:
        if (finishing := self._finishing.get(item_id)) is not None:
            finishing.cancel()
        if self._recogniser is not None and item_id == self._current:
            self._current = None
            self._recogniser.cancel()
