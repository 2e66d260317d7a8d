"""A session goes on after its connection broke: tries to open a new one, until one holds.

Facts: `reconnecting {reason, attempt, wait_s}` before each try; `reconnected` once it holds again
(`rtkit.resumption`); `session.expiring {expires_in}` a minute before the end.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from . import events
from .errors import RtkitError, TargetError
from .lingering import Lingering
from .moments import Moment
from .reading import Conversation
from .recovery import MARGIN_S, Cut, Fate, fate
from .renewal import Countdown
from .resumption import Resumption
from .retries import AGAIN, Reconnect

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from .link import Link

log = logging.getLogger("rtkit")
STEADY_S = 30.0
"""A session that held so long begins the count of tries anew."""
RENEWED = "renewed before its end"
Dial = Callable[[], "Awaitable[ClientConnection]"]


class Broken(RtkitError):
    """The new connection broke as well, before the session held again."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Reconnection:
    """Opens a new session whenever that of a link broke off, or is about to end."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._dial: Dial | None = None
        self._policy: Reconnect | None = None
        self._code: int | None = None  # with which the session broke off
        self._tries = 0
        self._awaited = 0  # calls of ask under way
        self._task: asyncio.Task[None] | None = None
        self._broken: asyncio.Future[Broken] | None = None
        self._cut: Cut | None = None
        self.input_ms = 0.0  # from where the session that is open counts the input
        self._told_t = self._judged_t = 0.0
        self._held_t = float("-inf")  # when the session held again
        self._countdown = Countdown(link, self._renew)
        self._lingering = Lingering(link)

    def arm(self, dial: Dial, policy: Reconnect | None) -> None:
        """From now on the session goes on when its connection breaks; with None it only counts."""
        self._dial, self._policy = dial, policy
        self._link.audience.watch(self._take)
        self._countdown.begin()

    @property
    def active(self) -> bool:
        """Whether a new connection is being tried."""
        return self._cut is not None

    @property
    def expires_in(self) -> float | None:
        """Seconds until the server ends the session; None if it told no end."""
        return self._countdown.expires_in

    def lately(self, seconds: float) -> bool:
        """Whether the connection was gone at any time in the last so many seconds."""
        return self.active or self._link.now - self._held_t < seconds

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """During a `with` somebody waits for a whole answer."""
        self._awaited += 1
        try:
            yield
        finally:
            self._awaited -= 1

    def begin(self, code: int, reason: str) -> bool:
        """The connection broke. Whether the session goes on."""
        if self._cut is not None:
            if self._broken is not None and not self._broken.done():
                self._broken.set_result(Broken(code, reason))
            return True
        if self._policy is None or code not in AGAIN:
            return False
        self._code = code
        self._start(reason)
        return True

    async def close(self) -> None:
        """Try no more."""
        self._cut = None
        self._countdown.close()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _take(self, moment: Moment) -> None:
        if moment.source == "server":
            self._told_t = moment.t
        if moment.type == events.RESPONSE_DONE:
            self._tries = 0
        self._countdown.take(moment)
        self._lingering.take(moment)

    def _renew(self) -> None:
        """The end is near, and nobody speaks."""
        if self._policy is not None and self._cut is None and not self._awaited:
            self._start(RENEWED)

    # the break

    def _start(self, reason: str) -> None:
        link, protocol = self._link, self._link.protocol
        if link.now - self._held_t > STEADY_S:
            self._tries = 0
        if self._told_t - MARGIN_S > max(self._held_t, 0.0):
            self._judged_t = self._told_t - MARGIN_S
        active = protocol.floor.active
        cancelled = active is not None and protocol.speaking.was_dropped(active)
        unfinished = protocol.hold()
        self._lingering.forget()
        waited, expected = bool(self._awaited), frozenset(link.expected)
        cut = Cut(Conversation(link.timeline), unfinished, waited, expected)
        if active and not cancelled:
            found = fate(cut.talk, active, now=link.now, waited=waited, cancelled=False)
            cut.again = found is Fate.AGAIN
        self._cut = cut
        speaking = protocol.speaking
        if cut.again:
            link.carry_out(speaking.stop(active))
        elif active:
            link.carry_out(speaking.complete(speaking.of_response(active)))
        self._task = link.loop.create_task(self._run(reason))

    async def _run(self, reason: str) -> None:
        try:
            problem = await self._try(reason)
        except Exception as error:  # a fault of ours must not leave the session half open
            log.exception("rtkit could not open the session again")
            problem = repr(error)
        if problem is not None:
            self._cut = None
            self._link.finish(f"{reason}; {problem}", self._code)

    async def _try(self, reason: str) -> str | None:
        """Try until the session holds again: None; else why it does not."""
        assert self._policy is not None
        link, problem = self._link, ""
        await link.detach()
        while self._tries < self._policy.tries:
            self._tries += reason != RENEWED or bool(problem)
            wait = self._policy.wait_s(self._tries, random.random()) if self._tries else 0.0
            fact = {"type": "reconnecting", "reason": problem or reason, "attempt": self._tries}
            link.note({**fact, "wait_s": round(wait, 3)})
            await asyncio.sleep(wait)
            try:
                await self._once()
                return None
            except (RtkitError, TimeoutError) as error:
                problem = str(error) or "the server did not answer"
                self._code = error.code if isinstance(error, Broken) else self._code
                await link.detach()
                if not is_passing(error):
                    return f"it could not be opened again: {problem}"
        last = f", the last: {problem}" if problem else ", each broke off as well"
        return f"{self._tries} tries to open it again failed{last}"

    async def _once(self) -> None:
        assert self._dial is not None
        socket = await self._dial()
        broken = self._broken = self._link.loop.create_future()
        before = self._link.protocol.sessions
        self._link.attach(socket)
        work = asyncio.create_task(self._tell(before))
        try:
            await asyncio.wait({work, broken}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise broken.result()
            work.result()
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _tell(self, before: int) -> None:
        """Until the session holds again, and what was interrupted goes on."""
        assert self._cut is not None
        resumption = Resumption(self._link, self._cut, lambda: bool(self._awaited))
        await resumption.tell(before)
        sound = resumption.unsaid(self._judged_t)
        self._cut = None
        self._held_t, self.input_ms = self._link.now, sound.from_ms
        resumption.note(sound, self._tries)
        if not resumption.renamed:
            self._lingering.keep(resumption.rows)
        resumption.go_on(sound)


def is_passing(error: BaseException) -> bool:
    """Whether a further try makes sense after this one failed so."""
    if isinstance(error, TargetError):
        return error.passing
    return error.code in AGAIN if isinstance(error, Broken) else True
