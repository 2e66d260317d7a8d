"""The same words, the same voice, the same pause: a recorded user speaks to another server.

What the user said is taken from the recording (`rtkit.cues`) and said again to a session with
another configuration or another target. Answers are waited for and played by the clock, so that a
question comes as long after an answer as it did, and who spoke over an answer does so at the same
place in the new one, unless that has ended by then.

What the microphone sent between the turns goes too (`rtkit.ambience`), at the distance that it had
from the turn before, or, if it came after the answer, from the end of that: noise in it may be a
turn by the other configuration. A question waits until all of it has been sent; who speaks over an
answer does not wait, and the rest is left out. Where turns are ended by hand only turns are sent,
as with a button.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from . import background, events, exchange
from .agreement import sent_session
from .ambience import Interval, Murmur, read_ambience
from .cues import Cue, read_cues
from .errors import ConfigError, DataError, RtkitError, SessionClosed
from .link import Link
from .opening import ConfigLike
from .redaction import MASK
from .room import Room
from .session import connect
from .spoken import request
from .targets import Target
from .timeline import Timeline
from .toolbox import Approve
from .tools import Tool

if TYPE_CHECKING:
    from .server.local import ServerOptions

log = logging.getLogger("rtkit")
LOOK_EVERY = 0.01  # seconds


def resend(
    timeline: Timeline,
    config: ConfigLike | None = None,
    target: str | Target | None = None,
    *,
    api_key: str | None = None,
    server: ServerOptions | None = None,
    tools: Iterable[Tool | Callable[..., Any]] = (),
    approve: Approve | None = None,
    pace: float | None = 1.0,
    longest_pause: float | None = None,
    record: bool = False,
    timeout: float = 60.0,
) -> Timeline:
    """Say again what the user said, to another session; the timeline of that.

    Without `config` the session is configured as it was. `pace` is that of `Session.ask`: 2.0
    speaks and pauses twice as fast, None sends everything at once and does not listen to answers
    that nobody spoke over. `longest_pause` shortens longer pauses (seconds), and the sound in
    them. What fails for one question (no answer in `timeout` seconds, a refusal) stands on the new
    timeline as `resend.failed`, and the next one is asked. The other arguments are those of
    `connect`.

    DataError if the timeline holds nothing that a user said; ConfigError if its configuration held
    credentials, which are in no recording: give `config` then.
    """
    cues = read_cues(timeline)
    if not cues:
        raise DataError(f"{timeline!r} holds nothing that a user said, so nothing can be resent.")
    intervals = read_ambience(timeline, cues)
    if longest_pause is not None:
        cues = [_sooner(cue, longest_pause) for cue in cues]
        intervals = [
            interval if cue and cue.into else interval.at_most(longest_pause)
            for interval, cue in zip_longest(intervals, cues)
        ]
    wanted = _as_it_was(timeline) if config is None else config
    with connect(
        wanted,
        target,
        api_key=api_key,
        record=record,
        server=server,
        tools=tools,
        approve=approve,
    ) as session:
        background.run(_Speaker(session._link, pace, timeout).say(cues, intervals))
        return session.timeline


def _sooner(cue: Cue, longest_pause: float) -> Cue:
    return cue if cue.into else replace(cue, after_s=min(cue.after_s, longest_pause))


def _as_it_was(timeline: Timeline) -> dict[str, Any]:
    session = sent_session(timeline)
    if f'"{MASK}"' in str(session).replace("'", '"'):
        raise ConfigError(
            "the recorded configuration held credentials, which no recording keeps. Give resend "
            "the configuration: config=..."
        )
    return session


class _Speaker:
    """The user, who waits for the right moment and then speaks."""

    def __init__(self, link: Link, pace: float | None, timeout: float) -> None:
        self._link, self._pace, self._timeout = link, pace, timeout
        self._asked: asyncio.Task[None] | None = None  # the last question, and its answer
        self._room = Room(link, pace)
        self._mark = 0  # from here on the timeline tells of that answer

    async def say(self, cues: Sequence[Cue], intervals: Sequence[Interval]) -> None:
        """All of it; SessionClosed ends it, the timeline says why."""
        hearing = asyncio.create_task(self._room.run())
        try:
            for number, cue in enumerate(cues, 1):
                await self._right_moment(cue, intervals[number - 1].after)
                self._hear(intervals[number].during, cue.clip.duration if cue.clip else 0.0)
                self._mark = len(self._link.timeline)
                before, self._asked = self._asked, asyncio.create_task(self._ask(number, cue))
                if before is not None and not cue.into:
                    await before
            await self._right_moment(Cue(0.0, 0.0), ())
        except SessionClosed:
            log.warning("the session ended before all was said again")
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    def _hear(self, murmurs: Iterable[Murmur], after: float = 0.0) -> None:
        """Let this be heard so many seconds from now; a button keeps it out."""
        if self._link.talking.detection is not None:
            self._room.put(murmurs, after)

    async def _right_moment(self, cue: Cue, after: Iterable[Murmur]) -> None:
        """Wait until it is this cue's turn; `after` is heard meanwhile."""
        if self._asked is None:
            self._hear(after)
        elif cue.into and (began := await self._begun()) is not None:
            self._hear(after)
            due = began + cue.after_s
            while self._link.now < due and self._sounding():
                await asyncio.sleep(min(LOOK_EVERY, max(0.0, due - self._link.now)))
            self._room.clear()
            return
        else:
            await self._asked
            await self._heard(cue.heard_s)
            await self._all_sent()
            self._hear(after)
            await asyncio.sleep(0.0 if self._pace is None or cue.into else cue.after_s / self._pace)
        await self._all_sent()

    async def _all_sent(self) -> None:
        while not self._room.quiet:
            await self._tick()

    async def _begun(self) -> float | None:
        """When the answer began to sound; None if it never does."""
        assert self._asked is not None
        while (began := self._started()) is None:
            if self._asked.done() and not self._sounding():
                return None
            await self._tick()
        return began

    async def _heard(self, seconds: float | None) -> None:
        """Listen to so much of the answer, or to all of it; in a hurry to none."""
        while self._sounding() and self._pace is not None:
            began = self._started()
            if seconds is not None and began is not None and self._link.now >= began + seconds:
                return
            await self._tick()

    def _started(self) -> float | None:
        """When the last answer began to sound."""
        told = self._link.timeline[self._mark :]
        return next((m.t for m in told if m.type == "playback.started"), None)

    def _sounding(self) -> bool:
        return any(not item.over for item in self._link.protocol.speaking.items.values())

    async def _tick(self) -> None:
        if self._link.ended is not None:
            raise self._link.closed_error()
        await asyncio.sleep(LOOK_EVERY)

    async def _ask(self, number: int, cue: Cue) -> None:
        with suppress(SessionClosed):
            try:
                await self._put(cue)
            except SessionClosed:
                raise
            except RtkitError as error:
                self._link.note({"type": "resend.failed", "cue": number, "message": str(error)})

    async def _put(self, cue: Cue) -> None:
        link = self._link
        if cue.into and (cue.clip is None or link.talking.detection is None):
            link.interrupt()
        if cue.clip is not None:
            manner = exchange.Manner(self._pace, self._timeout, barge_in=cue.into, room=self._room)
            await exchange.ask(link, cue.clip, manner)
            return
        item = events.build(events.ITEM_CREATE, item=cue.item)
        if cue.wants_answer:
            await request(link, self._timeout, item, events.create_response())
        else:
            link.send(item)
