"""What a form changes, sent to a live session: the newest configuration, once it has settled.

Everything here runs on rtkit's loop; what came of an update is told in a thread of its own, so
that whoever takes it may wait for a lock without holding up the session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rtkit import background
from rtkit.comparison import Difference, Differences, applied
from rtkit.draft import as_config
from rtkit.errors import ConfigError, RtkitError, SessionClosed, SessionError
from rtkit.form import Config
from rtkit.moments import Moment
from rtkit.redaction import Redactor
from rtkit.schema import children, field
from rtkit.session import AsyncSession, Session
from rtkit.sessionconfig import RealtimeSessionConfig

from .sentences import AS_IT_WAS

SETTLED = 0.25  # seconds without a change
LIVE: TypeAlias = Session | AsyncSession

DONE = "It works with this configuration."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one update: a word, a sentence, and the field that the server names, if any."""

    word: Literal["waiting", "applied", "otherwise", "refused", "closed"]
    text: str
    config: Config | None = None
    param: str | None = None


CLOSED = Outcome("closed", "Changes stay in this form; a new session can begin with them.")


class Updates:
    """Sends configurations to one session; `tell` gets every outcome."""

    def __init__(self, session: LIVE, tell: Callable[[Outcome], None]) -> None:
        self._session = session
        self._tell = tell
        self._newest: Config | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._sending = asyncio.Lock()
        self._unsubscribe = session.subscribe(self._see)

    def want(self, config: Config) -> None:
        """Send this one 250 ms from now unless another comes; from any thread."""
        background.loop().call_soon_threadsafe(self._schedule, config)

    def close(self) -> None:
        """Send nothing more."""
        self._unsubscribe()
        background.loop().call_soon_threadsafe(self._drop)

    def _schedule(self, config: Config) -> None:
        self._drop()
        self._newest = config
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(SETTLED, lambda: background.spawn(self._send()))

    def _drop(self) -> None:
        self._newest = None
        if self._timer is not None:
            self._timer.cancel()

    async def _send(self) -> None:
        async with self._sending:
            config, self._newest = self._newest, None
            if config is not None:
                outcome = await update(self._session, config)
                await asyncio.to_thread(self._tell, outcome)

    def _see(self, moment: Moment) -> None:
        if moment.type == "session.closed":
            background.spawn(asyncio.to_thread(self._tell, CLOSED))


async def update(session: LIVE, config: Config) -> Outcome:
    """Change the session and say what came of it."""
    try:
        if isinstance(session, Session):
            await asyncio.to_thread(session.update, config)
        else:
            await session.update(config)
    except SessionClosed:
        return replace(CLOSED, config=config)
    except SessionError as error:
        return Outcome("refused", f"{error} {AS_IT_WAS}", config, error.param)
    except RtkitError as error:
        return Outcome("refused", f"It was not sent: {error} {AS_IT_WAS}", config)
    return _taken(config, session.differences)


def _taken(config: Config, differences: Differences) -> Outcome:
    if not differences:
        return Outcome("applied", DONE, config)
    told = "; ".join(_told(each) for each in differences)
    return Outcome("otherwise", f"Not all is as asked: {told}.", config)


def _told(found: Difference) -> str:
    asked, effective = Redactor().shown([found.asked, found.effective])
    now = "is not shown" if found.kind == "not shown" else f"is {effective!r}"
    return f"`{found.path}` {now}, asked was {asked!r} ({found.why.rstrip('.')})"


def in_force(session: LIVE) -> Config:
    """The configuration that a session works with: the one it was opened with, or what it shows.

    Functions that the session calls by itself are among its tools, but not in its configuration.
    """
    config = RealtimeSessionConfig() if session.config is None else as_config(session.config)
    if not [each for each in applied(config, session.effective) if each.path != "tools"]:
        return config
    shown = {
        name: value
        for name, value in session.effective.items()
        if name in children("") and not field(name).read_only
    }
    try:
        return as_config(shown | {"tools": config.to_session().get("tools", [])})
    except ConfigError:  # a server with values of its own
        return config
