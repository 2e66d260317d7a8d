"""How a person's sound becomes turns: the microphone, and the button that is held while speaking.

Everything here runs on rtkit's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rtkit.errors import SessionClosed
from rtkit.session import Session

from . import interpreter
from .sentences import HOLD, OWN_EARS
from .wire import RATE, Sequence

if TYPE_CHECKING:
    from .host import Host

LAST_WORD = 0.3  # seconds of silence beyond the turn's own, when the microphone closes in mid-turn
SILENCE_MS = 500  # of a turn, when the session does not tell
GRACE = 3.0  # seconds in which a page may come back by another way, with its microphone open
Told = Mapping[str, Any]


class TurnTaking:
    """The microphone of one console. `held` is True while the button is down."""

    def __init__(self, host: Host, hint: str) -> None:
        self.live = False
        self.held = False
        self.frames = Sequence()
        self._host = host
        self._hint = hint
        self._away: asyncio.TimerHandle | None = None

    def acts(self) -> dict[str, Callable[[Told], None]]:
        """What is done about which message of the page."""
        return {
            "microphone": self._microphone,
            "mute": self._mute,
            "press": self._press,
            "release": self._release,
        }

    def away(self) -> None:
        """The page is gone, or only looks for another way."""
        if self.live:
            gone = "the connection to the page was lost"
            self._away = asyncio.get_running_loop().call_later(GRACE, self.off, gone)

    def off(self, reason: str) -> None:
        """The microphone is closed. What was said until now is a turn."""
        if not self.live:
            return
        self.live = False
        self._stay()
        interpreter.release(self)
        self._host.forget_early()
        hearing = self._host.board.screen.hearing
        self._host.note("microphone.closed", reason=reason)
        if self.held:
            self._release({})
        elif hearing and self._turns() is not None:
            self._host.hear(bytes(2 * int(RATE * (self._turn_silence() + LAST_WORD))))

    def begin(self, session: object) -> None:
        """A session has been opened; the button may be down already."""
        if self.held and isinstance(session, Session):
            self._press_down(session)

    # what the page tells

    def _microphone(self, told: Told) -> None:
        """Turned on, turned off, lost, or refused: the page says which, and what it shows."""
        reason = str(told.get("reason"))
        if told.get("on") or told.get("sentence"):
            self._host.board.notice = str(told.get("sentence") or "")
        if told.get("on"):
            self._on(told)
        elif self.live:
            self.off(reason)
        else:
            self._host.note("microphone.closed", reason=reason)

    def _stay(self) -> None:
        if self._away is not None:
            self._away.cancel()
            self._away = None

    def _on(self, told: Told) -> None:
        """Opened; or it is another one now, or the same by another way: then the turn goes on."""
        fields = {name: told.get(name) for name in ("label", "rate", "processing")}
        self._stay()
        if self.live:
            link = self._host.link
            self._host.note("microphone.changed", **fields, path=link and link.path)
            return
        self.live, self.frames = True, Sequence(int(told.get("first", 0)))
        interpreter.hold(self)
        self._host.when_open(lambda: self._listening(fields))

    def _listening(self, fields: Told) -> None:
        self._host.note("microphone.opened", **fields)
        if self._hint:
            self._host.board.say(self._hint, "hint")

    def _mute(self, told: Told) -> None:
        self._host.note("microphone.muted", on=bool(told.get("on")))

    def _press(self, told: Told) -> None:
        """The button went down."""
        if self.held:
            return
        self.held = True
        self._host.rerun.stop()
        if self._host.open:
            self.begin(self._host.session)
        else:
            self._host.need_session()

    def _press_down(self, session: Session) -> None:
        try:
            session.press()
        except ValueError:
            self._host.board.say(OWN_EARS)
        except SessionClosed:
            pass  # the page is told by the session's last moment

    def _release(self, told: Told) -> None:
        """The button went up: the turn is over. A tap is none, and says what to do instead."""
        if told.get("tap"):
            self._host.board.say(HOLD, "hint")
        if self.held:
            self.held = False
            self._host.when_open(self._released)

    def _released(self) -> None:
        if isinstance(self._host.session, Session) and not self._host.session.closed:
            self._host.session.release()

    # the session's turn detection

    def _turns(self) -> Any:
        """The session's turn detection; None for manual turns."""
        effective: Any = self._host.session.effective if self._host.session is not None else {}
        return effective.get("audio", {}).get("input", {}).get("turn_detection", {})

    def _turn_silence(self) -> float:
        """Seconds of silence that end a turn: the person who stops in mid-word gets an answer."""
        return float(self._turns().get("silence_duration_ms", SILENCE_MS)) / 1000
