"""A session goes on after its connection broke: what `recovery` decides, carried out.

Facts: `reconnecting {reason, attempt, wait_s}` before each try; `reconnected` once it holds again,
with the new `session` id, the number of `items` that were told anew, the `attempt`, `input_ms`
(from where the new session counts the input), the responses that were `kept` or are asked for
`again`, and `renamed` items if the server gave other ids; `input.lost` and `history.untold` for
what could not be carried over; `session.expiring {expires_in}` a minute before the end.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import events
from .dialects import turn_detection
from .errors import RtkitError, TargetError
from .events import create_response
from .lingering import Lingering
from .moments import Moment, Span
from .placement import merged
from .reading import Conversation
from .recovery import MARGIN_S, Cut, Fate, Told, Unsaid, fate, history, unanswered, unsaid
from .renewal import Countdown
from .retelling import Roll, retell
from .retries import AGAIN, Reconnect

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from .link import Link

log = logging.getLogger("rtkit")
STEADY_S = 30.0
"""A session that held so long begins the count of tries anew."""
RENEWED = "renewed before its end"
Dial = Callable[[], "Awaitable[ClientConnection]"]
ANSWER_SECONDS = 15.0


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

    # what the new session is told

    async def _tell(self, before: int) -> None:
        link, protocol = self._link, self._link.protocol
        await link.until(lambda: protocol.sessions > before, ANSWER_SECONDS)
        for wish in tuple(protocol.outgoing.wishes):
            protocol.outgoing.tell(wish, link.now)
        link.carry_out()
        await link.until(lambda: not protocol.outgoing.updating, ANSWER_SECONDS)
        protocol.adopt(link.now)
        assert self._cut is not None
        lost = [str(self._cut.unfinished.active)] if self._asks_again(self._cut) else []
        rows = history(Conversation(link.timeline), lost)
        self._restore(self._cut, rows, await retell(link, rows))

    def _asks_again(self, cut: Cut) -> bool:
        """Whether the response that broke off is asked for again: who waited may be gone."""
        if not cut.again or self._is_given_up(cut, cut.unfinished.author):
            return False
        return not cut.waited or bool(self._awaited)

    def _is_given_up(self, cut: Cut, create: Mapping[str, Any] | None) -> bool:
        """Whether somebody waited for what this leads to, and does so no more."""
        event_id = create["event_id"] if create else None
        return event_id in cut.expected and event_id not in self._link.expected

    def _restore(self, cut: Cut, rows: list[Told], roll: Roll) -> None:
        """In one step: the session holds again, and what was interrupted goes on."""
        link, protocol, active = self._link, self._link.protocol, cut.unfinished.active
        again = self._asks_again(cut)
        held = protocol.outgoing.held or []
        sound = self._unsaid([what for what in held if isinstance(what, Span)])
        creates = self._to_ask(cut, again)
        self._cut = None
        self._held_t, self.input_ms = link.now, sound.from_ms
        fact = {
            "type": "reconnected",
            "session": str(protocol.session.get("id", "")),
            "items": len(rows) - len(roll.refused),
            "attempt": self._tries,
            "input_ms": sound.from_ms,
            "kept": [active] if active and not again else [],
            "again": [active] if active and again else [],
        }
        sent = (str(row.item["id"]) for row in rows)
        renamed = {old: new for old, new in zip(sent, roll.items, strict=False) if old != new}
        link.note({**fact, "renamed": renamed} if renamed and not roll.refused else fact)
        if sound.lost_ms:
            link.note({"type": "input.lost", "ms": sound.lost_ms, "before_ms": sound.from_ms})
        self._go_on(cut, sound, creates)
        if active and not again:
            self._hand_over(cut, active)
        if not renamed and not roll.refused:
            self._lingering.keep(rows)

    def _go_on(self, cut: Cut, sound: Unsaid, creates: list[Mapping[str, Any]]) -> None:
        """Send what was sent and not taken, the sound, what was asked, then what was held."""
        link, protocol, now = self._link, self._link.protocol, self._link.now
        for moment in cut.talk.sent:
            protocol.outgoing.tell(moment.event, now)
        held = protocol.outgoing.held or []
        for span in merged(span for span in sound.spans if span not in held):
            protocol.outgoing.repeat(span, now)
        if cut.talk.questions.commit_event is not None:
            protocol.outgoing.tell(cut.talk.questions.commit_event, now)
        protocol.outgoing.held = [
            what for what in held if not isinstance(what, Span) or what in sound.spans
        ]
        for create in cut.unfinished.beside:
            if not self._is_given_up(cut, create):
                protocol.outgoing.tell(create, now)
        for create in reversed(creates):
            protocol.floor.ask_first(create)
        protocol.outgoing.go_on(now, first=len(creates))
        link.carry_out()

    def _hand_over(self, cut: Cut, active: str) -> None:
        """What came of the response is the answer."""
        if cut.unfinished.author is not None:
            self._link.answered(str(cut.unfinished.author["event_id"]), active)
        self._link.toolbox.cut(active)

    def _to_ask(self, cut: Cut, again: bool) -> list[Mapping[str, Any]]:
        """The creates for what has no answer."""
        unfinished, creates = cut.unfinished, []
        if again:
            creates.append(
                unfinished.author or self._link.protocol.outgoing.with_id(create_response())
            )
        if unfinished.sent is not None and not self._is_given_up(cut, unfinished.sent):
            creates.append(unfinished.sent)
        nothing_asked = unfinished.sent is None and unfinished.active is None
        if nothing_asked and unanswered(cut.talk) and self._automatic():
            creates.append(self._link.protocol.outgoing.with_id(create_response()))
        return creates

    def _automatic(self) -> bool:
        """Whether the server answers a turn without being asked."""
        detection = turn_detection(self._link.protocol.session)
        return detection is not None and detection.get("create_response", True) is not False

    def _unsaid(self, held: list[Span]) -> Unsaid:
        talk = Conversation(self._link.timeline)
        return unsaid(talk, held, by_hand=self._by_hand, judged_t=self._judged_t)

    @property
    def _by_hand(self) -> bool:
        return turn_detection(self._link.protocol.session) is None


def is_passing(error: BaseException) -> bool:
    """Whether a further try makes sense after this one failed so."""
    if isinstance(error, TargetError):
        return error.passing
    return error.code in AGAIN if isinstance(error, Broken) else True
