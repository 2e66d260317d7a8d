"""A conversation with a realtime server: in a script, in a notebook cell, in async code.

    with rtkit.connect() as session:
        turn = session.ask("What is the capital of France?")

    async with rtkit.connect_async() as session:
        turn = await session.ask("What is the capital of France?")

Both are thin: the session itself (`rtkit.link`) lives on one background thread with its own loop,
where its socket is always read, whatever the caller's thread is doing. `send`, `append`, `note`
and `interrupt` only hand something over and may be called from any thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from . import background, exchange
from .clip import Clip
from .handle import Handle
from .moments import Moment
from .opening import ConfigLike, Opening
from .playback import Player
from .retries import Reconnect
from .targets import ClientSecret, Target
from .toolbox import Approve
from .tools import Tool
from .turns import Turn

if TYPE_CHECKING:
    from .server.local import ServerOptions

T = TypeVar("T")
WAIT_SECONDS = 10.0


def connect(
    config: ConfigLike | None = None,
    target: str | Target | None = None,
    *,
    api_key: str | ClientSecret | None = None,
    record: bool = True,
    player: Player | None = None,
    server: ServerOptions | None = None,
    tools: Iterable[Tool | Callable[..., Any]] = (),
    approve: Approve | None = None,
    reconnect: bool | Reconnect = True,
) -> Session:
    """An open session with the embedded server, or with the target that is named.

    `target` is "openai", "azure", a URL or an `rtkit.target(...)`; without it RTKIT_TARGET, else
    the embedded server, for which `server` holds settings. `api_key` is the key itself or an
    ephemeral one (`rtkit.client_secret`), whose configuration holds if `config` is left out.
    `config` is a RealtimeSessionConfig or a GA session dict. With `record` the timeline is
    written to a folder as it grows. `player` plays the answers; by default they are played to
    nobody, by the clock, so that they can be interrupted. `tools` are typed functions (see
    `rtkit.tool`) that the model may call; they are run and answered by the session, and `approve`
    is asked before those that need it. When the connection breaks, the conversation goes on in a
    new session, with the same settings and the history in words (see `rtkit.recovery`);
    `reconnect` is False for one that ends then, or Reconnect(tries=...).

    TargetError if the server cannot be reached, SessionError if it refuses the configuration.
    """
    opening = Opening(config, target, api_key, record, player, server, tools, approve, reconnect)
    return Session(background.run(opening.open()), config)


def connect_async(
    config: ConfigLike | None = None,
    target: str | Target | None = None,
    *,
    api_key: str | ClientSecret | None = None,
    record: bool = True,
    player: Player | None = None,
    server: ServerOptions | None = None,
    tools: Iterable[Tool | Callable[..., Any]] = (),
    approve: Approve | None = None,
    reconnect: bool | Reconnect = True,
) -> Connecting:
    """As `connect`, for async code: `async with connect_async() as session`, or await it."""
    return Connecting(
        Opening(config, target, api_key, record, player, server, tools, approve, reconnect)
    )


class Session(Handle):
    """An open session; its methods wait. Use it in a `with`, or call `close`."""

    def ask(
        self,
        question: str | Clip,
        *,
        pace: float | None = 1.0,
        timeout: float = 60.0,
        barge_in: bool = False,
        wait_for_playback: bool = False,
    ) -> Turn:
        """Put a question, in words or as sound, and wait for the complete answer.

        A clip is spoken in real time (`pace` 2.0 is twice as fast, None at once). `timeout` counts
        from the end of the question. A new question ends the playback of the last answer; with
        `barge_in` it interrupts it, as a person would who speaks over it.

        TurnTimeout if no answer comes or no speech is heard; SessionError if the server refuses
        or fails; SessionClosed if the session ends. An interrupt from the keyboard leaves the
        session usable.
        """
        manner = exchange.Manner(pace, timeout, barge_in, wait_for_playback)
        return self._run(self._asking(question, manner))

    def update(self, config: ConfigLike) -> None:
        """Change the session; SessionError if the server refuses, which then changes nothing."""
        self._run(self._updating(config))

    def wait_for(self, type_: str, timeout: float = WAIT_SECONDS) -> Moment:
        """The next moment of a type since the last `send`, `ask` or `wait_for`."""
        return self._run(self._waiting_for(type_, timeout))

    def close(self) -> None:
        """End the session. Its timeline stays."""
        self._run(self._link.close())

    def _run(self, coro: Coroutine[Any, Any, T]) -> T:
        return background.run(coro)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncSession(Handle):
    """An open session for async code, in whichever loop; its slow methods are awaited."""

    async def ask(
        self,
        question: str | Clip,
        *,
        pace: float | None = 1.0,
        timeout: float = 60.0,
        barge_in: bool = False,
        wait_for_playback: bool = False,
    ) -> Turn:
        """As `Session.ask`."""
        manner = exchange.Manner(pace, timeout, barge_in, wait_for_playback)
        return await _on_loop(self._asking(question, manner))

    async def update(self, config: ConfigLike) -> None:
        """As `Session.update`."""
        await _on_loop(self._updating(config))

    async def wait_for(self, type_: str, timeout: float = WAIT_SECONDS) -> Moment:
        """As `Session.wait_for`."""
        return await _on_loop(self._waiting_for(type_, timeout))

    async def close(self) -> None:
        """End the session. Its timeline stays."""
        await _on_loop(self._link.close())

    async def __aenter__(self) -> AsyncSession:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


class Connecting:
    """A session that is about to be opened: `async with` it, or await it."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._session: AsyncSession | None = None

    def __await__(self) -> Generator[Any, None, AsyncSession]:
        return self._connect().__await__()

    async def __aenter__(self) -> AsyncSession:
        self._session = await self._connect()
        return self._session

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session:
            await self._session.close()

    async def _connect(self) -> AsyncSession:
        return AsyncSession(await _on_loop(self._opening.open()), self._opening.config)


async def _on_loop(coro: Coroutine[Any, Any, T]) -> T:
    """Await in the caller's loop what runs on the session's."""
    return await asyncio.wrap_future(background.spawn(coro))
