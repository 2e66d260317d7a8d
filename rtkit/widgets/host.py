"""The kernel's side of one console: between the page, the session and its player.

Everything here runs on rtkit's loop. The page says what the person does and what was played; the
session's moments become what the page shows. The session is opened when it is first needed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from rtkit.errors import RtkitError, SessionClosed

from . import interpreter
from .board import Board
from .sentences import CLOSED, ELSEWHERE, PUSH_TO_TALK, complaint, connection, ended, not_opened
from .speaker import BrowserPlayer
from .wire import RATE, Link, Sequence, message, parse, unpack

if TYPE_CHECKING:
    from rtkit.rerun import Replay
    from rtkit.session import Session
    from rtkit.timeline import Moment

log = logging.getLogger("rtkit")
EARLY_FRAMES = 500  # 10 s of sound are kept while the session opens
ALONE = 30.0  # seconds without a page before the session is closed
LEAST_FRAMES = 5  # 100 ms: the wire refuses to commit less
LAST_WORD = 0.3  # seconds of silence beyond the turn's own, when the microphone closes in mid-turn
SILENCE_MS = 500  # of a turn, when the session does not tell
Opener = Callable[[BrowserPlayer], "Session | Replay"]
Told = Mapping[str, Any]


class Host:
    """One console. `open_session(player)` connects; it is called in a thread of its own.

    `hint` is a sentence that a person should know before speaking.
    """

    def __init__(self, open_session: Opener, eager: bool, hint: str = "") -> None:
        self.session: Session | Replay | None = None  # the newest; it may be closed
        self.open = False
        self.board = Board()
        self.player = BrowserPlayer()
        self.link: Link | None = None
        self.live = False  # the microphone
        self.silent = False  # the page can play nothing
        self.frames = Sequence()
        self._open_session = open_session
        self._hint = hint
        self._eager = eager  # open the session as soon as a page is there
        self._opening: asyncio.Task[None] | None = None
        self._wanted = False  # nobody has gone while the session was being opened
        self._unsubscribe: Callable[[], None] = lambda: None
        self._early: list[bytes] = []
        self._alone: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

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
        self.player.enter(link)
        self.board.greet(link)
        if self._eager:
            self._need_session()

    def leave(self, link: Link) -> None:
        """The connection of a page is gone. Without any page the session ends after a while."""
        if link is not self.link:
            return
        self.link = self.board.link = None
        self.player.exit()
        self._microphone_off("the connection to the page was lost")
        self._alone = asyncio.get_running_loop().call_later(ALONE, self.close, "no page")

    def receive(self, link: Link, data: str | bytes) -> None:
        """A message of the page: sound, what was played, or what the person does."""
        if link is not self.link:
            return
        if isinstance(data, bytes):
            for pcm in self.frames.push(*unpack(data)):
                self._hear(pcm)
            return
        told = parse(data)
        act = ACTS.get(str(told.get("type")))
        if act is None:
            self.player.hear(told)
        else:
            act(self, told)

    def close(self, reason: str) -> None:
        """End the session and let the page go. The timeline stays."""
        self._wanted = False
        self._microphone_off(reason)
        self._note("console.closed", reason=reason)
        self.player.exit()
        self._end_session()
        link, self.link = self.link, None
        self.board.link = None
        if link is not None:
            link.send(message("bye", text=CLOSED))
            link.close()

    # what the person does

    def _microphone(self, told: Told) -> None:
        """Turned on, turned off, lost, or refused: the page says which, and what it shows."""
        reason = str(told.get("reason"))
        if told.get("on") or told.get("sentence"):
            self.board.notice = str(told.get("sentence") or "")
        if told.get("on"):
            self._microphone_on(told)
        elif self.live:
            self._microphone_off(reason)
        else:
            self._note("microphone.closed", reason=reason)

    def _microphone_on(self, told: Told) -> None:
        self.live, self.frames = True, Sequence()
        interpreter.hold(self)
        fields = {name: told.get(name) for name in ("label", "rate", "processing")}
        self._when_open(lambda: self._listening(fields))

    def _listening(self, fields: Told) -> None:
        self._note("microphone.opened", **fields)
        if self._manual():
            self.board.say(PUSH_TO_TALK, "hint")
        elif self._hint:
            self.board.say(self._hint, "hint")

    def _microphone_off(self, reason: str) -> None:
        if not self.live:
            return
        self.live = False
        interpreter.release(self)
        self._early.clear()
        hearing = self.board.screen.hearing
        self._note("microphone.closed", reason=reason)
        if self.board.notice == PUSH_TO_TALK:
            self.board.say("")
        if self._manual():
            self._end_manual_turn()
        elif hearing:
            self._hear(bytes(2 * int(RATE * (self._turn_silence() + LAST_WORD))))

    def _turns(self) -> Any:
        """The session's turn detection; None for manual turns."""
        effective: Any = self.session.effective if self.session is not None else {}
        return effective.get("audio", {}).get("input", {}).get("turn_detection", {})

    def _turn_silence(self) -> float:
        """Seconds of silence that end a turn: the person who stops in mid-word gets an answer."""
        return float(self._turns().get("silence_duration_ms", SILENCE_MS)) / 1000

    def _manual(self) -> bool:
        return self.open and self._turns() is None

    def _end_manual_turn(self) -> None:
        """Push to talk: what was said since the microphone opened is the turn."""
        if self.session is not None and self.frames.expected >= LEAST_FRAMES:
            self.session.send({"type": "input_audio_buffer.commit"})
            self.session.send({"type": "response.create"})

    def _mute(self, told: Told) -> None:
        self._note("microphone.muted", on=bool(told.get("on")))

    def _interrupt(self, told: Told) -> None:
        if self.open and self.session is not None:
            self.session.interrupt()

    def _text(self, told: Told) -> None:
        text = str(told.get("text", "")).strip()
        if text:
            self._when_open(lambda: self._send_text(text))

    def _silent(self, told: Told) -> None:
        """The page can play nothing: its answers are read."""
        self.silent = True
        self.player.exit()

    def _bye(self, told: Told) -> None:
        self.close(str(told.get("reason", "page closed")))

    def _hear(self, pcm: bytes) -> None:
        if self.open and self.session is not None:
            with suppress(SessionClosed):
                self.session.append(pcm)
        elif len(self._early) < EARLY_FRAMES:
            self._early.append(pcm)

    def _send_text(self, text: str) -> None:
        session = self.session
        assert session is not None
        if self.board.screen.responding or self.board.screen.sounding:
            session.interrupt()
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        session.send({"type": "conversation.item.create", "item": item})
        session.send({"type": "response.create"})

    # the session

    def _when_open(self, act: Callable[[], object]) -> None:
        """Do this now, or as soon as the session is open."""
        if self.open:
            act()
            return
        self._need_session().add_done_callback(lambda task: act() if self.open else None)

    def _need_session(self) -> asyncio.Task[None]:
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
        for pcm in self._early:
            session.append(pcm)
        self._early.clear()

    def _end_session(self) -> None:
        if not self.open or self.session is None:
            return
        self.open = False
        self._unsubscribe()
        task = asyncio.create_task(_close(self.session))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _take(self, moment: Moment) -> None:
        self.board.take(moment)
        if moment.type == "session.closed":
            self._end_session()
            self._sorry(ended(moment.event))
        elif sentence := complaint(moment.event):
            self.board.say(sentence)
        elif sentence := connection(moment.event, self.board.notice):
            self.board.say(sentence, "hint")

    def _sorry(self, sentence: str) -> None:
        """A problem that ends what the microphone was for."""
        self._microphone_off("the session ended")
        if self.link is not None:
            self.link.send(message("microphone", reason="the session ended"))
        self.board.say(sentence)

    def _note(self, type: str, **fields: Any) -> None:
        if self.open and self.session is not None:
            self.session.note({"type": type, **fields})


async def _close(session: Session | Replay) -> None:
    with suppress(RuntimeError):  # no thread any more: the process ends, and closes its sessions
        await asyncio.to_thread(session.close)


ACTS: Mapping[str, Callable[[Host, Told], None]] = {
    "microphone": Host._microphone,
    "mute": Host._mute,
    "interrupt": Host._interrupt,
    "text": Host._text,
    "silent": Host._silent,
    "bye": Host._bye,
}
"""Type of a page's message -> what is done about it; all others are the player's."""
