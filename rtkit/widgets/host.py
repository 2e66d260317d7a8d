"""The kernel's side of one console: between the page, the session and its player.

Everything here runs on rtkit's loop. The page says what the person does and what was played; the
session's moments become what the page shows. The session is opened when it is first needed. Each
part of what a person can do has its own module: `preflight`, `turntaking`, `composing`,
`adjusting`, `keeping`, `rerunning`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rtkit.errors import RtkitError, SessionClosed
from rtkit.rerun import Replay

from .adjusting import Adjusting
from .board import Board
from .composing import Composing
from .keeping import Keeping
from .preflight import Preflight
from .rerunning import Rerunning
from .sentences import CLOSED, ELSEWHERE, complaint, connection, ended, not_opened
from .speaker import BrowserPlayer
from .turntaking import TurnTaking
from .wire import Link, message, parse, unpack

if TYPE_CHECKING:
    from rtkit.session import Session
    from rtkit.timeline import Moment, Timeline

log = logging.getLogger("rtkit")
EARLY_FRAMES = 500  # 10 s of sound are kept while the session opens
ALONE = 30.0  # seconds without a page before the session is closed
CHANGE_SETTINGS = ("session.created", "session.updated", "response.done", "session.closed")
Opener = Callable[[BrowserPlayer], "Session | Replay"]
Told = Mapping[str, Any]


class Host:
    """One console. `open_session(player)` connects; it is called in a thread of its own.

    `asked` is the session object that the console was made with. `hint` is a sentence that a
    person should know before speaking.
    """

    def __init__(
        self,
        open_session: Opener,
        eager: bool,
        asked: Mapping[str, Any],
        hint: str = "",
        half_duplex: bool = False,
    ) -> None:
        self.session: Session | Replay | None = None  # the newest; it may be closed
        self.open = False
        self.board = Board()
        self.player = BrowserPlayer()
        self.link: Link | None = None
        self.silent = False  # the page can play nothing
        self.turns = TurnTaking(self, hint)
        self.preflight = Preflight(self, half_duplex)
        self.rerun = Rerunning(self)
        self.adjusting = Adjusting(self, asked)
        self._open_session = open_session
        self._hint = hint
        self._eager = eager  # open the session as soon as a page is there
        self._opening: asyncio.Task[None] | None = None
        self._wanted = False  # nobody has gone while the session was being opened
        self._unsubscribe: Callable[[], None] = lambda: None
        self._early: list[bytes] = []
        self._alone: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._acts: dict[str, Callable[[Told], None]] = {
            "interrupt": self._interrupt,
            "silent": self._silent,
            "bye": self._bye,
        }
        for part in (
            self.turns,
            self.preflight,
            self.rerun,
            self.adjusting,
            Composing(self),
            Keeping(self),
        ):
            self._acts |= part.acts()

    # the page

    def arrive(self, link: Link) -> None:
        """A page has come; one that was here before is sent away."""
        old, self.link = self.link, link
        if old is not None:
            old.send(message("bye", text=ELSEWHERE))
            old.close()
        if self._alone is not None:
            self._alone.cancel()
        self.silent = False
        self.board.greet(link)
        self.player.enter(link)
        if self._eager:
            self.need_session()

    def leave(self, link: Link) -> None:
        """The connection of a page is gone. Without any page the session ends after a while."""
        if link is not self.link:
            return
        self.link = self.board.link = None
        self.player.exit()
        self.rerun.stop()
        self.preflight.leave()
        self.turns.away()
        self._alone = asyncio.get_running_loop().call_later(ALONE, self.close, "no page")

    def receive(self, link: Link, data: str | bytes) -> None:
        """A message of the page: sound, what was played, or what the person does."""
        if link is not self.link:
            return
        if isinstance(data, bytes):
            self._hear_frame(*unpack(data))
            return
        told = parse(data)
        act = self._acts.get(str(told.get("type")))
        if act is not None:
            act(told)
        else:
            self.preflight.told(told)
            self.player.hear(told)
            self.rerun.player.hear(told)

    def close(self, reason: str) -> None:
        """End the session and let the page go. The timeline stays."""
        self._wanted = False
        self.rerun.stop()
        self.turns.off(reason)
        self.note("console.closed", reason=reason)
        self.player.exit()
        self._end_session()
        link, self.link = self.link, None
        self.board.link = None
        if link is not None:
            link.send(message("bye", text=CLOSED))
            link.close()

    def _hear_frame(self, number: int, pcm: bytes) -> None:
        if not self.preflight.hear(number, pcm):
            for part in self.turns.frames.push(number, pcm):
                self.hear(self.preflight.guard.passed(part))

    # what the person does

    def _interrupt(self, told: Told) -> None:
        if self.open and self.session is not None:
            self.session.interrupt()

    def _silent(self, told: Told) -> None:
        """The page can play nothing: its answers are read."""
        self.silent = True
        self.player.exit()

    def _bye(self, told: Told) -> None:
        self.close(str(told.get("reason", "page closed")))

    def hear(self, pcm: bytes) -> None:
        """Sound of the microphone, for the session; kept while that is being opened."""
        if self.open and self.session is not None:
            with suppress(SessionClosed):
                self.session.append(pcm)
        elif len(self._early) < EARLY_FRAMES:
            self._early.append(pcm)

    # the session

    def when_open(self, act: Callable[[], object]) -> None:
        """Do this now, or as soon as the session is open; a replay ends."""
        self.rerun.stop()
        if self.open:
            act()
            return
        self.need_session().add_done_callback(lambda task: act() if self.open else None)

    def need_session(self) -> asyncio.Task[None]:
        """Open the session unless it is open, or being opened."""
        self._wanted = True
        if self._opening is None or (self._opening.done() and not self.open):
            self._opening = asyncio.create_task(self._connect())
        return self._opening

    async def _connect(self) -> None:
        self._end_session()
        self.player = BrowserPlayer()
        if self.link is not None and not self.silent:
            self.player.enter(self.link)
        try:
            session = await asyncio.to_thread(self._open_session, self.player)
        except RtkitError as error:
            self._sorry(str(error))
            return
        except Exception as error:  # the page must say that it failed, whatever it was
            log.exception("the session could not be opened")
            self._sorry(not_opened(error))
            return
        self.session, self.open = session, True
        if not self._wanted:
            self._end_session()
            return
        self.board.begin(session.timeline)
        if self._hint and not self.board.notice:
            self.board.say(self._hint, "hint")
        self._unsubscribe = session.subscribe(self._take)
        self.turns.begin(session)
        for pcm in self._early:
            session.append(pcm)
        self._early.clear()
        self.adjusting.show()

    def forget_early(self) -> None:
        """Drop the sound that waits for a session."""
        self._early.clear()

    def whole(self) -> Timeline | None:
        """All of the conversation; None when nothing was said."""
        session = self.session
        if session is None or not (self.board.rows or self.rerun.active):
            return None
        return getattr(session, "whole", session.timeline)

    def pause(self, reason: str) -> None:
        """Nobody speaks and nobody listens until `resume`."""
        self._hang_up_microphone(reason)
        if isinstance(self.session, Replay):
            self.session.pause()
        elif self.session is not None:
            self.session.interrupt()

    def resume(self) -> None:
        """Show the conversation again as it stands."""
        if self.session is not None:
            self.board.begin(self.session.timeline)
        if isinstance(self.session, Replay):
            self.session.resume()

    def _end_session(self) -> None:
        if not self.open or self.session is None:
            return
        self.open = False
        self._unsubscribe()
        task = asyncio.create_task(_close(self.session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take(self, moment: Moment) -> None:
        if not self.rerun.active:
            self.board.take(moment)
        if moment.type in CHANGE_SETTINGS:
            self.adjusting.show()
        if moment.type == "session.closed":
            self._end_session()
            self._sorry(ended(moment.event))
        elif sentence := complaint(moment.event):
            self.board.say(sentence)
        elif sentence := connection(moment.event, self.board.notice):
            self.board.say(sentence, "hint")

    def _sorry(self, sentence: str) -> None:
        """A problem that ends what the microphone was for."""
        self._hang_up_microphone("the session ended")
        self.board.say(sentence)

    def _hang_up_microphone(self, reason: str) -> None:
        self.turns.off(reason)
        if self.link is not None:
            self.link.send(message("microphone", reason=reason))

    def note(self, type: str, **fields: Any) -> None:
        """A fact for the timeline."""
        if self.open and self.session is not None:
            self.session.note({"type": type, **fields})


async def _close(session: Session | Replay) -> None:
    with suppress(RuntimeError):  # no thread any more: the process ends, and closes its sessions
        await asyncio.to_thread(session.close)
